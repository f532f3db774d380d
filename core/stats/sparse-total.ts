import { EMPTY_HISTOGRAM, type EncodedHistogram, Histogram } from './histogram.ts';

/** Merging them one by one would go over all that was merged before, each time. */
const MOST_WAITING = 32;
/** A dense histogram is large: this one serves all of them, and is empty in between. */
const scratch = new Histogram();

/** A histogram that many are kept of: sparse, a hundredth of the size of a dense one while few buckets are in use. */
export class SparseTotal {
  #merged: EncodedHistogram = EMPTY_HISTOGRAM;
  readonly #waiting: EncodedHistogram[] = [];

  add(histogram: EncodedHistogram): void {
    this.#waiting.push(histogram);
    if (this.#waiting.length >= MOST_WAITING) this.#merge();
  }

  /** All that was added. */
  encode(): EncodedHistogram {
    if (this.#waiting.length > 0) this.#merge();
    return this.#merged;
  }

  #merge(): void {
    scratch.addEncoded(this.#merged);
    for (const histogram of this.#waiting) scratch.addEncoded(histogram);
    this.#waiting.length = 0;
    this.#merged = scratch.encode();
    scratch.clear();
  }
}
