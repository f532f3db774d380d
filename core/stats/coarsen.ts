import { bucketIndex, type EncodedHistogram, encodedHistogram, HALF, HIGHEST_TRACKABLE_US } from './histogram.ts';
import type { OperationWindow } from './window.ts';

/**
 * The greatest relative error of a value that is read from a coarse histogram.
 * @param together as for {@link coarsened}
 */
export function coarseErrorBound(together: number): number {
  return together / HALF;
}

/**
 * The same samples in fewer buckets, for where there are thousands of histograms. Count, sum, minimum and maximum stay exact.
 * A percentile is never below the true one, and at most {@link coarseErrorBound} above it.
 * @param together the number of neighbouring buckets that become one: a power of two
 */
export function coarsened(histogram: EncodedHistogram, together: number): EncodedHistogram {
  const { minUs, maxUs, sumUs, indices, counts } = histogram;
  const last = bucketIndex(Math.min(maxUs, HIGHEST_TRACKABLE_US));
  const coarse: { readonly indices: number[]; readonly counts: number[] } = { indices: [], counts: [] };
  for (let i = 0; i < indices.length; i++) {
    const index = Math.min(last, (indices[i] as number) | (together - 1));
    const at = coarse.indices.length - 1;
    if (coarse.indices[at] === index) coarse.counts[at] = (coarse.counts[at] as number) + (counts[i] as number);
    else {
      coarse.indices.push(index);
      coarse.counts.push(counts[i] as number);
    }
  }
  return encodedHistogram(minUs, maxUs, sumUs, coarse.indices, coarse.counts);
}

/** The same samples, with coarse histograms. */
export function coarseWindow(window: OperationWindow, together: number): OperationWindow {
  const { responseTime, serviceTime, sendDelay } = window;
  return {
    ...window,
    responseTime: coarsened(responseTime, together),
    serviceTime: coarsened(serviceTime, together),
    sendDelay: coarsened(sendDelay, together),
  };
}
