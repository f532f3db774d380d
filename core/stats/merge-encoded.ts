import { EMPTY_HISTOGRAM, type EncodedHistogram } from './histogram.ts';

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
  return {
    minUs: Math.min(a.minUs, b.minUs),
    maxUs: Math.max(a.maxUs, b.maxUs),
    sumUs: a.sumUs + b.sumUs,
    indices,
    counts,
  };
}

export function countOf({ counts }: EncodedHistogram): number {
  let count = 0;
  for (const inBucket of counts) count += inBucket;
  return count;
}
