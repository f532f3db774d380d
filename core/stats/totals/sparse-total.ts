import {
  BUCKET_COUNT,
  bucketIndex,
  EMPTY_HISTOGRAM,
  type EncodedHistogram,
  encodedHistogram,
  HIGHEST_TRACKABLE_US,
  Histogram,
} from '../histogram.ts';
import { countOf } from '../merge-encoded.ts';

const FIRST_SLOTS = 16;
const COUNT_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** A key and a count. */
const SLOT_BYTES = Uint16Array.BYTES_PER_ELEMENT + COUNT_BYTES;
/** The object and its arrays, without what they hold. */
const OBJECT_BYTES = 350;
/** The share of the slots that may be in use before the table grows. */
const FULL = 0.75;
/** A table of this size has more buckets in use than a coarse histogram can have. */
const LARGE_SLOTS = 1024;
/** A large table becomes a range where that takes at most this many times its memory. */
const MEMORY_FOR_SPEED = 2;
/** No count in a range can be greater while all of them together are not. */
const MAX_INT32 = 2 ** 31 - 1;
const NO_COUNTS = new Int32Array(0);
/** A dense histogram is large, so all totals share this one to be read. It is empty between calls. */
const scratch = new Histogram();
/** Puts the buckets of a total in order, which is much faster than to sort them. All are 0 between calls. */
const inOrder = new Float64Array(BUCKET_COUNT);

/**
 * A histogram for where many must be kept: only the buckets in use, in a hash table with linear probing. With few buckets in
 * use it takes a hundredth of the memory of a dense one, and adding rarely allocates. Where many are in use that lie close
 * together, all buckets of their range are kept in order, which is twice as fast, and only those outside stay in the table.
 * Its memory grows with what is added to it: two durations that lie far apart take no more than two that lie close together.
 */
export class SparseTotal {
  /** The index of a bucket plus 1; 0 where a slot is free. */
  #keys = new Uint16Array(FIRST_SLOTS);
  #counts = new Float64Array(FIRST_SLOTS);
  /** The slots in use. */
  #used = 0;
  /**
   * The counts of neighbouring buckets, of which none is in the table. Four bytes each for as long as that is enough: the ranges
   * of fifty rows then stay in a core's cache, and adding to them takes a third less.
   */
  #range: Int32Array | Float64Array = NO_COUNTS;
  /** The bucket that the range begins with. */
  #from = 0;
  #count = 0;
  #sumUs = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  /** No total that holds so many buckets takes more memory. */
  static mostBytes(buckets: number): number {
    // A table doubles when it is full, and may become a range then, with a new table.
    const ofTable = Math.max(FIRST_SLOTS, (2 * buckets) / FULL) * SLOT_BYTES;
    return OBJECT_BYTES + (1 + MEMORY_FOR_SPEED) * ofTable;
  }

  /** How many durations were added. */
  get count(): number {
    return this.#count;
  }

  /** About how much memory this takes. */
  get bytes(): number {
    return OBJECT_BYTES + SLOT_BYTES * this.#keys.length + this.#range.byteLength;
  }

  /** This runs for every row of every window that control takes: hence loops on local variables. */
  add({ indices, counts, sumUs, minUs, maxUs }: EncodedHistogram): void {
    const { length } = indices;
    if (length === 0) return;
    this.#count += countOf({ counts });
    if (this.#count > MAX_INT32 && this.#range instanceof Int32Array) this.#range = new Float64Array(this.#range);
    const range = this.#range;
    const from = this.#from;
    const slots = this.#keys.length;
    if (range.length === 0) this.#reserve(length);
    // Indices rise, so what lies in the range comes in a row. A loop for that alone takes a tenth less on Bun, a seventh on Node.
    let first = 0;
    while (first < length && (indices[first] as number) < from) first++;
    let next = first;
    for (; next < length; next++) {
      const at = (indices[next] as number) - from;
      if (at >= range.length) break;
      range[at] = (range[at] as number) + (counts[next] as number);
    }
    if (first > 0) this.#addToTable(indices, counts, 0, first);
    if (next < length) this.#addToTable(indices, counts, next, length);
    this.#sumUs += sumUs;
    if (minUs < this.#minUs) this.#minUs = minUs;
    if (maxUs > this.#maxUs) this.#maxUs = maxUs;
    if (this.#keys.length > slots && this.#keys.length >= LARGE_SLOTS) this.#moveToRange();
  }

  #addToTable(indices: readonly number[], counts: readonly number[], from: number, to: number): void {
    let keys = this.#keys;
    let totals = this.#counts;
    for (let i = from; i < to; i++) {
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
      totals[slot] = (totals[slot] as number) + (counts[i] as number);
    }
  }

  /** Everything that was added. */
  encode(): EncodedHistogram {
    if (this.#count === 0) return EMPTY_HISTOGRAM;
    const [first, end] = this.#bounds();
    const indices: number[] = [];
    const counts: number[] = [];
    this.#putInOrder();
    for (let index = first; index < end; index++) {
      const count = inOrder[index] as number;
      if (count === 0) continue;
      indices.push(index);
      counts.push(count);
      inOrder[index] = 0;
    }
    return encodedHistogram(this.#minUs, this.#maxUs, this.#sumUs, indices, counts);
  }

  /**
   * Everything that was added. The total is empty after it, and keeps the memory that this took, so that as much can be added
   * again; what it kept before and did not need is given back.
   */
  take(): EncodedHistogram {
    const taken = this.encode();
    if (this.bytes > SparseTotal.mostBytes(taken.indices.length)) {
      this.#keys = new Uint16Array(FIRST_SLOTS);
      this.#counts = new Float64Array(FIRST_SLOTS);
      this.#range = NO_COUNTS;
    } else {
      this.#keys.fill(0);
      this.#counts.fill(0);
      this.#range.fill(0);
    }
    this.#used = 0;
    this.#count = 0;
    this.#sumUs = 0;
    this.#minUs = Number.POSITIVE_INFINITY;
    this.#maxUs = 0;
    return taken;
  }

  /** @param from reads from everything that was added; the histogram is good until it returns, and it may read no other total */
  read<Found>(from: (dense: Histogram) => Found): Found {
    scratch.addEncoded(this.encode());
    const found = from(scratch);
    scratch.clear();
    return found;
  }

  /** The first bucket in use, and the one after the last. */
  #bounds(): [number, number] {
    return [bucketOf(this.#minUs), bucketOf(this.#maxUs) + 1];
  }

  #putInOrder(): void {
    inOrder.set(this.#range, this.#from);
    const keys = this.#keys;
    for (let slot = 0; slot < keys.length; slot++) {
      const key = keys[slot] as number;
      if (key !== 0) inOrder[key - 1] = this.#counts[slot] as number;
    }
  }

  /** Makes room for this many buckets at once: to grow step by step costs more than all else. */
  #reserve(buckets: number): void {
    let slots = this.#keys.length;
    while (buckets > slots * FULL) slots *= 2;
    if (slots > this.#keys.length) this.#resize(slots);
  }

  #resize(slots: number): void {
    const before = this.#keys;
    const keys = new Uint16Array(slots);
    const totals = new Float64Array(slots);
    for (let i = 0; i < before.length; i++) {
      const key = before[i] as number;
      if (key === 0) continue;
      const slot = slotOf(keys, key);
      keys[slot] = key;
      totals[slot] = this.#counts[i] as number;
    }
    this.#keys = keys;
    this.#counts = totals;
  }

  /** Makes one range of everything, if that is not too large. */
  #moveToRange(): void {
    const [first, end] = this.#bounds();
    if ((end - first) * COUNT_BYTES > MEMORY_FOR_SPEED * SLOT_BYTES * this.#keys.length) return;
    this.#putInOrder();
    const counts = inOrder.subarray(first, end);
    this.#range = this.#count > MAX_INT32 ? counts.slice() : new Int32Array(counts);
    this.#from = first;
    inOrder.fill(0, first, end);
    this.#keys = new Uint16Array(FIRST_SLOTS);
    this.#counts = new Float64Array(FIRST_SLOTS);
    this.#used = 0;
  }
}

function bucketOf(us: number): number {
  return bucketIndex(Math.min(us, HIGHEST_TRACKABLE_US));
}

/** Where a key stands, or the free slot where it belongs. The table is never full. */
function slotOf(keys: Uint16Array, key: number): number {
  const mask = keys.length - 1;
  // Buckets in use are neighbours, and their slots should lie apart (D. Knuth's multiplicative hashing).
  let slot = (Math.imul(key, 0x9e3779b1) >>> 16) & mask;
  for (let found = keys[slot]; found !== key && found !== 0; found = keys[slot]) slot = (slot + 1) & mask;
  return slot;
}
