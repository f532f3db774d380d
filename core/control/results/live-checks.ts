import type { LeanDraft } from '../../verdict/run-draft.ts';
import { checkValidity } from '../../verdict/validity.ts';
import type { RunAgent } from '../load/run-agent.ts';

/** Checks that say something while the load runs; the others need its end. */
const LIVE = new Set([
  'generator-saturated',
  'generator-lag',
  'send-delay',
  'agents-complete',
  'local-errors',
  'dropped-arrivals',
]);

/**
 * Validity checks that fail so far, a sentence each.
 * @param runAgents the agents of the draft, in its order
 */
export function failingChecks(draft: LeanDraft, runAgents: readonly RunAgent[]): string[] {
  const agents = draft.agents.map((agent, i) => {
    const isLost = runAgents[i]?.lostUs !== undefined && agent.closingTotals === 'missing';
    // What an agent that is here has not told yet is on its way.
    if (isLost) return agent;
    return { ...agent, closingTotals: 'agree' as const, missing: [] };
  });
  return checkValidity({ ...draft, agents })
    .filter(({ name, ok }) => !ok && LIVE.has(name))
    .map(({ finding }) => finding);
}
