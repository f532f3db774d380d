import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Client, createClient } from '@libsql/client/sqlite3';
import type { BatchItem } from 'drizzle-orm/batch';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { drizzle } from 'drizzle-orm/libsql/sqlite3';
import { errorMessage } from '../../error.ts';
import { innermost, type Queries, type RunToAdd, type StoreDatabase, StoreError } from './database.ts';
import { newestMigration, refuseNewerTables, SQLITE_MIGRATIONS_TABLE } from './newer-tables.ts';
import { isGoneHere, type Owner, ownHost } from './owner.ts';
import { baselines, monitorSamples, runs, windows } from './schema.ts';

const LOCK_WAIT_MS = 5000;
const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));

/**
 * Opens the file, or creates it; its folder must exist.
 * @param file `:memory:` for a store that ends with the process
 * @throws {StoreError} when it cannot be used
 */
export async function openSqlite(file: string): Promise<StoreDatabase> {
  try {
    const url = file === ':memory:' ? ':memory:' : pathToFileURL(resolve(file)).href;
    const client = createClient({ url, concurrency: 1, timeout: LOCK_WAIT_MS });
    // Commits survive the process without waiting for the disk; a power cut may take the newest.
    await client.execute('PRAGMA journal_mode = WAL');
    await client.execute('PRAGMA synchronous = NORMAL');
    const database = drizzle(client);
    const migrated = () => migrate(database, { migrationsFolder: MIGRATIONS_FOLDER });
    // Another process may create the tables of a new file at the same time: the second attempt finds them.
    await migrated().catch(migrated);
    const { rows } = await client.execute(newestMigration(SQLITE_MIGRATIONS_TABLE));
    refuseNewerTables(MIGRATIONS_FOLDER, rows[0]?.newest);
    return new SqliteDatabase(client, database, file);
  } catch (error) {
    const [what, advice] = faultOf(error) ?? [causeOf(error), 'move it away'];
    throw new StoreError(
      `the store ${file} cannot be opened (${what}): ${advice}, or choose another file with --store`,
      { cause: error },
    );
  }
}

class SqliteDatabase implements StoreDatabase {
  readonly name: string;
  readonly tables = { runs, windows, monitorSamples, baselines };
  readonly ownersReturnWithinMs = 0;
  readonly #client: Client;
  readonly #database: LibSQLDatabase;

  constructor(client: Client, database: LibSQLDatabase, file: string) {
    this.#client = client;
    this.#database = database;
    this.name = file;
  }

  async use<Result>(work: (queries: Queries) => PromiseLike<Result>): Promise<Result> {
    return work(this.#database);
  }

  async atomically(work: (queries: Queries) => readonly PromiseLike<unknown>[]): Promise<void> {
    const [first, ...others] = work(this.#database) as readonly (PromiseLike<unknown> & BatchItem<'sqlite'>)[];
    if (first) await this.#database.batch([first, ...others]);
  }

  async addRun(row: RunToAdd): Promise<void> {
    await this.#database.insert(runs).values(row).onConflictDoNothing();
  }

  async addWindows(rows: readonly (typeof windows.$inferInsert)[]): Promise<void> {
    // Drizzle would write the statement anew for each commit, which takes nearly as long as SQLite takes for small windows.
    const sql = `insert into windows (run_id, agent, epoch, seq, window) values ${rows.map(() => '(?, ?, ?, ?, ?)').join()} on conflict do nothing`;
    const args = rows.flatMap(({ runId, agent, epoch, seq, window }) => [runId, agent, epoch, seq, window]);
    await this.#client.execute({ sql, args });
  }

  async isActive(owner: Owner): Promise<boolean> {
    // Nothing is known of other hosts, whose processes count as gone.
    return owner.host === ownHost && !isGoneHere(owner);
  }

  causeOf(error: unknown): string {
    return causeOf(error);
  }

  /** Leaves one file, without the log beside it, unless another control uses the store too. */
  async close(): Promise<void> {
    try {
      await this.#client.execute('PRAGMA busy_timeout = 0');
      await this.#client.execute('PRAGMA journal_mode = DELETE');
    } catch {
      // In use: the last one to close does it.
    }
    this.#client.close();
  }
}

/** By SQLite's primary result codes (https://sqlite.org/rescode.html), what it cannot do, and what to do about that. */
const FAULTS: Readonly<Record<string, readonly [what: string, advice: string]>> = {
  SQLITE_BUSY: ['another process has locked it', 'end that process'],
  SQLITE_CORRUPT: ['the file is damaged', 'put a copy in its place, or move it away'],
  SQLITE_FULL: ['its disk is full', 'make room there'],
  SQLITE_NOTADB: ['it is not a database of SQLite', 'move it away'],
  SQLITE_READONLY: ['this user may not write to the file or its folder', 'give that right'],
};

function faultOf(error: unknown): readonly [what: string, advice: string] | undefined {
  const { code, message } = (innermost(error) ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (/too many open files/i.test(String(message)))
    return ['too many files are open', 'raise the limit with `ulimit -n`'];
  return FAULTS[/^SQLITE_[A-Z]+/.exec(String(code))?.[0] ?? ''];
}

function causeOf(error: unknown): string {
  return faultOf(error)?.join(': ') ?? errorMessage(innermost(error));
}
