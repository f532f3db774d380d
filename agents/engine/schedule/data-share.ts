import { takesArrivals } from '../../../core/plan/load-model.ts';
import type { ParsedScenario } from '../../../core/plan/schema.ts';
import { type Share, shareByUsers } from '../../../core/plan/split.ts';

/**
 * This agent's share of what the virtual users of these scenarios use up together. Arrivals and shared iterations are split by
 * the agent's share itself, and so is what they use up.
 */
export function dataShare(scenarios: readonly ParsedScenario[], share: Share): Share {
  const isSplit = scenarios.some((scenario) => takesArrivals(scenario) || scenario.executor === 'shared-iterations');
  return isSplit || share.slots.length === 0 ? share : shareByUsers(scenarios, share);
}
