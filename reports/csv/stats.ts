import type { OperationResult, RunResult } from '../../core/stats/result.ts';
import { measuredOf, perSecond } from '../../core/verdict/measured.ts';
import { PERCENTILE_COLUMNS } from './percentiles.ts';
import { type CsvField, csvMs, csvText } from './write.ts';

/** Locust's columns (locust/stats.py, StatsCSV.requests_csv_columns). */
const STATS_COLUMNS: readonly string[] = [
  'Type',
  'Name',
  'Request Count',
  'Failure Count',
  'Median Response Time',
  'Average Response Time',
  'Min Response Time',
  'Max Response Time',
  'Average Content Size',
  'Requests/s',
  'Failures/s',
  ...PERCENTILE_COLUMNS.map(([label]) => label),
];

/** The measured phase: a row for each name and type in the order of Locust, and `Aggregated`. */
export function statsRows(result: RunResult): CsvField[][] {
  const entries = [...Map.groupBy(result.operations, ({ name, type }) => JSON.stringify([name, type])).entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, operations]) => {
      const [first] = operations;
      return statsRow(result, first?.type ?? '', first?.name ?? '', operations);
    });
  // Locust has no such rows; their type keeps them apart from the requests, whose sum does not hold them.
  const journeys = (result.journeys ?? []).map((journey) => statsRow(result, 'JOURNEY', journey.name, [journey]));
  const measures = (result.measures ?? []).map((measure) => statsRow(result, 'MEASURE', measure.name, [measure]));
  return [
    [...STATS_COLUMNS],
    ...entries,
    ...journeys,
    ...measures,
    statsRow(result, '', 'Aggregated', result.operations),
  ];
}

function statsRow(
  result: RunResult,
  type: string,
  name: string,
  operations: readonly Pick<OperationResult, 'phases'>[],
): CsvField[] {
  const { requests, errors, bytesReceived, responseTime } = measuredOf(operations);
  return [
    csvText(type),
    csvText(name),
    requests,
    errors,
    csvMs(responseTime.valueAtQuantileUs(0.5)),
    responseTime.meanUs / 1e3,
    csvMs(responseTime.minUs),
    csvMs(responseTime.maxUs),
    requests === 0 ? 0 : bytesReceived / requests,
    perSecond(result, requests),
    perSecond(result, errors),
    ...PERCENTILE_COLUMNS.map(([, quantile]) => {
      return requests === 0 ? 'N/A' : csvMs(responseTime.valueAtQuantileUs(quantile));
    }),
  ];
}

/** Locust's columns (locust/stats.py, StatsCSV.failures_columns). The error consists of kind and example. */
export function failureRows({ operations }: RunResult): CsvField[][] {
  const failures = operations.flatMap(({ type, name, phases }) =>
    phases.measure.errorKinds.map(({ kind, example, count }): CsvField[] => {
      return [csvText(type), csvText(name), csvText(`${kind}: ${example}`), count];
    }),
  );
  return [['Method', 'Name', 'Error', 'Occurrences'], ...failures];
}
