/** Time and timers, injected so that tests run on a fake one. */
export interface Clock {
  /** Monotonic, whole microseconds. */
  nowUs(): number;
  /** Calls back after at least this long; the returned function takes it back. */
  after(delayUs: number, callback: () => void): () => void;
  /** Calls back in the event loop's next turn, after pending input and output. */
  soon(callback: () => void): void;
}

export const systemClock: Clock = {
  nowUs: () => Math.round(performance.now() * 1000),
  after(delayUs, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.ceil(delayUs / 1000)));
    return () => clearTimeout(timer);
  },
  soon: (callback) => {
    setImmediate(callback);
  },
};
