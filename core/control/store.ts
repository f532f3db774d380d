import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import { desc, eq, notInArray, sql } from 'drizzle-orm';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import type { RunState } from './run-state.ts';
import { runs, windows } from './schema.ts';

/** The store cannot do what it was asked to; the message is one sentence. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export interface NewRun {
  readonly runId: string;
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** As JSON of the plan schema. */
  readonly plan: string;
  readonly baseDirectory: string;
  /** As JSON. */
  readonly checkpoint: string;
}

export interface StoredRun {
  readonly runId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly state: RunState['kind'];
  readonly reason: string;
  /** `pass`, `fail`, `invalid` or `aborted`; empty until the run has finished. */
  readonly verdict: string;
}

/** What a run was to do. */
export interface StoredPlan {
  /** As JSON of the plan schema. */
  readonly plan: string;
  readonly baseDirectory: string;
  /** Its control process is there and conducts it. */
  readonly isUnderWay: boolean;
}

export interface StoredWindow {
  readonly runId: string;
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  /** bench.v1.Window */
  readonly window: Uint8Array;
}

const MOST_LISTED = 1000;
/** A statement may have 32,766 parameters; five a row. */
const MOST_ROWS_A_STATEMENT = 1000;
const LOCK_WAIT_MS = 5000;

/** Runs, their results, and the windows of those under way, in a SQLite file. */
export class RunStore {
  readonly #client: Client;
  readonly #database: LibSQLDatabase;
  readonly #name: string;

  private constructor(client: Client, name: string) {
    this.#client = client;
    this.#database = drizzle(client);
    this.#name = name;
  }

  /**
   * Opens the file, or makes it; its folder must be there.
   * @param file `:memory:` for one that ends with the process
   * @throws {StoreError} when it cannot be used
   */
  static async open(file: string): Promise<RunStore> {
    try {
      const url = file === ':memory:' ? ':memory:' : pathToFileURL(resolve(file)).href;
      const client = createClient({ url, concurrency: 1, timeout: LOCK_WAIT_MS });
      // Commits survive the process without waiting for the disk; a power cut may take the newest.
      await client.execute('PRAGMA journal_mode = WAL');
      await client.execute('PRAGMA synchronous = NORMAL');
      const store = new RunStore(client, file);
      await migrate(store.#database, { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) });
      return store;
    } catch (error) {
      throw new StoreError(
        `the store ${file} cannot be opened (${causeOf(error)}): name another file with --store, or move this one away`,
      );
    }
  }

  addRun({ runId, ...run }: NewRun): Promise<void> {
    const row = { ...run, id: runId, state: 'queued' as const, ownerHost: hostname(), ownerPid: process.pid };
    return this.#write(() => this.#database.insert(runs).values(row));
  }

  setState(runId: string, state: RunState['kind'], reason: string): Promise<void> {
    return this.#write(() => this.#database.update(runs).set({ state, reason }).where(eq(runs.id, runId)));
  }

  saveCheckpoint(runId: string, checkpoint: string): Promise<void> {
    return this.#write(() => this.#database.update(runs).set({ checkpoint }).where(eq(runs.id, runId)));
  }

  /** All of them or none. A window that is there already stays as it is. */
  addWindows(rows: readonly StoredWindow[]): Promise<void> {
    return this.#write(async () => {
      const statements = [];
      for (let from = 0; from < rows.length; from += MOST_ROWS_A_STATEMENT) {
        const part = rows
          .slice(from, from + MOST_ROWS_A_STATEMENT)
          .map((row) => ({ ...row, window: Buffer.from(row.window) }));
        statements.push(this.#database.insert(windows).values(part).onConflictDoNothing());
      }
      const [first, ...others] = statements;
      if (first) await this.#database.batch([first, ...others]);
    });
  }

  /** Ends a run; its windows go. */
  endRun(
    runId: string,
    end: { state: 'finished' | 'failed'; reason: string; verdict?: string; result?: Uint8Array },
  ): Promise<void> {
    const result = end.result === undefined ? {} : { result: Buffer.from(end.result) };
    return this.#write(() =>
      this.#database.batch([
        this.#database
          .update(runs)
          .set({ state: end.state, reason: end.reason, verdict: end.verdict ?? '', ...result })
          .where(eq(runs.id, runId)),
        this.#database.delete(windows).where(eq(windows.runId, runId)),
      ]),
    );
  }

  /**
   * Fails the runs under way whose control process is no more.
   * @returns their ids
   */
  async failAbandonedRuns(reason: string): Promise<string[]> {
    const abandoned = await this.#abandoned();
    for (const { id } of abandoned) await this.endRun(id, { state: 'failed', reason });
    return abandoned.map(({ id }) => id);
  }

  /** Makes this process the owner of the runs under way whose control process is no more. @returns them, the oldest first */
  async takeAbandonedRuns(): Promise<NewRun[]> {
    const abandoned = await this.#abandoned();
    const owner = { ownerHost: hostname(), ownerPid: process.pid };
    for (const { id } of abandoned) {
      await this.#write(() => this.#database.update(runs).set(owner).where(eq(runs.id, id)));
    }
    return abandoned.map(({ id, name, createdAt, plan, baseDirectory, checkpoint }) => {
      return { runId: id, name, createdAt, plan, baseDirectory, checkpoint };
    });
  }

  /** The newest first. */
  list(): Promise<StoredRun[]> {
    return this.#read(() =>
      // Of two runs of one millisecond the one that was stored last is the newer.
      this.#database.select(SUMMARY).from(runs).orderBy(desc(runs.createdAt), sql`rowid desc`).limit(MOST_LISTED),
    );
  }

  get(runId: string): Promise<StoredRun | undefined> {
    return this.#read(async () => (await this.#database.select(SUMMARY).from(runs).where(eq(runs.id, runId)))[0]);
  }

  plan(runId: string): Promise<StoredPlan | undefined> {
    return this.#read(async () => {
      const [row] = await this.#database
        .select({
          plan: runs.plan,
          baseDirectory: runs.baseDirectory,
          state: runs.state,
          host: runs.ownerHost,
          pid: runs.ownerPid,
        })
        .from(runs)
        .where(eq(runs.id, runId));
      if (row === undefined) return undefined;
      const hasEnded = row.state === 'finished' || row.state === 'failed';
      return { plan: row.plan, baseDirectory: row.baseDirectory, isUnderWay: !hasEnded && isThere(row) };
    });
  }

  /** RunResult as UTF-8 JSON in gzip; undefined until the run has finished. */
  result(runId: string): Promise<Uint8Array | undefined> {
    return this.#read(async () => {
      const [row] = await this.#database.select({ result: runs.result }).from(runs).where(eq(runs.id, runId));
      return row?.result ?? undefined;
    });
  }

  /** Of one run, in the order of agent, epoch and seq. */
  windows(runId: string): Promise<StoredWindow[]> {
    return this.#read(() =>
      this.#database
        .select()
        .from(windows)
        .where(eq(windows.runId, runId))
        .orderBy(windows.agent, windows.epoch, windows.seq),
    );
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

  async #abandoned() {
    const underWay = await this.#read(() =>
      this.#database
        .select()
        .from(runs)
        .where(notInArray(runs.state, ['finished', 'failed']))
        .orderBy(runs.createdAt),
    );
    return underWay.filter(({ ownerHost: host, ownerPid: pid }) => pid === process.pid || !isThere({ host, pid }));
  }

  async #write(work: () => Promise<unknown> | PromiseLike<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new StoreError(`the store ${this.#name} cannot be written: ${causeOf(error)}`);
    }
  }

  async #read<Result>(work: () => PromiseLike<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw new StoreError(`the store ${this.#name} cannot be read: ${causeOf(error)}`);
    }
  }
}

const SUMMARY = {
  runId: runs.id,
  name: runs.name,
  createdAt: runs.createdAt,
  state: runs.state,
  reason: runs.reason,
  verdict: runs.verdict,
};

/** Drizzle's own message repeats the statement with all its parameters. */
function causeOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Of another host nothing is known: its process counts as gone. */
function isThere({ host, pid }: { readonly host: string; readonly pid: number }): boolean {
  return host === hostname() && isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
