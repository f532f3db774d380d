import type { OperationResult, RunResult, SecondColumns } from '../../core/stats/result.ts';
import { measuredOf } from '../../core/verdict/measured.ts';
import { measuredRate } from '../../core/verdict/rate.ts';
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
  const { operations, journeys = [], measures = [], timeline } = result;
  const rows = operations.map((row, i) => ({ row, columns: timeline.operations[i] }));
  const entries = [...Map.groupBy(rows, ({ row: { name, type } }) => JSON.stringify([name, type])).entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, of]) => {
      const first = of[0]?.row;
      return statsRow(result, first?.type ?? '', first?.name ?? '', of);
    });
  // Locust has no such rows; their type keeps them apart from the requests, whose sum does not hold them.
  const others = [
    ...journeys.map((row, i) => ({ type: 'JOURNEY', row, columns: timeline.journeys?.[i] })),
    ...measures.map((row, i) => ({ type: 'MEASURE', row, columns: timeline.measures?.[i] })),
  ];
  return [
    [...STATS_COLUMNS],
    ...entries,
    ...others.map(({ type, ...of }) => statsRow(result, type, of.row.name, [of])),
    statsRow(result, '', 'Aggregated', rows),
  ];
}

interface CountedRow {
  readonly row: Pick<OperationResult, 'phases'>;
  readonly columns: SecondColumns | undefined;
}

function statsRow(result: RunResult, type: string, name: string, of: readonly CountedRow[]): CsvField[] {
  const measured = measuredOf(of.map(({ row }) => row));
  const { requests, errors, bytesReceived, responseTime } = measured;
  const rate = measuredRate(
    result,
    measured,
    of.map(({ columns }) => columns),
  );
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
    rate.perSecond,
    rate.errorsPerSecond,
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
