import { EMPTY_HISTOGRAM, type EncodedHistogram, Histogram } from './histogram.ts';

const FIRST_SLOTS = 16;
/** A key and a count. */
const SLOT_BYTES = 10;
/** The object and its two arrays, without their slots. */
const OBJECT_BYTES = 300;
/** The share of the slots that may be in use before the table grows. */
const FULL = 0.75;
/** A dense histogram is large, so all totals share this one to be read. It is empty between calls. */
const scratch = new Histogram();

/**
 * A histogram for where many must be kept: only the buckets in use, in a hash table with linear probing. With few buckets in
 * use it takes a hundredth of the memory of a dense one, and adding rarely allocates. Its memory grows with what is added to it:
 * two durations that lie far apart take no more than two that lie close together.
 */
export class SparseTotal {
  /** The index of a bucket plus 1; 0 where a slot is free. */
  #keys = new Uint16Array(FIRST_SLOTS);
  #counts = new Float64Array(FIRST_SLOTS);
  #used = 0;
  #count = 0;
  #sumUs = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  /** How many durations were added. */
  get count(): number {
    return this.#count;
  }

  /** About how much memory this takes. */
  get bytes(): number {
    return OBJECT_BYTES + SLOT_BYTES * this.#keys.length;
  }

  /** This runs for every row of every window that control takes: hence one loop on local variables. */
  add({ indices, counts, sumUs, minUs, maxUs }: EncodedHistogram): void {
    if (indices.length === 0) return;
    this.#reserve(indices.length);
    let keys = this.#keys;
    let totals = this.#counts;
    let added = 0;
    for (let i = 0; i < indices.length; i++) {
      const count = counts[i] as number;
      const key = (indices[i] as number) + 1;
      let slot = slotOf(keys, key);
      if (keys[slot] === 0) {
        if (this.#used + 1 > keys.length * FULL) {
          this.#resize(2 * keys.length);
          keys = this.#keys;
          totals = this.#counts;
          slot = slotOf(keys, key);
        }
        keys[slot] = key;
        this.#used++;
      }
      totals[slot] = (totals[slot] as number) + count;
      added += count;
    }
    this.#count += added;
    this.#sumUs += sumUs;
    if (minUs < this.#minUs) this.#minUs = minUs;
    if (maxUs > this.#maxUs) this.#maxUs = maxUs;
  }

  /** Everything that was added. */
  encode(): EncodedHistogram {
    return this.#used === 0 ? EMPTY_HISTOGRAM : this.read((dense) => dense.encode());
  }

  /** @param from reads from everything that was added; the histogram is good until it returns, and it may read no other total */
  read<Found>(from: (dense: Histogram) => Found): Found {
    const keys = this.#keys;
    const totals = this.#counts;
    const indices = new Array<number>(this.#used);
    const counts = new Array<number>(this.#used);
    let next = 0;
    for (let slot = 0; slot < keys.length; slot++) {
      if (keys[slot] === 0) continue;
      indices[next] = (keys[slot] as number) - 1;
      counts[next++] = totals[slot] as number;
    }
    if (this.#used > 0) {
      scratch.addEncoded({ minUs: this.#minUs, maxUs: this.#maxUs, sumUs: this.#sumUs, indices, counts });
    }
    const found = from(scratch);
    scratch.clear();
    return found;
  }

  /** Makes room for this many buckets at once: to grow step by step costs more than all else. */
  #reserve(buckets: number): void {
    let slots = this.#keys.length;
    while (buckets > slots * FULL) slots *= 2;
    if (slots > this.#keys.length) this.#resize(slots);
  }

  #resize(slots: number): void {
    const keys = new Uint16Array(slots);
    const totals = new Float64Array(slots);
    this.#keys.forEach((key, before) => {
      if (key === 0) return;
      const slot = slotOf(keys, key);
      keys[slot] = key;
      totals[slot] = this.#counts[before] as number;
    });
    this.#keys = keys;
    this.#counts = totals;
  }
}

/** Where a key stands, or the free slot where it belongs. The table is never full. */
function slotOf(keys: Uint16Array, key: number): number {
  const mask = keys.length - 1;
  // Buckets in use are neighbours, and their slots should lie apart (D. Knuth's multiplicative hashing).
  let slot = (Math.imul(key, 0x9e3779b1) >>> 16) & mask;
  for (let found = keys[slot]; found !== key && found !== 0; found = keys[slot]) slot = (slot + 1) & mask;
  return slot;
}
