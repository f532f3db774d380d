import { readFileSync } from 'node:fs';

/** Time and timers, injected so that tests need not wait. */
export interface Clock {
  /** Monotonic, whole microseconds. */
  nowUs(): number;
  /** Wall clock, milliseconds since 1970. */
  epochMs(): number;
  /** Microseconds since the host was started, alike in all its processes; undefined where the host does not tell. */
  uptimeUs(): number | undefined;
  /** Calls back once, after at least this long, however long that is; the returned function takes it back. */
  after(delayUs: number, callback: () => void): () => void;
  /** Calls back in the event loop's next turn, after pending input and output. */
  soon(callback: () => void): void;
}

/** A runtime's timers hold at most this, nearly 25 days; longer ones would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowUs: () => Math.round(performance.now() * 1000),
  epochMs: () => Date.now(),
  uptimeUs: hostUptimeUs,
  after(delayUs, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (delayMs: number) => {
      const stepMs = Math.min(delayMs, MAX_DELAY_MS);
      timer = setTimeout(() => (stepMs < delayMs ? wait(delayMs - stepMs) : callback()), stepMs);
    };
    wait(Math.max(0, Math.ceil(delayUs / 1000)));
    return () => clearTimeout(timer);
  },
  soon: (callback) => {
    setImmediate(callback);
  },
};

/** Linux alone tells it, to hundredths of a second. @see proc_uptime(5) */
function hostUptimeUs(): number | undefined {
  try {
    return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e6;
  } catch {
    return undefined;
  }
}
