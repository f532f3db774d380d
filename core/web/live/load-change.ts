import type { LoadChange } from '../../plan/load/load-change.ts';
import { takesArrivals } from '../../plan/load/load-model.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import type { RunEventData } from '../api/run-events.ts';

/** A change of the load as the API tells it. */
export function shownLoadChange(
  change: LoadChange,
  { scenarios }: Pick<ParsedPlan, 'scenarios'>,
): RunEventData<'load'> {
  const { kind, atUs } = change;
  if (kind !== 'level') return { atUs, kind, scenario: null, of: null, level: null, rampUs: 0 };
  const [name = '', scenario] = Object.entries(scenarios)[change.scenario] ?? [];
  const of = scenario !== undefined && takesArrivals(scenario) ? 'rate' : 'vus';
  return { atUs, kind, scenario: name, of, level: change.level, rampUs: change.rampUs ?? 0 };
}
