import type { ParsedPlan, ParsedScenario } from './schema.ts';

/** A scenario of an open model. */
export type ArrivalScenario = Extract<ParsedScenario, { arrivals: unknown }> &
  ({ executor: Exclude<ParsedScenario['executor'], 'shape'> } | { load: 'rate' });

/** Whether operations begin when they arrive (an open model), instead of when a virtual user is free (a closed model). */
export function takesArrivals(scenario: ParsedScenario): scenario is ArrivalScenario {
  return scenario.executor === 'shape' ? scenario.load === 'rate' : scenario.executor.endsWith('-arrival-rate');
}

/**
 * Whether the scenario ends after a number of iterations. These never move to another agent, because only the agent that
 * has them knows how many of them it has used.
 */
export function countsIterations(scenario: ParsedScenario): boolean {
  return 'iterations' in scenario;
}

/** Whether an iteration is a pass through a flow or a script, instead of one operation. */
export function hasJourney({ flow, user }: ParsedScenario): boolean {
  return flow !== undefined || user !== undefined;
}

/** Whether any of the plan's load can move from one agent to another while it runs. */
export function isLoadMovable({ scenarios }: ParsedPlan): boolean {
  return !Object.values(scenarios).every(countsIterations);
}
