import { bucketHighestUs, type EncodedHistogram } from '../stats/histogram.ts';

/** Each bucket ends 2.2 % above where it begins. */
const FINEST_SCALE = 5;
const MAX_BUCKETS = 320;

/**
 * A histogram of durations in seconds whose bucket i holds what is above base^i and at most base^(i+1), with the base
 * 2^(2^-scale): the exponential histogram of OpenTelemetry
 * (https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram), and but for the numbering the native one
 * of Prometheus.
 */
export interface ExponentialHistogram {
  readonly scale: number;
  /** How many samples took no time. */
  readonly zeroCount: number;
  /** Number of the first bucket. */
  readonly offset: number;
  readonly counts: readonly number[];
}

/** As fine as 320 buckets allow, and not finer than a scale of 5. A sample less than 0.1 % below a bound may count as above it. */
export function exponentialOf({ indices, counts, maxUs }: EncodedHistogram): ExponentialHistogram {
  let zeroCount = 0;
  const buckets: { at: number; count: number }[] = [];
  for (const [i, index] of indices.entries()) {
    const count = counts[i] as number;
    const valueUs = Math.min(bucketHighestUs(index), maxUs);
    if (valueUs === 0) zeroCount += count;
    else buckets.push({ at: Math.ceil(Math.log2(valueUs / 1e6) * 2 ** FINEST_SCALE) - 1, count });
  }
  const first = buckets[0]?.at ?? 0;
  const last = buckets.at(-1)?.at ?? -1;
  let coarser = 0;
  while ((last >> coarser) - (first >> coarser) >= MAX_BUCKETS) coarser++;
  const offset = first >> coarser;
  const merged = new Array<number>((last >> coarser) - offset + 1).fill(0);
  for (const { at, count } of buckets)
    merged[(at >> coarser) - offset] = (merged[(at >> coarser) - offset] as number) + count;
  return { scale: FINEST_SCALE - coarser, zeroCount, offset, counts: merged };
}
