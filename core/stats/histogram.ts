import { nearestRank } from './nearest-rank.ts';

/**
 * Durations in whole microseconds, counted in HDR's bucket layout: 1 µs to 1 h with 3 significant digits.
 *
 * Layout as in HdrHistogram (http://hdrhistogram.org): 2048 buckets of 1 µs, then half as many again for each doubling.
 * So a bucket is at most 1/1024 as wide as its value: the error of a percentile is below 0.1 %. Count, sum, least and
 * greatest are exact. Merging adds bucket by bucket, so the order of merging never matters.
 */
const HALF_BITS = 10;
const HALF = 1 << HALF_BITS;

/** Longer durations are counted in the last bucket; `maxUs` keeps their true value. */
export const HIGHEST_TRACKABLE_US = 3_600_000_000;
/** Greatest relative error of a value read from a bucket. */
export const RELATIVE_ERROR_BOUND = 1 / HALF;
export const BUCKET_COUNT = bucketIndex(HIGHEST_TRACKABLE_US) + 1;

/** @param valueUs an integer from 0 to {@link HIGHEST_TRACKABLE_US} */
export function bucketIndex(valueUs: number): number {
  const shift = Math.max(0, 31 - HALF_BITS - Math.clz32(valueUs));
  return (shift << HALF_BITS) + (valueUs >>> shift);
}

/** The greatest duration that falls into this bucket, in microseconds. */
export function bucketHighestUs(index: number): number {
  const shift = Math.max(0, (index >> HALF_BITS) - 1);
  const sub = index - shift * HALF;
  return (sub + 1) * 2 ** shift - 1;
}

/** The least duration that falls into this bucket, in microseconds. */
export function bucketLowestUs(index: number): number {
  const shift = Math.max(0, (index >> HALF_BITS) - 1);
  return (index - shift * HALF) * 2 ** shift;
}

/** A histogram as plain data: JSON-able, sparse. `indices` rise; `counts` are those buckets' counts, all positive. */
export interface EncodedHistogram {
  readonly minUs: number;
  readonly maxUs: number;
  readonly sumUs: number;
  readonly indices: readonly number[];
  readonly counts: readonly number[];
}

export const EMPTY_HISTOGRAM: EncodedHistogram = { minUs: 0, maxUs: 0, sumUs: 0, indices: [], counts: [] };

export class Histogram {
  // Float64: a bucket of an hour at a million a second passes 2^32.
  readonly #counts = new Float64Array(BUCKET_COUNT);
  #count = 0;
  #sumUs = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  static decode(encoded: EncodedHistogram): Histogram {
    const histogram = new Histogram();
    histogram.addEncoded(encoded);
    return histogram;
  }

  get count(): number {
    return this.#count;
  }
  get sumUs(): number {
    return this.#sumUs;
  }
  /** Exact; 0 when empty. */
  get minUs(): number {
    return this.#count === 0 ? 0 : this.#minUs;
  }
  /** Exact; 0 when empty. */
  get maxUs(): number {
    return this.#maxUs;
  }
  /** Exact to the microsecond; 0 when empty. */
  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }

  /** @param valueUs whole microseconds; a negative value (a clock that stepped back) counts as 0 */
  record(valueUs: number): void {
    const value = valueUs < 0 ? 0 : valueUs;
    const index = value > HIGHEST_TRACKABLE_US ? BUCKET_COUNT - 1 : bucketIndex(value);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#count++;
    this.#sumUs += value;
    if (value < this.#minUs) this.#minUs = value;
    if (value > this.#maxUs) this.#maxUs = value;
  }

  add(other: Histogram): void {
    if (other.#count === 0) return;
    const last = other.#lastIndex();
    for (let index = other.#firstIndex(); index <= last; index++) {
      this.#counts[index] = (this.#counts[index] as number) + (other.#counts[index] as number);
    }
    this.#addSummary(other.#count, other.#sumUs, other.#minUs, other.#maxUs);
  }

  addEncoded(encoded: EncodedHistogram): void {
    let count = 0;
    for (let i = 0; i < encoded.indices.length; i++) {
      const index = encoded.indices[i] as number;
      const added = encoded.counts[i] as number;
      this.#counts[index] = (this.#counts[index] as number) + added;
      count += added;
    }
    if (count > 0) this.#addSummary(count, encoded.sumUs, encoded.minUs, encoded.maxUs);
  }

  encode(): EncodedHistogram {
    if (this.#count === 0) return EMPTY_HISTOGRAM;
    const indices: number[] = [];
    const counts: number[] = [];
    const last = this.#lastIndex();
    for (let index = this.#firstIndex(); index <= last; index++) {
      const count = this.#counts[index] as number;
      if (count > 0) {
        indices.push(index);
        counts.push(count);
      }
    }
    return { minUs: this.#minUs, maxUs: this.#maxUs, sumUs: this.#sumUs, indices, counts };
  }

  /** Empties it, to be used again. */
  clear(): void {
    if (this.#count === 0) return;
    this.#counts.fill(0, this.#firstIndex(), this.#lastIndex() + 1);
    this.#count = 0;
    this.#sumUs = 0;
    this.#minUs = Number.POSITIVE_INFINITY;
    this.#maxUs = 0;
  }

  /**
   * The duration that this share of all durations does not exceed (nearest rank): exact for 1, else at most
   * {@link RELATIVE_ERROR_BOUND} above the true one, and never above `maxUs`. 0 when empty.
   *
   * @param quantile 0 to 1, such as 0.95
   */
  valueAtQuantileUs(quantile: number): number {
    return this.valueAtRankUs(nearestRank(quantile, this.#count));
  }

  /** @param rank 1 for the least of all durations, `count` for the greatest; held to that range */
  valueAtRankUs(rank: number): number {
    if (this.#count === 0) return 0;
    if (rank >= this.#count) return this.#maxUs;
    let seen = 0;
    for (let index = this.#firstIndex(); index < BUCKET_COUNT; index++) {
      seen += this.#counts[index] as number;
      if (seen >= rank) return Math.min(bucketHighestUs(index), this.#maxUs);
    }
    return this.#maxUs;
  }

  #addSummary(count: number, sumUs: number, minUs: number, maxUs: number): void {
    this.#count += count;
    this.#sumUs += sumUs;
    if (minUs < this.#minUs) this.#minUs = minUs;
    if (maxUs > this.#maxUs) this.#maxUs = maxUs;
  }

  #firstIndex(): number {
    return bucketIndex(Math.min(this.#minUs, HIGHEST_TRACKABLE_US));
  }

  #lastIndex(): number {
    return bucketIndex(Math.min(this.#maxUs, HIGHEST_TRACKABLE_US));
  }
}
