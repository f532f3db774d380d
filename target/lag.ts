const TICK_MS = 20;

/**
 * Measures how late the event loop runs timers, against an absolute schedule of one tick each 20 ms. The runtimes'
 * own meters of the event loop are not used: they say nothing on Bun and Deno.
 */
export class LagMeter {
  #timer: ReturnType<typeof setTimeout>;
  #dueMs: number;
  #worstMs = 0;

  constructor() {
    this.#dueMs = performance.now() + TICK_MS;
    this.#timer = setTimeout(this.#tick, TICK_MS);
  }

  /** The worst lateness since the last call, in milliseconds; an idle loop shows 1 to 2 ms, the timers' own grain. */
  takeWorstMs(): number {
    const worstMs = Math.max(this.#worstMs, performance.now() - this.#dueMs);
    this.#worstMs = 0;
    return worstMs;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #tick = (): void => {
    const nowMs = performance.now();
    this.#worstMs = Math.max(this.#worstMs, nowMs - this.#dueMs);
    while (this.#dueMs <= nowMs) this.#dueMs += TICK_MS;
    this.#timer = setTimeout(this.#tick, this.#dueMs - nowMs);
  };
}
