/** Why the target cannot start or drop its table: one sentence that says what is wrong and how to fix it. */
export class TargetError extends Error {
  override name = 'TargetError';
}

/**
 * Why the database did not do what was asked.
 * - `busy`: another connection holds a lock; nothing was written, the same call may succeed later.
 * - `refused`: the database refuses at least one of the rows (a constraint or a trigger); nothing was written.
 * - `unavailable`: the database cannot be used (gone, full, read-only, its table missing); the rows are not acknowledged.
 */
export type StoreErrorKind = 'busy' | 'refused' | 'unavailable';

/** A failed call of an `UploadStore`; the message is one sentence without secrets. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The message of anything thrown, for use inside a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
