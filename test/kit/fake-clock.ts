import type { Clock } from '../../agents/engine/clock.ts';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowUs: number;
  #timers: { atUs: number; order: number; callback: () => void }[] = [];
  #soon: (() => void)[] = [];
  #order = 0;

  readonly #turnUs: number;

  /** @param turnUs how long one turn of a spinning event loop takes */
  constructor(nowUs = 1_000_000, turnUs = 50) {
    this.#nowUs = nowUs;
    this.#turnUs = turnUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  after(delayUs: number, callback: () => void): () => void {
    const timer = { atUs: this.#nowUs + Math.max(0, delayUs), order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Time that passes inside a callback, such as a blocked event loop. */
  block(us: number): void {
    this.#nowUs += us;
  }

  /** Moves on timer by timer; after each, promises settle before the next. */
  async advance(us: number): Promise<void> {
    const endUs = this.#nowUs + us;
    await settle();
    for (;;) {
      this.#timers.sort((a, b) => a.atUs - b.atUs || a.order - b.order);
      const next = this.#timers[0];
      // As in an event loop, all timers that are due come before what is to come soon.
      if (next !== undefined && next.atUs <= (this.#soon.length > 0 ? this.#nowUs : endUs)) {
        this.#timers.shift();
        this.#nowUs = Math.max(this.#nowUs, next.atUs);
        next.callback();
        await settle();
        continue;
      }
      if (this.#soon.length === 0) break;
      for (const callback of this.#soon.splice(0)) callback();
      await settle();
      if (this.#nowUs >= endUs) break;
      this.#nowUs = Math.min(endUs, this.#nowUs + this.#turnUs);
    }
    this.#nowUs = Math.max(this.#nowUs, endUs);
  }
}

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
