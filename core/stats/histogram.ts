import { nearestRank } from './nearest-rank.ts';

/**
 * Durations in whole microseconds, counted in HDR's bucket layout: 1 µs to 1 h with 3 significant digits.
 *
 * Layout as in HdrHistogram (http://hdrhistogram.org): 2048 buckets of 1 µs, then half as many again for each doubling.
 * So a bucket is at most 1/1024 as wide as its value, and the error of a percentile is below 0.1 %. Count, sum, minimum and
 * maximum are exact. Merging adds bucket by bucket, so the order of merging never matters.
 */
const HALF_BITS = 10;
/** How many buckets there are for each doubling of the duration. */
export const HALF = 1 << HALF_BITS;

/** Longer durations are counted in the last bucket, and `maxUs` keeps their true value. */
export const HIGHEST_TRACKABLE_US = 3_600_000_000;
/** The largest relative error of a value that is read from a bucket. */
export const RELATIVE_ERROR_BOUND = 1 / HALF;
export const BUCKET_COUNT = bucketIndex(HIGHEST_TRACKABLE_US) + 1;

/** @param valueUs an integer from 0 to {@link HIGHEST_TRACKABLE_US} */
export function bucketIndex(valueUs: number): number {
  const shift = Math.max(0, 31 - HALF_BITS - Math.clz32(valueUs));
  return (shift << HALF_BITS) + (valueUs >>> shift);
}

/** The longest duration that falls into this bucket, in microseconds. */
export function bucketHighestUs(index: number): number {
  const shift = Math.max(0, (index >> HALF_BITS) - 1);
  const sub = index - shift * HALF;
  return (sub + 1) * 2 ** shift - 1;
}

/** The shortest duration that falls into this bucket, in microseconds. */
export function bucketLowestUs(index: number): number {
  const shift = Math.max(0, (index >> HALF_BITS) - 1);
  return (index - shift * HALF) * 2 ** shift;
}

/** A sparse histogram as plain data for JSON. `indices` rise, and `counts` has the positive count of each of these buckets. */
export interface EncodedHistogram {
  readonly minUs: number;
  readonly maxUs: number;
  readonly sumUs: number;
  readonly indices: readonly number[];
  readonly counts: readonly number[];
}

/**
 * Makes all of them, from numbers that are known before. On Deno 2.9 (V8 15.0), code that was optimized in the middle of its first
 * calls was left at `{ minUs: this.#minUs, …`, and the objects that this made had one minimum together: that of the last one.
 */
export function encodedHistogram(
  minUs: number,
  maxUs: number,
  sumUs: number,
  indices: readonly number[],
  counts: readonly number[],
): EncodedHistogram {
  return { minUs, maxUs, sumUs, indices, counts };
}

// Once a field held no number, V8 keeps its numbers as values that never change, not in a box that is written to.
encodedHistogram(undefined as never, undefined as never, undefined as never, [], []);

export const EMPTY_HISTOGRAM = encodedHistogram(0, 0, 0, [], []);

/** Buckets are allocated in multiples of this, so that close values rarely cause an allocation. */
const BLOCK = 256;
const NO_COUNTS = new Float64Array(0);

/**
 * A histogram in memory. It holds only the buckets between the least and the greatest value so far, rounded to blocks:
 * about 10 kB for typical latencies, where all buckets together would take 190 kB, and a plan may have thousands of
 * operations with three histograms each.
 */
export class Histogram {
  // Float64 because a bucket may pass 2^32 when an hour has a million samples per second.
  #counts = NO_COUNTS;
  /** Index of the bucket that `#counts` begins with. */
  #from = 0;
  #count = 0;
  #sumUs = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;
  /** The greatest value so far whose bucket is its own. */
  #trackedMaxUs = 0;

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

  /** @param valueUs whole microseconds. A negative value, from a clock that stepped back, counts as 0 */
  record(valueUs: number): void {
    if (valueUs < this.#minUs || valueUs > this.#trackedMaxUs) {
      this.#recordExtreme(valueUs < 0 ? 0 : valueUs);
      return;
    }
    const at = bucketIndex(valueUs) - this.#from;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#count++;
    this.#sumUs += valueUs;
  }

  add(other: Histogram): void {
    if (other.#count === 0) return;
    const first = other.#firstIndex();
    const last = other.#lastIndex();
    this.#cover(first);
    this.#cover(last);
    for (let index = first; index <= last; index++) {
      const at = index - this.#from;
      this.#counts[at] = (this.#counts[at] as number) + (other.#counts[index - other.#from] as number);
    }
    this.#addSummary(other.#count, other.#sumUs, other.#minUs, other.#maxUs);
  }

  addEncoded(encoded: EncodedHistogram): void {
    const { indices } = encoded;
    let count = 0;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      this.#cover(index);
      const at = index - this.#from;
      const added = encoded.counts[i] as number;
      this.#counts[at] = (this.#counts[at] as number) + added;
      count += added;
    }
    if (count === 0) return;
    this.#addSummary(count, encoded.sumUs, encoded.minUs, encoded.maxUs);
    this.#cover(this.#firstIndex());
    this.#cover(this.#lastIndex());
  }

  encode(): EncodedHistogram {
    if (this.#count === 0) return EMPTY_HISTOGRAM;
    const indices: number[] = [];
    const counts: number[] = [];
    const last = this.#lastIndex();
    for (let index = this.#firstIndex(); index <= last; index++) {
      const count = this.#counts[index - this.#from] as number;
      if (count > 0) {
        indices.push(index);
        counts.push(count);
      }
    }
    return encodedHistogram(this.#minUs, this.#maxUs, this.#sumUs, indices, counts);
  }

  /** Removes all durations, so that the object can be used again. */
  clear(): void {
    if (this.#count === 0) return;
    this.#counts.fill(0, this.#firstIndex() - this.#from, this.#lastIndex() + 1 - this.#from);
    this.#count = 0;
    this.#sumUs = 0;
    this.#minUs = Number.POSITIVE_INFINITY;
    this.#maxUs = 0;
    this.#trackedMaxUs = 0;
  }

  /**
   * The duration that this share of all durations does not exceed, by nearest rank. It is exact for 1; else it is at most
   * {@link RELATIVE_ERROR_BOUND} above the true one, and never above `maxUs`. 0 when empty.
   *
   * @param quantile 0 to 1, such as 0.95
   */
  valueAtQuantileUs(quantile: number): number {
    return this.valueAtRankUs(nearestRank(quantile, this.#count));
  }

  /** @param rank 1 for the shortest of all durations, `count` for the longest; limited to that range */
  valueAtRankUs(rank: number): number {
    if (this.#count === 0) return 0;
    if (rank >= this.#count) return this.#maxUs;
    let seen = 0;
    const last = this.#lastIndex();
    for (let index = this.#firstIndex(); index <= last; index++) {
      seen += this.#counts[index - this.#from] as number;
      if (seen >= rank) return Math.min(bucketHighestUs(index), this.#maxUs);
    }
    return this.#maxUs;
  }

  /** Records a value outside those so far, or one that is too long to be tracked: only these can need another bucket. */
  #recordExtreme(valueUs: number): void {
    const index = bucketIndex(Math.min(valueUs, HIGHEST_TRACKABLE_US));
    this.#cover(index);
    const at = index - this.#from;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#addSummary(1, valueUs, valueUs, valueUs);
  }

  /** Makes room for this bucket. Grows by at least a half, so that rising values cause few allocations. */
  #cover(index: number): void {
    const before = this.#counts;
    const spare = before.length >> 1;
    let from = before.length === 0 ? index : this.#from;
    let to = from + before.length;
    if (index >= from && index < to) return;
    if (index < from) from = index - spare;
    if (index >= to) to = index + 1 + spare;
    from = Math.max(0, Math.floor(from / BLOCK) * BLOCK);
    to = Math.min(BUCKET_COUNT, Math.ceil(to / BLOCK) * BLOCK);
    this.#counts = new Float64Array(to - from);
    if (before.length > 0) this.#counts.set(before, this.#from - from);
    this.#from = from;
  }

  #addSummary(count: number, sumUs: number, minUs: number, maxUs: number): void {
    this.#count += count;
    this.#sumUs += sumUs;
    if (minUs < this.#minUs) this.#minUs = minUs;
    if (maxUs > this.#maxUs) this.#maxUs = maxUs;
    this.#trackedMaxUs = Math.min(this.#maxUs, HIGHEST_TRACKABLE_US);
  }

  #firstIndex(): number {
    return bucketIndex(Math.min(this.#minUs, HIGHEST_TRACKABLE_US));
  }

  #lastIndex(): number {
    return bucketIndex(Math.min(this.#maxUs, HIGHEST_TRACKABLE_US));
  }
}
