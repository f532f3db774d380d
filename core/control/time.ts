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

/**
 * What the work gives, within a time limit.
 * @param work told by the signal that nobody waits any more
 * @throws an Error with this message when the time is over, or the reason of one of the other signals
 */
export async function within<Result>(
  time: Time,
  delayUs: number,
  message: string,
  work: (signal: AbortSignal) => Promise<Result>,
  ...others: readonly AbortSignal[]
): Promise<Result> {
  const over = new AbortController();
  const cancel = time.after(delayUs, () => over.abort(new Error(message)));
  const signal = AbortSignal.any([over.signal, ...others]);
  try {
    return await unlessAborted(work(signal), signal);
  } finally {
    cancel();
  }
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
