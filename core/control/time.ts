/** Time and timers, injected so that tests need not wait. */
export interface Time {
  /** Monotonic, whole microseconds. */
  nowUs(): number;
  /** Wall clock, milliseconds since 1970. */
  epochMs(): number;
  /** Calls back once, after at least this long; the returned function takes it back. */
  after(delayUs: number, callback: () => void): () => void;
}

/** A runtime's timers hold at most this; longer ones would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemTime: Time = {
  nowUs: () => Math.round(performance.now() * 1000),
  epochMs: () => Date.now(),
  after(delayUs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(delayUs / 1000)), LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
};

/** A time limit that aborts a signal, together with other signals that do. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** @param message of the error that the signal's reason is when the time is over */
export function deadline(time: Time, delayUs: number, message: string, ...others: readonly AbortSignal[]): Deadline {
  const over = new AbortController();
  const cancel = time.after(delayUs, () => over.abort(new Error(message)));
  return { signal: AbortSignal.any([over.signal, ...others]), [Symbol.dispose]: cancel };
}

/** What the promise gives, unless the signal is aborted first: then throws its reason. */
export async function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
