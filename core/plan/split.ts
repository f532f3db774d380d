import { loadProfile } from './profile.ts';
import type { ParsedPlan, ParsedScenario } from './schema.ts';

/**
 * An agent's share of a run. Virtual user i and arrival i belong to agent i mod `agents`, so that the shares interleave
 * exactly and add up to the whole, whatever the number of agents.
 */
export interface Share {
  readonly index: number;
  readonly agents: number;
}

/** How many of the indices 0 … total − 1 belong to this share. */
export function shareOf(total: number, { index, agents }: Share): number {
  return Math.max(0, Math.ceil((total - index) / agents));
}

/** The index, over all agents, of the share's n-th one (n from 0). */
export function globalIndex(n: number, { index, agents }: Share): number {
  return index + n * agents;
}

/** Virtual users that a scenario may have alive at once, all agents together. */
export function mostVus(scenario: ParsedScenario): number {
  if ('maxVus' in scenario) return scenario.maxVus;
  return 'vus' in scenario ? scenario.vus : loadProfile(scenario, 0).peak;
}

/** When a scenario's load begins and ends, in microseconds from the run's start; the graceful stop comes after. */
export interface ScenarioTime {
  /** Warm-up load begins. */
  readonly startUs: number;
  /** 0 when the scenario has no part in the warm-up. */
  readonly warmupUs: number;
  readonly endUs: number;
  readonly gracefulStopUs: number;
}

const DEFAULT_GRACEFUL_STOP_US = 30e6;

/** A scenario that starts with the run takes part in the warm-up; one with an offset starts that long after it. */
export function scenarioTime(plan: ParsedPlan, scenario: ParsedScenario): ScenarioTime {
  const offsetUs = scenario.startTime ?? 0;
  const planWarmupUs = plan.warmup ?? 0;
  const warmupUs = offsetUs === 0 ? planWarmupUs : 0;
  const startUs = offsetUs === 0 ? 0 : planWarmupUs + offsetUs;
  return {
    startUs,
    warmupUs,
    endUs: startUs + loadProfile(scenario, warmupUs).durationUs,
    gracefulStopUs: scenario.gracefulStop ?? DEFAULT_GRACEFUL_STOP_US,
  };
}

/** When the last scenario's load ends, in microseconds from the run's start. */
export function plannedDurationUs(plan: ParsedPlan): number {
  return Math.max(...Object.values(plan.scenarios).map((scenario) => scenarioTime(plan, scenario).endUs));
}
