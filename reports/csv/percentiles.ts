import { BUCKET_COUNT, bucketHighestUs, type EncodedHistogram } from '../../core/stats/histogram.ts';
import { nearestRank } from '../../core/stats/nearest-rank.ts';

/** Locust's columns (locust/stats.py, PERCENTILES_TO_REPORT and get_readable_percentiles). */
export const PERCENTILE_COLUMNS: readonly (readonly [label: string, quantile: number])[] = [
  ['50%', 0.5],
  ['66%', 0.66],
  ['75%', 0.75],
  ['80%', 0.8],
  ['90%', 0.9],
  ['95%', 0.95],
  ['98%', 0.98],
  ['99%', 0.99],
  ['99.9%', 0.999],
  ['99.99%', 0.9999],
  ['100%', 1],
];

/**
 * A histogram that grows second by second and gives all columns in one pass. The values are those of
 * `Histogram.valueAtQuantileUs`.
 */
export class RunningPercentiles {
  readonly #counts = new Float64Array(BUCKET_COUNT);
  #count = 0;
  #sumUs = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }
  get minUs(): number {
    return this.#count === 0 ? 0 : this.#minUs;
  }
  get maxUs(): number {
    return this.#maxUs;
  }

  add({ indices, counts, sumUs, minUs, maxUs }: EncodedHistogram): void {
    if (indices.length === 0) return;
    for (const [i, index] of indices.entries()) {
      const count = counts[i] as number;
      this.#counts[index] = (this.#counts[index] as number) + count;
      this.#count += count;
    }
    this.#sumUs += sumUs;
    this.#minUs = Math.min(this.#minUs, minUs);
    this.#maxUs = Math.max(this.#maxUs, maxUs);
  }

  /** In the order of {@link PERCENTILE_COLUMNS}; undefined when empty. */
  valuesUs(): number[] | undefined {
    if (this.#count === 0) return undefined;
    const values: number[] = [];
    let index = 0;
    let seen = this.#counts[0] as number;
    for (const [, quantile] of PERCENTILE_COLUMNS) {
      const rank = nearestRank(quantile, this.#count);
      while (seen < rank && index < BUCKET_COUNT - 1) seen += this.#counts[++index] as number;
      values.push(rank >= this.#count ? this.#maxUs : Math.min(bucketHighestUs(index), this.#maxUs));
    }
    return values;
  }
}
