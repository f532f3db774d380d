import { bucketIndex, type EncodedHistogram, HIGHEST_TRACKABLE_US } from './histogram.ts';

/** The number of neighbouring buckets that become one. */
const TOGETHER = 16;
/** Greatest relative error of a value read from a coarse histogram. */
export const COARSE_ERROR_BOUND = TOGETHER / 1024;

/**
 * The same samples in at most a sixteenth of the buckets, for results with thousands of histograms. Count, sum, minimum and
 * maximum stay exact. A percentile is never below the true one, and at most {@link COARSE_ERROR_BOUND} above it.
 */
export function coarsened({ indices, counts, ...exact }: EncodedHistogram): EncodedHistogram {
  const last = bucketIndex(Math.min(exact.maxUs, HIGHEST_TRACKABLE_US));
  const coarse: { readonly indices: number[]; readonly counts: number[] } = { indices: [], counts: [] };
  for (let i = 0; i < indices.length; i++) {
    const index = Math.min(last, (indices[i] as number) | (TOGETHER - 1));
    const at = coarse.indices.length - 1;
    if (coarse.indices[at] === index) coarse.counts[at] = (coarse.counts[at] as number) + (counts[i] as number);
    else {
      coarse.indices.push(index);
      coarse.counts.push(counts[i] as number);
    }
  }
  return { ...exact, ...coarse };
}
