import type { RunResult } from '../../core/stats/result.ts';
import { PERCENTILE_COLUMNS, RunningPercentiles } from './percentiles.ts';
import { type CsvField, csvMs } from './write.ts';

/** Locust's "current" is the mean over this many seconds. */
const CURRENT_SECONDS = 10;

/** Locust's columns (locust/stats.py, StatsCSVFileWriter.stats_history_csv_columns). */
const HISTORY_COLUMNS: readonly string[] = [
  'Timestamp',
  'User Count',
  'Type',
  'Name',
  'Requests/s',
  'Failures/s',
  ...PERCENTILE_COLUMNS.map(([label]) => label),
  'Total Request Count',
  'Total Failure Count',
  'Total Median Response Time',
  'Total Average Response Time',
  'Total Min Response Time',
  'Total Max Response Time',
  'Total Average Content Size',
];

/**
 * A row for each second of the run, all operations together, as Locust writes without `--csv-full-history`. Percentiles and totals
 * cover all requests so far, including those of the warm-up, which Locust does not have.
 */
export function historyRows(result: RunResult): CsvField[][] {
  const { timeline, operations, startedAt } = result;
  const startS = Math.floor(Date.parse(startedAt) / 1e3);
  const size = averageSize(operations);
  const percentiles = new RunningPercentiles();
  let requests = 0;
  let errors = 0;
  const rows = timeline.vus.map((vus, second): CsvField[] => {
    percentiles.add(timeline.responseTimes[second] as RunResult['timeline']['responseTimes'][number]);
    requests += timeline.all.requests[second] ?? 0;
    errors += timeline.all.errors[second] ?? 0;
    const valuesUs = percentiles.valuesUs();
    return [
      startS + second + 1,
      vus,
      '',
      'Aggregated',
      current(timeline.all.requests, second),
      current(timeline.all.errors, second),
      ...PERCENTILE_COLUMNS.map((_, i) => (valuesUs === undefined ? 'N/A' : csvMs(valuesUs[i] as number))),
      requests,
      errors,
      csvMs(valuesUs?.[0] ?? 0),
      percentiles.meanUs / 1e3,
      csvMs(percentiles.minUs),
      csvMs(percentiles.maxUs),
      size,
    ];
  });
  return [[...HISTORY_COLUMNS], ...rows];
}

function current(counts: readonly number[], second: number): string {
  const recent = counts.slice(Math.max(0, second + 1 - CURRENT_SECONDS), second + 1);
  return (recent.reduce((sum, count) => sum + count, 0) / recent.length).toFixed(6);
}

/** Over the whole run, because sizes are not recorded by second. */
function averageSize(operations: RunResult['operations']): number {
  const phases = operations.flatMap((operation) => [operation.phases.warmup, operation.phases.measure]);
  const requests = phases.reduce((sum, phase) => sum + phase.requests, 0);
  return requests === 0 ? 0 : phases.reduce((sum, phase) => sum + phase.bytesReceived, 0) / requests;
}
