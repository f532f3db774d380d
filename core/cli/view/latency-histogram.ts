import { bucketHighestUs, bucketLowestUs } from '../../stats/histogram.ts';
import type { RunResult } from '../../stats/result.ts';
import { measuredOf } from '../../verdict/measured.ts';
import { formatCount, formatMs } from '../../verdict/quantity.ts';

const ROWS = 11;
const MAX_BAR = 40;
/** What is slower stands in the last row, so that one slow answer does not squeeze all others into the first. */
const LAST_ROW_QUANTILE = 0.99;

/**
 * Response times of all requests as bars, as oha and hey print them: rows of equal width up to the 99th percentile, and
 * one for all that is slower.
 * @param columns the terminal's width
 */
export function latencyHistogram(result: RunResult, columns: number): string[] {
  const { responseTime } = measuredOf(result.operations);
  if (responseTime.count === 0) return [];
  const fromUs = responseTime.minUs;
  const untilUs = Math.max(fromUs + ROWS, responseTime.valueAtQuantileUs(LAST_ROW_QUANTILE));
  const stepUs = (untilUs - fromUs) / (ROWS - 1);
  const counts = new Array<number>(ROWS).fill(0);
  for (const { phases } of result.operations) {
    const { indices, counts: inBucket } = phases.measure.responseTime;
    for (const [i, index] of indices.entries()) {
      const middleUs = (bucketLowestUs(index) + bucketHighestUs(index)) / 2;
      const row = Math.min(ROWS - 1, Math.max(0, Math.floor((middleUs - fromUs) / stepUs)));
      counts[row] = (counts[row] as number) + (inBucket[i] as number);
    }
  }
  const labels = counts.map((_, row) => {
    return row === ROWS - 1
      ? `≥ ${formatMs(fromUs + row * stepUs)} ms`
      : `${formatMs(fromUs + row * stepUs)}–${formatMs(fromUs + (row + 1) * stepUs)} ms`;
  });
  const shown = counts.map((count) => formatCount(count));
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const countWidth = Math.max(...shown.map((text) => text.length));
  const room = Math.max(1, Math.min(MAX_BAR, columns - labelWidth - countWidth - 6));
  const most = Math.max(...counts);
  return counts.map((count, row) => {
    const bar = '■'.repeat(Math.round((room * count) / most));
    return `  ${labels[row]?.padStart(labelWidth)}  ${shown[row]?.padStart(countWidth)}  ${bar}`.trimEnd();
  });
}
