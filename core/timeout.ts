import type { Clock } from './clock.ts';
import { BenchError } from './error.ts';

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
