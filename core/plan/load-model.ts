import type { ParsedPlan, ParsedScenario } from './schema.ts';

/** A scenario of an open model. */
export type ArrivalScenario = Extract<ParsedScenario, { arrivals: unknown }> &
  ({ executor: Exclude<ParsedScenario['executor'], 'shape'> } | { load: 'rate' });

/** Whether operations begin when they arrive (an open model), and not when a virtual user is free for the next one. */
export function takesArrivals(scenario: ParsedScenario): scenario is ArrivalScenario {
  return scenario.executor === 'shape' ? scenario.load === 'rate' : scenario.executor.endsWith('-arrival-rate');
}

/**
 * Whether it ends after a number of iterations. They stay with the agent that has them from the start: what it has used
 * up of them is not known elsewhere.
 */
export function countsIterations(scenario: ParsedScenario): boolean {
  return 'iterations' in scenario;
}

/** Whether any of the plan's load can go from one agent to another while it runs. */
export function isLoadMovable({ scenarios }: ParsedPlan): boolean {
  return !Object.values(scenarios).every(countsIterations);
}
