import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import { BenchError, type ErrorDetails } from '../../error.ts';
import type { Owner } from './owner.ts';
import type { monitorSamples, mysqlRuns, runs, windows } from './schema.ts';

export interface Tables {
  readonly runs: typeof runs;
  readonly windows: typeof windows;
  readonly monitorSamples: typeof monitorSamples;
}

/** All columns but the result: in MySQL those of long texts have no defaults. */
export type RunToAdd = Omit<typeof mysqlRuns.$inferInsert, 'result' | 'rowid'>;

/**
 * What drizzle builds alike for SQLite and MySQL: selects, inserts, updates and deletes. The types are those of SQLite for
 * both; an array in the place of a type that has only the common methods, whose generics run to pages.
 */
export type Queries = Pick<LibSQLDatabase, 'select' | 'insert' | 'update' | 'delete'>;

/** One database that runs are kept in: what differs between SQLite and MySQL. */
export interface StoreDatabase {
  /** For messages; never with a password. */
  readonly name: string;
  readonly tables: Tables;
  /** One statement, or several that need not be one transaction. */
  use<Result>(work: (queries: Queries) => PromiseLike<Result>): Promise<Result>;
  /** All of what the statements do, or nothing. */
  atomically(work: (queries: Queries) => readonly PromiseLike<unknown>[]): Promise<void>;
  /** A run that is there already stays as it is: whoever adds it may not know that it came through before. */
  addRun(row: RunToAdd): Promise<void>;
  /**
   * All rows or none, in one statement; those that are there already stay as they are.
   * @param rows one at least, and no more than fit one statement: see `MOST_WINDOWS_A_COMMIT` and `COMMIT_BYTES`
   */
  addWindows(rows: readonly (typeof windows.$inferInsert)[]): Promise<void>;
  /** Whether the process that owns a run is there and conducts it. This process, asked before it has begun any, is not. */
  isConducting(owner: Owner): Promise<boolean>;
  /** What went wrong, in a part of a sentence. */
  causeOf(error: unknown): string;
  close(): Promise<void>;
}

/** The store cannot do what it was asked to; the message is one sentence. */
export class StoreError extends BenchError {
  override readonly name = 'StoreError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('store_failed', message, details);
  }
}

/** Drizzle's own message repeats the statement with all its parameters. */
export function innermost(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause;
}
