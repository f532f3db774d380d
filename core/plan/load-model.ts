import type { ParsedScenario } from './schema.ts';

/** A scenario of an open model. */
export type ArrivalScenario = Extract<ParsedScenario, { arrivals: unknown }> &
  ({ executor: Exclude<ParsedScenario['executor'], 'shape'> } | { load: 'rate' });

/** Whether operations begin when they arrive (an open model), and not when a virtual user is free for the next one. */
export function takesArrivals(scenario: ParsedScenario): scenario is ArrivalScenario {
  return scenario.executor === 'shape' ? scenario.load === 'rate' : scenario.executor.endsWith('-arrival-rate');
}
