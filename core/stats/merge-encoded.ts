import {
  bucketHighestUs,
  bucketLowestUs,
  EMPTY_HISTOGRAM,
  type EncodedHistogram,
  encodedHistogram,
} from './histogram.ts';
import { nearestRank } from './nearest-rank.ts';

/** Merges two sparse histograms. A sparse one is a hundredth of the size of a dense one, where many must be kept. */
export function mergeEncoded(a: EncodedHistogram, b: EncodedHistogram): EncodedHistogram {
  if (b.indices.length === 0) return a.indices.length === 0 ? EMPTY_HISTOGRAM : a;
  if (a.indices.length === 0) return b;
  const indices: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.indices.length || j < b.indices.length) {
    const left = a.indices[i] ?? Number.POSITIVE_INFINITY;
    const right = b.indices[j] ?? Number.POSITIVE_INFINITY;
    indices.push(Math.min(left, right));
    counts.push((left <= right ? (a.counts[i++] as number) : 0) + (right <= left ? (b.counts[j++] as number) : 0));
  }
  return encodedHistogram(Math.min(a.minUs, b.minUs), Math.max(a.maxUs, b.maxUs), a.sumUs + b.sumUs, indices, counts);
}

/**
 * What was added to a histogram since it was as `before`: counts and sum are exact, and a shortest or longest duration that was there
 * before is known to its bucket.
 */
export function addedSince(before: EncodedHistogram, now: EncodedHistogram): EncodedHistogram {
  const indices: number[] = [];
  const counts: number[] = [];
  let i = 0;
  now.indices.forEach((index, at) => {
    const count = (now.counts[at] as number) - (before.indices[i] === index ? (before.counts[i++] as number) : 0);
    if (count > 0) {
      indices.push(index);
      counts.push(count);
    }
  });
  const [first, last] = [indices[0], indices.at(-1)];
  if (first === undefined || last === undefined) return EMPTY_HISTOGRAM;
  const isFirst = before.indices.length === 0;
  const minUs = isFirst || now.minUs < before.minUs ? now.minUs : Math.max(now.minUs, bucketLowestUs(first));
  const maxUs = isFirst || now.maxUs > before.maxUs ? now.maxUs : Math.min(now.maxUs, bucketHighestUs(last));
  return encodedHistogram(minUs, maxUs, now.sumUs - before.sumUs, indices, counts);
}

/** Control calls it several times for every row of every window: an indexed loop takes half as long there as one over values. */
export function countOf({ counts }: Pick<EncodedHistogram, 'counts'>): number {
  let count = 0;
  for (let i = 0; i < counts.length; i++) count += counts[i] as number;
  return count;
}

/** A histogram for reading only. It stays as sparse as it is encoded, while an open one takes room for all its buckets. */
export class Distribution {
  readonly encoded: EncodedHistogram;
  readonly count: number;

  constructor(encoded: EncodedHistogram) {
    this.encoded = encoded;
    this.count = countOf(encoded);
  }

  /** Exact; 0 when empty. */
  get minUs(): number {
    return this.encoded.minUs;
  }
  /** Exact; 0 when empty. */
  get maxUs(): number {
    return this.encoded.maxUs;
  }
  /** Exact to the microsecond; 0 when empty. */
  get meanUs(): number {
    return this.count === 0 ? 0 : this.encoded.sumUs / this.count;
  }

  /** As {@link Histogram.valueAtQuantileUs}. */
  valueAtQuantileUs(quantile: number): number {
    return this.valueAtRankUs(nearestRank(quantile, this.count));
  }

  /** As {@link Histogram.valueAtRankUs}. */
  valueAtRankUs(rank: number): number {
    const { indices, counts, maxUs } = this.encoded;
    if (rank >= this.count) return maxUs;
    let seen = 0;
    for (let i = 0; i < indices.length; i++) {
      seen += counts[i] as number;
      if (seen >= rank) return Math.min(bucketHighestUs(indices[i] as number), maxUs);
    }
    return maxUs;
  }
}
