import { hasJourney } from '../plan/load/load-model.ts';
import type { ParsedPlan } from '../plan/schema.ts';
import type { Metric } from './criterion/metric.ts';
import { quoteName } from './criterion/select.ts';
import type { Criterion } from './criterion.ts';

/** What more of the requests, or of the passes of a journey, may not fail: such a run is no success, whatever else its plan asks for. */
const FAILURE_DEFAULT = 'error_rate < 1%';
/** With more dropped arrivals than this, the load on the target was not the planned one. */
export const DROPPED_DEFAULT = 'dropped_rate <= 1%';
export const LOST_DEFAULT = 'lost == 0';
/** A search that finds no level which meets the criteria has failed. */
export const FOUND_DEFAULT = 'max_rps > 0';

const FAILURES: readonly Metric['kind'][] = ['error_rate', 'errors', 'availability'];

/**
 * What applies by default to failures: of requests, and of the passes of each journey, where no criterion is on these.
 * @param measured criteria on the measured phase
 */
export function failureDefaults(
  measured: readonly Criterion[],
  { scenarios }: Pick<ParsedPlan, 'scenarios'>,
): string[] {
  const onFailures = measured.filter(({ metric }) => FAILURES.includes(metric.kind));
  const limitsRequests = onFailures.some(({ journey, check }) => journey === undefined && check === undefined);
  const unlimited = Object.entries(scenarios).flatMap(([name, scenario]) => {
    const isLimited = onFailures.some(({ journey }) => journey?.name === name);
    return hasJourney(scenario) && !isLimited ? [name] : [];
  });
  return [
    ...(limitsRequests ? [] : [FAILURE_DEFAULT]),
    ...unlimited.map((name) => `journey ${quoteName(name)} ${FAILURE_DEFAULT}`),
  ];
}
