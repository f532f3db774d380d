// Columns of the latency heat map on a logarithmic grid that is the same for all runs, so that columns of any length can be added up.

const ROWS_A_DECADE = 16;
const MAX_COLUMNS = 240;
/** Bits of HdrHistogram's layout with three digits: see core/stats/histogram.ts. */
const HALF_BITS = 10;

/** The middle of a bucket, in microseconds. */
function bucketMiddleUs(index) {
  const shift = Math.max(0, (index >> HALF_BITS) - 1);
  const lowest = (index - shift * 2 ** HALF_BITS) * 2 ** shift;
  return lowest + (2 ** shift - 1) / 2;
}

/** @param buckets { indices, counts } @returns [row, count, row, count …], rows rising */
export function heatColumn(fromSecond, seconds, { indices, counts }) {
  const cells = [];
  for (const [i, index] of indices.entries()) {
    const row = Math.floor(ROWS_A_DECADE * Math.log10(Math.max(1, bucketMiddleUs(index))));
    if (cells.at(-2) === row) cells[cells.length - 1] += counts[i];
    else cells.push(row, counts[i]);
  }
  return { fromSecond, seconds, cells };
}

/** Puts columns in place of those that begin in the same time. */
export function placeColumns(columns, fresh) {
  const [first] = fresh;
  const last = fresh.at(-1);
  if (first === undefined) return columns;
  return [
    ...columns.filter(({ fromSecond }) => fromSecond < first.fromSecond),
    ...fresh,
    ...columns.filter(({ fromSecond }) => fromSecond > last.fromSecond),
  ];
}

/** For reports/web/heat-map.js: at most 240 columns, and the rows that have requests. Undefined without requests. */
export function heatOf(columns) {
  const rows = columns.flatMap(({ cells }) => (cells.length === 0 ? [] : [cells[0], cells[cells.length - 2]]));
  if (rows.length === 0) return undefined;
  const lowest = rows.reduce((a, b) => Math.min(a, b));
  const highest = rows.reduce((a, b) => Math.max(a, b));
  const step = Math.ceil(columns.length / MAX_COLUMNS);
  const starts = [];
  const cells = [];
  for (let i = 0; i < columns.length; i += step) {
    const group = columns.slice(i, i + step);
    starts.push(group[0].fromSecond);
    cells.push(sum(group, lowest, highest));
  }
  const end = columns.at(-1);
  const edgesMs = [];
  for (let row = lowest; row <= highest + 1; row++)
    edgesMs.push(Number((10 ** (row / ROWS_A_DECADE) / 1e3).toPrecision(4)));
  return { starts: [...starts, end.fromSecond + end.seconds], edgesMs, cells };
}

function sum(group, lowest, highest) {
  const counts = new Array(highest + 1 - lowest).fill(0);
  for (const { cells } of group) for (let i = 0; i < cells.length; i += 2) counts[cells[i] - lowest] += cells[i + 1];
  const summed = [];
  for (const [row, count] of counts.entries()) if (count > 0) summed.push(row, count);
  return summed;
}
