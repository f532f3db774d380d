import type { EncodedHistogram } from '../../stats/histogram.ts';
import { bucketHighestUs, bucketLowestUs, RELATIVE_ERROR_BOUND } from '../../stats/histogram.ts';
import type { Distribution } from '../../stats/merge-encoded.ts';
import { percentileInterval } from '../confidence.ts';
import type { ResultUnit } from '../quantity.ts';
import { type Figure, RATIO } from './run-comparison.ts';

export const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
export type Percentile = keyof typeof QUANTILES;

export function isPercentile(figure: Figure): figure is Percentile {
  return Object.hasOwn(QUANTILES, figure);
}

/** Whether it is a share of requests or attempts, whose change is a difference. */
export function isShare(figure: Figure): figure is 'error_rate' | typeof RATIO {
  return figure === 'error_rate' || figure === RATIO;
}

export function unitOf(figure: Figure): ResultUnit {
  if (figure === 'rps') return 'perSecond';
  return isShare(figure) ? 'share' : 'us';
}

/** Only of requests per second and of hits, more is better. */
export function isWorse(figure: Figure, change: number): boolean {
  return figure === 'rps' || figure === RATIO ? change < 0 : change > 0;
}

/** The scale on which changes are estimated. A share may be 0, and 0 has no ratio to anything. */
export function onScale(figure: Figure, value: number): number {
  return isShare(figure) ? value : Math.log(value);
}

/** Where almost nothing is known, an interval reaches further, and beyond what JSON has numbers for. */
const FURTHEST = 20;

/** @returns the change in a share as a difference, every other one as a share of the value before; both bounded */
export function fromScale(figure: Figure, change: number): number {
  if (isShare(figure)) return Math.min(1, Math.max(-1, change));
  return Math.expm1(Math.min(FURTHEST, change));
}

/** One row of one run. */
export interface RowFigures {
  /** Where the row is a ratio, its attempts. */
  readonly requests: number;
  /** Where the row is a ratio, its attempts that were no hits. */
  readonly errors: number;
  /** 0 without samples, and for a figure that such a row does not have. */
  readonly values: Readonly<Record<Figure, number>>;
  readonly responseTime: Distribution;
}

/** The 95 % interval of a normal distribution has this many standard errors on each side. */
const Z = 1.959_964;
/** The standard deviation of an error that is equally likely between 0 and 1. */
const UNIFORM = 1 / Math.sqrt(12);

/**
 * The standard error of a figure of one run on its scale, if no sample had anything to do with the ones before it; with what a
 * bucket of the histogram hides. For `rps` that is the error of a count: one request more or less.
 * @returns undefined where there are too few samples to bound it
 */
export function independentError(figure: Figure, row: RowFigures): number | undefined {
  const { requests, errors, responseTime, values } = row;
  if (requests === 0) return undefined;
  if (figure === 'rps') return 1 / requests;
  if (isShare(figure)) return proportionError(errors, requests);
  if (figure === 'avg') {
    const variance = variancePerSample(responseTime.encoded, values.avg);
    return requests < 2 || values.avg === 0 ? undefined : Math.sqrt(variance / requests) / values.avg;
  }
  const value = values[figure];
  const { lowUs, highUs } = percentileInterval(responseTime, QUANTILES[figure]);
  if (lowUs === undefined || highUs === undefined || value === 0) return undefined;
  const reading = UNIFORM * Math.max(RELATIVE_ERROR_BOUND, 1 / value);
  return Math.hypot((highUs - lowUs) / (2 * Z * value), reading);
}

/**
 * With one failure and one success more than there were, so that a run without failures is not taken for a target that never fails.
 * Source: A. Agresti, B. Caffo, "Simple and Effective Confidence Intervals for Proportions", The American Statistician 54 (2000).
 */
function proportionError(errors: number, requests: number): number {
  const share = (Math.min(errors, requests) + 1) / (requests + 2);
  return Math.sqrt((share * (1 - share)) / (requests + 2));
}

function variancePerSample({ indices, counts }: EncodedHistogram, mean: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    const middle = (bucketLowestUs(index) + bucketHighestUs(index)) / 2;
    sum += (counts[i] as number) * (middle - mean) ** 2;
    count += counts[i] as number;
  }
  return sum / Math.max(1, count - 1);
}
