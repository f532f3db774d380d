import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import { BenchError, type ErrorDetails } from '../../error.ts';
import type { mysqlRuns } from './mysql-schema.ts';
import type { Owner } from './owner.ts';
import type { baselines, monitorSamples, runs, windows } from './schema.ts';

export interface Tables {
  readonly runs: typeof runs;
  readonly windows: typeof windows;
  readonly monitorSamples: typeof monitorSamples;
  readonly baselines: typeof baselines;
}

/** All columns except the result. MySQL has no defaults for long texts, so the others are all given. */
export type RunToAdd = Omit<typeof mysqlRuns.$inferInsert, 'result' | 'rowid'>;

/**
 * The queries that drizzle builds alike for SQLite and MySQL: selects, inserts, updates and deletes. The types of SQLite stand
 * for both; a type with only the common methods would need pages of generics.
 */
export type Queries = Pick<LibSQLDatabase, 'select' | 'insert' | 'update' | 'delete'>;

/** A database that keeps runs. This is all in which SQLite and MySQL differ. */
export interface StoreDatabase {
  /** Name for messages; never with a password. */
  readonly name: string;
  readonly tables: Tables;
  /** Runs one statement, or several that need no transaction. */
  use<Result>(work: (queries: Queries) => PromiseLike<Result>): Promise<Result>;
  /** Runs all statements in one transaction. */
  atomically(work: (queries: Queries) => readonly PromiseLike<unknown>[]): Promise<void>;
  /** Adds a run. One that exists stays as it is: the caller may not know that an earlier attempt succeeded. */
  addRun(row: RunToAdd): Promise<void>;
  /**
   * Adds all rows or none, in one statement. Rows that exist stay as they are.
   * @param rows at least one, and at most `MAX_WINDOWS_PER_COMMIT` of `MAX_COMMIT_BYTES` together
   */
  addWindows(rows: readonly (typeof windows.$inferInsert)[]): Promise<void>;
  /** Whether the owner of a run is alive and at work on it. False for this process, which has not begun any run when it asks. */
  isActive(owner: Owner): Promise<boolean>;
  /** How long owners on other hosts may seem to be gone that are not, in milliseconds. */
  readonly ownersReturnWithinMs: number;
  /** What went wrong, as part of a sentence. */
  causeOf(error: unknown): string;
  close(): Promise<void>;
}

/** Thrown when the store cannot do what it was asked to; the message is one sentence. */
export class StoreError extends BenchError {
  override readonly name = 'StoreError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('store_failed', message, details);
  }
}

/** The error of the database itself: drizzle's own message repeats the statement with all its parameters. */
export function innermost(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause;
}
