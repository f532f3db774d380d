/** What an error may carry beside its message. */
export interface ErrorDetails {
  /** What the reader can do about it, without a full stop; for places that print it apart from the message. */
  readonly hint?: string | undefined;
  /** What was caught, where this error puts it into better words. */
  readonly cause?: unknown;
}

/**
 * A failure that was foreseen: its message is one clear sentence for the person who can mend it, and is all that this
 * person is shown. Everything else that is thrown is a fault of this program, and is logged with its stack.
 */
export class BenchError extends Error {
  override readonly name: string = 'BenchError';
  /** Stable name of what went wrong, such as `store_failed`; of an RPC its status, such as `NOT_FOUND`. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, { hint, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }

  /** The error itself where it is one of these; else one with the code `internal` that keeps it as its cause. */
  static from(error: unknown): BenchError {
    return error instanceof BenchError ? error : new BenchError('internal', errorMessage(error), { cause: error });
  }

  /** Whether somebody other than the authors of this program can mend it. */
  get isExpected(): boolean {
    return this.code !== 'internal';
  }
}

/** What a caught value says, as one sentence. */
export function errorMessage(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

/** The stack of a failure that nobody foresaw, for the log; undefined for a {@link BenchError}, whose message says all. */
export function unexpectedStack(error: unknown): string | undefined {
  const thrown = error instanceof BenchError && !error.isExpected ? error.cause : error;
  if (thrown instanceof BenchError || !(thrown instanceof Error)) return undefined;
  return thrown.stack ?? String(thrown);
}
