import { type MonotonicClock, monotonicClock } from '../clock.ts';

/** Time and timers, injected so that tests need not wait. */
export interface Time extends MonotonicClock {
  /** Wall clock, milliseconds since 1970. */
  epochMs(): number;
}

export const systemTime: Time = { ...monotonicClock, epochMs: () => Date.now() };

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
