import type { Clock } from './clock.ts';
import { BenchError } from './error.ts';
import { type CallPlugin, callInWords } from './plugin-call.ts';

/**
 * Waits for work no longer than a time limit.
 * @param delayUs the limit, in microseconds
 * @param message what the error says when the limit has passed, as one sentence
 * @param work is told by its signal that nobody waits any longer
 * @param signals end the waiting early
 * @throws {BenchError} with the code `timeout` when the limit has passed, or the reason of one of the signals
 */
export async function withTimeout<Result>(
  clock: Pick<Clock, 'after'>,
  delayUs: number,
  message: string,
  work: (signal: AbortSignal) => Promise<Result>,
  ...signals: readonly AbortSignal[]
): Promise<Result> {
  const over = new AbortController();
  const cancel = clock.after(delayUs, () => over.abort(new BenchError('timeout', message)));
  const signal = AbortSignal.any([over.signal, ...signals]);
  try {
    return await unlessAborted(work(signal), signal);
  } finally {
    cancel();
  }
}

/** How long a function of a plugin may take that is called before a run. */
export const PLUGIN_CALL_LIMIT_US = 10_000_000;

/** Calls plugins, each function no longer than {@link PLUGIN_CALL_LIMIT_US}. */
export function callInTime(clock: Pick<Clock, 'after'>, limitUs = PLUGIN_CALL_LIMIT_US): CallPlugin {
  return (plugin, name, call) => {
    const message = `${callInWords(plugin, name)} has not come back after ${limitUs / 1e6} s`;
    return withTimeout(clock, limitUs, message, async () => {
      // Whoever stops a call that has the event loop for itself stops all that is under way with it, but not those who wait.
      await undefined;
      return call();
    });
  };
}

/** What the promise gives, unless the signal is aborted first: then throws the signal's reason. */
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
