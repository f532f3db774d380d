import type { Clock } from '../core/clock.ts';

interface Timer {
  readonly dueUs: number;
  readonly order: number;
  readonly callback: () => void;
}

export interface FakeClockOptions {
  /** How long one turn of a spinning event loop takes. */
  readonly turnUs?: number;
  /** How far somebody has set the wall clock. */
  readonly wallAheadMs?: number;
  /** Turns of the real event loop between two moments: what was sent in one of them has arrived before the next. */
  readonly turns?: number;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #turnUs: number;
  readonly #wallAheadMs: number;
  readonly #turns: number;
  #nowUs: number;
  #timers: Timer[] = [];
  #soon: (() => void)[] = [];
  #order = 0;

  constructor(nowUs = 1_000_000, { turnUs = 50, wallAheadMs = 0, turns: settling = 1 }: FakeClockOptions = {}) {
    this.#nowUs = nowUs;
    this.#turnUs = turnUs;
    this.#wallAheadMs = wallAheadMs;
    this.#turns = settling;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  epochMs(): number {
    return Date.UTC(2026, 0, 1) + this.#wallAheadMs + this.#nowUs / 1000;
  }

  uptimeUs(): number {
    return 3600e6 + this.#nowUs;
  }

  after(delayUs: number, callback: () => void): () => void {
    const timer = { dueUs: this.#nowUs + Math.max(0, delayUs), order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers have neither fired nor been cancelled. */
  get waiting(): number {
    return this.#timers.length;
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Time that passes inside a callback, such as a blocked event loop. */
  block(us: number): void {
    this.#nowUs += us;
  }

  /** Awaited between two moments. A clock for a test whose subject has work done by threads or by others waits for that too. */
  protected settle(): Promise<void> {
    return turns(this.#turns);
  }

  /** Moves on timer by timer; after each, everything that follows from it happens before the next. */
  async advance(us: number): Promise<void> {
    const endUs = this.#nowUs + us;
    await this.settle();
    for (;;) {
      this.#timers.sort((a, b) => a.dueUs - b.dueUs || a.order - b.order);
      const next = this.#timers[0];
      // As in an event loop, all timers that are due come before what is to come soon.
      if (next !== undefined && next.dueUs <= (this.#soon.length > 0 ? this.#nowUs : endUs)) {
        this.#timers.shift();
        this.#nowUs = Math.max(this.#nowUs, next.dueUs);
        next.callback();
        await this.settle();
        continue;
      }
      if (this.#soon.length === 0) break;
      for (const callback of this.#soon.splice(0)) callback();
      await this.settle();
      if (this.#nowUs >= endUs) break;
      this.#nowUs = Math.min(endUs, this.#nowUs + this.#turnUs);
    }
    this.#nowUs = Math.max(this.#nowUs, endUs);
  }

  /** Moves on until the promise settles. */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (let steps = 0; !isSettled; steps++) {
      if (steps > 100_000) throw new Error('the promise never settles');
      await this.advance(10_000);
    }
    return promise;
  }
}

/** Turns of the event loop: what has arrived is handled, and every promise that can settle does. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
