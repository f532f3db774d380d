import { bucketHighestUs, bucketLowestUs } from '../../core/stats/histogram.ts';
import type { Timeline } from '../../core/stats/result.ts';

/** Counts of requests by time and response time, for reports/web/heat-map.js. */
export interface HeatMap {
  /** Seconds at which the columns begin, and at last the end of the last one. */
  readonly starts: readonly number[];
  /** Lower ends of the rows from below, and at last the upper end of the highest. */
  readonly edgesMs: readonly number[];
  /** For each column row, count, row, count …; empty rows are left out. */
  readonly cells: readonly (readonly number[])[];
}

const MAX_COLUMNS = 240;
const ROWS = 48;

/** Rows of equal height on a logarithmic axis from the least to the greatest response time. */
export function heatMap({ responseTimes }: Pick<Timeline, 'responseTimes'>): HeatMap {
  const seconds = responseTimes.length;
  const step = Math.max(1, Math.ceil(seconds / MAX_COLUMNS));
  const filled = responseTimes.filter(({ indices }) => indices.length > 0);
  const leastUs = Math.max(
    1,
    filled.reduce((least, { minUs }) => Math.min(least, minUs), Number.POSITIVE_INFINITY),
  );
  const mostUs = filled.reduce((most, { maxUs }) => Math.max(most, maxUs), 0);
  if (filled.length === 0) return { starts: [0, Math.max(1, seconds)], edgesMs: [1, 10], cells: [[]] };
  const base = Math.log(leastUs);
  const height = Math.max(Math.log((mostUs + 1) / leastUs), 0.01) / ROWS;
  const rowOf = (us: number) =>
    Math.min(ROWS - 1, Math.max(0, Math.floor((Math.log(Math.max(1, us)) - base) / height)));
  /** By the histogram's index, which comes again in most seconds. */
  const rows: number[] = [];
  const starts: number[] = [];
  const cells: number[][] = [];
  for (let from = 0; from < seconds; from += step) {
    const counts = new Float64Array(ROWS);
    for (const { indices, counts: of } of responseTimes.slice(from, from + step)) {
      for (const [i, index] of indices.entries()) {
        rows[index] ??= rowOf((bucketLowestUs(index) + bucketHighestUs(index)) / 2);
        const row = rows[index];
        counts[row] = (counts[row] as number) + (of[i] as number);
      }
    }
    starts.push(from);
    cells.push([...counts].flatMap((count, row) => (count > 0 ? [row, count] : [])));
  }
  const edgesMs = Array.from({ length: ROWS + 1 }, (_, row) => {
    return Number((Math.exp(base + row * height) / 1e3).toPrecision(4));
  });
  return { starts: [...starts, seconds], edgesMs, cells };
}
