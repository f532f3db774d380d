import { BUCKET_COUNT, bucketHighestUs, type EncodedHistogram } from '../stats/histogram.ts';

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

/** The bucket of each bucket of our own histograms: a logarithm of each would take longer than everything else. */
const NUMBERS = Int16Array.from({ length: BUCKET_COUNT }, (_, index) => numberOf(bucketHighestUs(index)));

/** As fine as 320 buckets allow, and not finer than a scale of 5. A sample less than 0.1 % below a bound may count as above it. */
export function exponentialOf({ indices, counts, maxUs }: EncodedHistogram): ExponentialHistogram {
  const zeros = indices[0] === 0 ? 1 : 0;
  const zeroCount = zeros === 0 ? 0 : (counts[0] as number);
  if (indices.length === zeros) return { scale: FINEST_SCALE, zeroCount, offset: 0, counts: [] };
  const end = numberOf(maxUs);
  const first = NUMBERS[indices[zeros] as number] as number;
  let coarser = 0;
  while ((end >> coarser) - (first >> coarser) >= MAX_BUCKETS) coarser++;
  const offset = Math.min(first, end) >> coarser;
  const merged = new Array<number>((end >> coarser) - offset + 1).fill(0);
  for (let i = zeros; i < indices.length; i++) {
    // The last bucket ends above the longest sample.
    const at = (Math.min(NUMBERS[indices[i] as number] as number, end) >> coarser) - offset;
    merged[at] = (merged[at] as number) + (counts[i] as number);
  }
  return { scale: FINEST_SCALE - coarser, zeroCount, offset, counts: merged };
}

/** At the finest scale. */
function numberOf(us: number): number {
  return Math.ceil(Math.log2(us / 1e6) * 2 ** FINEST_SCALE) - 1;
}
