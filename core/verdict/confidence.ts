import type { Distribution } from '../stats/merge-encoded.ts';
import { nearestRank } from '../stats/nearest-rank.ts';

/** The interval of the true percentile. A side is undefined where too few samples lie to bound it. */
export interface Interval {
  readonly lowUs: number | undefined;
  readonly highUs: number | undefined;
}

const CONFIDENCE = 0.95;
/** The normal distribution's quantile for {@link CONFIDENCE}, two-sided. */
const Z = 1.959_964;
/** Up to this mean the binomial distribution is summed exactly. Beyond it, the normal distribution is as good. */
const EXACT_MEAN = 500;

/**
 * The confidence interval of a percentile from order statistics. It assumes nothing about the distribution, because the number
 * of samples below the true percentile is binomial. It assumes that samples are independent; those of a load test are not
 * quite, so the true interval is somewhat wider.
 *
 * Source: H. A. David, H. N. Nagaraja, "Order Statistics", 3rd ed., section 7.1.
 */
export function percentileInterval(samples: Distribution, quantile: number): Interval {
  const { low, high } = intervalRanks(samples.count, quantile);
  return {
    lowUs: low < 1 ? undefined : samples.valueAtRankUs(low),
    highUs: high > samples.count ? undefined : samples.valueAtRankUs(high),
  };
}

/** The ranks of the samples that bound the interval; 0 and `count` + 1 stand for no sample. */
export function intervalRanks(count: number, quantile: number): { low: number; high: number } {
  const rare = Math.min(quantile, 1 - quantile);
  const [least, most] = rare * count <= EXACT_MEAN ? exactBounds(count, rare) : normalBounds(count, rare);
  return quantile <= 0.5 ? { low: least, high: most } : { low: count + 1 - most, high: count + 1 - least };
}

/** The largest k with P(B < k) at most the lower tail, and the smallest k with P(B < k) at least its complement. */
function exactBounds(count: number, share: number): [number, number] {
  const tail = (1 - CONFIDENCE) / 2;
  let k = 0;
  let probability = (1 - share) ** count;
  let below = 0;
  let least = 0;
  while (k <= count && below < 1 - tail) {
    if (below <= tail) least = k;
    below += probability;
    probability *= ((count - k) / (k + 1)) * (share / (1 - share));
    k++;
  }
  return [least, k];
}

function normalBounds(count: number, share: number): [number, number] {
  const deviation = Z * Math.sqrt(count * share * (1 - share));
  return [Math.floor(count * share - deviation), Math.ceil(count * share + deviation) + 1];
}

/** The number of samples above a percentile, which is what it rests on. */
export function samplesBeyond(count: number, quantile: number): number {
  return count - nearestRank(quantile, count);
}
