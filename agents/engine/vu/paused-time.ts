/**
 * How many of the last pauses a request that ends may still take time from. A pass has rarely more of them beside one request,
 * and one that pauses without end must not fill the memory.
 */
const MAX_KEPT = 32;

/**
 * How long the script has done nothing but pause in one pass: pauses that overlap count once, and what of them lies beside a
 * request does not count, since the pass waits for the target then. All times are microseconds on the engine's clock.
 */
export class PausedTime {
  #open = 0;
  /** Since when what is open counts. */
  #sinceUs = 0;
  #closedUs = 0;
  /** The last times that {@link #closedUs} is made of, which do not overlap, in their order. */
  readonly #kept: { readonly fromUs: number; readonly untilUs: number }[] = [];
  #isUsed = false;

  /** Whether a pause has begun. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  begins(nowUs: number): void {
    this.#isUsed = true;
    if (this.#open++ === 0) this.#sinceUs = nowUs;
  }

  ends(nowUs: number): void {
    if (--this.#open === 0) this.#close(nowUs);
  }

  /** A request that was sent at `startUs` ends now. */
  requestEnds(startUs: number, nowUs: number): void {
    if (!this.#isUsed) return;
    if (this.#open > 0) {
      this.#close(startUs);
      this.#sinceUs = nowUs;
    }
    for (let last = this.#kept.at(-1); last !== undefined && last.untilUs > startUs; last = this.#kept.at(-1)) {
      this.#kept.pop();
      this.#closedUs -= last.untilUs - last.fromUs;
      this.#keep(last.fromUs, startUs);
    }
  }

  /** The time so far, with that of pauses that have not ended. */
  totalUs(nowUs: number): number {
    return this.#closedUs + (this.#open > 0 ? nowUs - this.#sinceUs : 0);
  }

  #close(untilUs: number): void {
    this.#keep(this.#sinceUs, untilUs);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
  }

  #keep(fromUs: number, untilUs: number): void {
    if (untilUs <= fromUs) return;
    this.#kept.push({ fromUs, untilUs });
    this.#closedUs += untilUs - fromUs;
  }
}
