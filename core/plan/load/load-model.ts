import type { ParsedPlan, ParsedScenario } from '../schema.ts';

/** A scenario of an open model. */
export type ArrivalScenario = Extract<ParsedScenario, { arrivals: unknown }> &
  (
    | { executor: Exclude<ParsedScenario['executor'], 'shape' | 'find-max'> }
    | { load: 'rate' }
    | { executor: 'find-max'; of: 'rate' }
  );

/** Whether operations begin when they arrive (an open model), instead of when a virtual user is free (a closed model). */
export function takesArrivals(scenario: ParsedScenario): scenario is ArrivalScenario {
  if (scenario.executor === 'shape') return scenario.load === 'rate';
  if (scenario.executor === 'find-max') return scenario.of === 'rate';
  return scenario.executor.endsWith('-arrival-rate');
}

/** A scenario whose load is decided while it runs: control sends its level second by second. */
export type LiveScenario = Extract<ParsedScenario, { executor: 'shape' | 'find-max' }>;

export function isLive(scenario: ParsedScenario): scenario is LiveScenario {
  return scenario.executor === 'shape' || scenario.executor === 'find-max';
}

const HIGHEST = { rate: 100_000, vus: 1000 } as const;

/** The highest level that control may ask for; there is none for arrivals of a shape. */
export function highestLevel(scenario: LiveScenario): number {
  if (scenario.executor === 'find-max') return scenario.to ?? HIGHEST[scenario.of];
  return scenario.load === 'vus' ? scenario.maxVus : Number.POSITIVE_INFINITY;
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
