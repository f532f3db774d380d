/** The signal was aborted first. The message continues a sentence. */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

/**
 * What the promise resolves to, unless the signal is aborted before: nobody waits for it then.
 * @throws {CutOffError} when the signal is aborted first
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cutOff = () => reject(new CutOffError('it was cut off before the server was reached'));
    if (signal.aborted) cutOff();
    else signal.addEventListener('abort', cutOff, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cutOff));
  });
}
