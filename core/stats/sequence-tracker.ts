/** Tracks which of the numbers 1, 2, 3 … have been taken, in whatever order and however often they come. */
export class SequenceTracker {
  /** Numbers that were taken beyond the first gap. */
  readonly #ahead = new Set<number>();
  #contiguous = 0;

  /** All numbers up to and including this one have been taken. */
  get contiguous(): number {
    return this.#contiguous;
  }

  has(seq: number): boolean {
    return seq <= this.#contiguous || this.#ahead.has(seq);
  }

  /** @returns false when it had been taken before */
  take(seq: number): boolean {
    if (this.has(seq)) return false;
    this.#ahead.add(seq);
    while (this.#ahead.delete(this.#contiguous + 1)) this.#contiguous++;
    return true;
  }
}
