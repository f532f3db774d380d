import type { Time } from '../../../../core/control/time.ts';

/** Time that stands still unless it is told to pass. */
export class FakeTime implements Time {
  #nowUs: number;
  readonly #wallAheadMs: number;
  readonly #timers = new Set<{ readonly dueUs: number; readonly callback: () => void }>();

  /** @param wallAheadMs how far somebody has set the wall clock */
  constructor(nowUs = 5_000_000, wallAheadMs = 0) {
    this.#nowUs = nowUs;
    this.#wallAheadMs = wallAheadMs;
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
    const timer = { dueUs: this.#nowUs + Math.max(0, delayUs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets this much time pass; what is due happens in order, with all that follows from it. */
  async pass(us: number): Promise<void> {
    const endUs = this.#nowUs + us;
    for (;;) {
      await turns(3);
      const [next] = [...this.#timers].filter(({ dueUs }) => dueUs <= endUs).sort((a, b) => a.dueUs - b.dueUs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowUs = Math.max(this.#nowUs, next.dueUs);
      next.callback();
    }
    this.#nowUs = endUs;
    await turns(3);
  }

  /** Lets time pass until the promise settles. */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (let steps = 0; !isSettled; steps++) {
      if (steps > 100_000) throw new Error('it never happens');
      await this.pass(10_000);
    }
    return promise;
  }
}

/** Turns of the event loop: what has arrived is handled. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
