/** Monotonic time and timers. */
export interface MonotonicClock {
  /** Whole microseconds. */
  nowUs(): number;
  /** Calls back once, after at least this long, however long that is; the returned function takes it back. */
  after(delayUs: number, callback: () => void): () => void;
}

/** A runtime's timers hold at most this, nearly 25 days; longer ones would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const monotonicClock: MonotonicClock = {
  nowUs: () => Math.round(performance.now() * 1000),
  after(delayUs, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (delayMs: number) => {
      const stepMs = Math.min(delayMs, LONGEST_DELAY_MS);
      timer = setTimeout(() => (stepMs < delayMs ? wait(delayMs - stepMs) : callback()), stepMs);
    };
    wait(Math.max(0, Math.ceil(delayUs / 1000)));
    return () => clearTimeout(timer);
  },
};
