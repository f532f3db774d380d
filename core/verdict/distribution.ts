import { bucketHighestUs, type EncodedHistogram, Histogram } from '../stats/histogram.ts';
import { countOf } from '../stats/merge-encoded.ts';
import { nearestRank } from '../stats/nearest-rank.ts';

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

/** Shared by all merges, because it is much larger than their results. */
const scratch = new Histogram();

/** Merges histograms. */
export function merged(parts: readonly EncodedHistogram[]): Distribution {
  const [first, ...others] = parts.filter(({ indices }) => indices.length > 0);
  if (first !== undefined && others.length === 0) return new Distribution(first);
  scratch.clear();
  for (const part of parts) scratch.addEncoded(part);
  return new Distribution(scratch.encode());
}
