import type { ParsedScenario } from './schema.ts';

/** Whether operations begin when they arrive (an open model), and not when a virtual user is free for the next one. */
export function takesArrivals(scenario: ParsedScenario): boolean {
  return scenario.executor === 'shape' ? scenario.load === 'rate' : scenario.executor.endsWith('-arrival-rate');
}
