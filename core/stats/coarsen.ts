import { bucketIndex, type EncodedHistogram, HIGHEST_TRACKABLE_US } from './histogram.ts';

/** Neighbouring buckets that become one. */
const TOGETHER = 16;
/** Greatest relative error of a value read from a coarse histogram. */
export const COARSE_ERROR_BOUND = TOGETHER / 1024;

/**
 * The same samples in a sixteenth of the buckets at most, for where thousands of histograms stand side by side. Count,
 * sum, least and greatest stay exact; a percentile is at most {@link COARSE_ERROR_BOUND} above the true one, and never below it.
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
