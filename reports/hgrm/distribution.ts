import { bucketHighestUs, bucketLowestUs } from '../../core/stats/histogram.ts';
import type { Distribution } from '../../core/stats/merge-encoded.ts';

/** One line of a percentile distribution. */
export interface Tick {
  /** 0 to 1, and 1 only for the last tick. */
  readonly quantile: number;
  readonly valueUs: number;
  /** The number of samples up to that value. */
  readonly count: number;
}

const TICKS_PER_HALF_DISTANCE = 5;

/**
 * The ticks of HdrHistogram's percentile iterator (PercentileIterator.java). The steps halve each time the distance to 100 % halves,
 * so that the tail is as detailed as the rest.
 */
export function percentileTicks(samples: Distribution): Tick[] {
  const { count: total, maxUs } = samples;
  if (total === 0) return [];
  const { indices, counts } = samples.encoded;
  const ticks: Tick[] = [];
  let percent = 0;
  let seen = 0;
  for (const [i, index] of indices.entries()) {
    seen += counts[i] as number;
    const valueUs = Math.min(bucketHighestUs(index), maxUs);
    while ((100 * seen) / total >= percent) {
      ticks.push({ quantile: percent / 100, valueUs, count: seen });
      const halvings = Math.floor(Math.log2(100 / (100 - percent))) + 1;
      percent += 100 / (TICKS_PER_HALF_DISTANCE * 2 ** halvings);
      if (seen === total) break;
    }
  }
  return [...ticks, { quantile: 1, valueUs: maxUs, count: total }];
}

/** The standard deviation of the bucket values; 0 when empty. */
export function standardDeviationUs(samples: Distribution): number {
  if (samples.count === 0) return 0;
  const { indices, counts } = samples.encoded;
  const mean = samples.meanUs;
  const squares = indices.reduce((sum, index, i) => {
    const middleUs = (bucketLowestUs(index) + bucketHighestUs(index)) / 2;
    return sum + (counts[i] as number) * (middleUs - mean) ** 2;
  }, 0);
  return Math.sqrt(squares / samples.count);
}
