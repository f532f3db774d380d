import { readFileSync } from 'node:fs';
import { type MonotonicClock, monotonicClock } from '../clock.ts';

/** Time and timers, injected so that tests need not wait. */
export interface Time extends MonotonicClock {
  /** Wall clock, milliseconds since 1970. */
  epochMs(): number;
  /** Microseconds since the host was started, alike in all its processes; undefined where none knows. */
  uptimeUs(): number | undefined;
}

export const systemTime: Time = { ...monotonicClock, epochMs: () => Date.now(), uptimeUs: hostUptimeUs };

/** Of Linux, to hundredths of a second. @see proc_uptime(5) */
function hostUptimeUs(): number | undefined {
  try {
    return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e6;
  } catch {
    return undefined;
  }
}

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
