import { hostname } from 'node:os';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { and, desc, eq, exists, gt, inArray, lt, notInArray, sql } from 'drizzle-orm';
import { isDatabaseUrl, parseDatabaseUrl } from '../plan/database-url.ts';
import type { RunState } from './run-state.ts';
import type { runs } from './schema.ts';
import { type Queries, type StoreDatabase, StoreError } from './store/database.ts';

export { StoreError } from './store/database.ts';

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

export interface StoredSample {
  readonly runId: string;
  readonly monitor: string;
  readonly second: number;
  /** Values by metric, as JSON. */
  readonly metrics: string;
}

type RunRow = typeof runs.$inferSelect;

const MOST_LISTED = 1000;
/** How many windows are read or dropped at once: of a thousand agents there are millions an hour. */
const PAGE_WINDOWS = 1000;
const ENDED = ['finished', 'failed'] as const;

/** Runs, their results, and what is measured in those under way: in a SQLite file or a MySQL database. */
export class RunStore {
  readonly #database: StoreDatabase;

  private constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /**
   * Opens the store, or makes it.
   * @param place a SQLite file in a folder that is there, `:memory:`, or `mysql://user:password@host:port/database`
   * @throws {StoreError} when it cannot be used
   */
  static async open(place: string): Promise<RunStore> {
    return new RunStore(await openDatabase(place));
  }

  addRun({ runId, ...run }: NewRun): Promise<void> {
    const ownership = { ownerHost: hostname(), ownerPid: process.pid };
    const row = { ...run, ...ownership, id: runId, state: 'queued' as const, reason: '', verdict: '' };
    return this.#write((queries) => queries.insert(this.#runs).values(row));
  }

  setState(runId: string, state: RunState['kind'], reason: string): Promise<void> {
    return this.#update(runId, { state, reason });
  }

  saveCheckpoint(runId: string, checkpoint: string): Promise<void> {
    return this.#update(runId, { checkpoint });
  }

  /** All of them or none. A window that is there already stays as it is. */
  addWindows(rows: readonly StoredWindow[]): Promise<void> {
    const stored = rows.map((row) => ({ ...row, window: Buffer.from(row.window) }));
    return this.#writing(() => this.#database.addWindows(stored));
  }

  /** What the monitor said in that second before is replaced. */
  addMonitorSample(sample: StoredSample): Promise<void> {
    const { monitorSamples } = this.#database.tables;
    const { runId, monitor, second } = monitorSamples;
    const its = and(eq(runId, sample.runId), eq(monitor, sample.monitor), eq(second, sample.second));
    return this.#writing(() =>
      this.#database.atomically((queries) => [
        queries.delete(monitorSamples).where(its),
        queries.insert(monitorSamples).values(sample),
      ]),
    );
  }

  /** Ends a run; what was measured in it goes, the windows with the next start of control at the latest. */
  async endRun(
    runId: string,
    end: { state: 'finished' | 'failed'; reason: string; verdict?: string; result?: Uint8Array },
  ): Promise<void> {
    const result = end.result === undefined ? {} : { result: Buffer.from(end.result) };
    const values = { state: end.state, reason: end.reason, verdict: end.verdict ?? '', ...result };
    const { monitorSamples } = this.#database.tables;
    await this.#writing(() =>
      this.#database.atomically((queries) => [
        queries.update(this.#runs).set(values).where(eq(this.#runs.id, runId)),
        queries.delete(monitorSamples).where(eq(monitorSamples.runId, runId)),
      ]),
    );
    await this.#dropWindows(runId).catch(() => {});
  }

  /**
   * Fails the runs under way whose control process is no more.
   * @returns their ids
   */
  async failAbandonedRuns(reason: string): Promise<string[]> {
    await this.#dropLeftWindows();
    const abandoned = await this.#abandoned();
    for (const { id } of abandoned) await this.endRun(id, { state: 'failed', reason });
    return abandoned.map(({ id }) => id);
  }

  /** Makes this process the owner of the runs under way whose control process is no more. @returns them, the oldest first */
  async takeAbandonedRuns(): Promise<NewRun[]> {
    await this.#dropLeftWindows();
    const abandoned = await this.#abandoned();
    const owner = { ownerHost: hostname(), ownerPid: process.pid };
    for (const { id } of abandoned) await this.#update(id, owner);
    return abandoned.map(({ id, name, createdAt, plan, baseDirectory, checkpoint }) => {
      return { runId: id, name, createdAt, plan, baseDirectory, checkpoint };
    });
  }

  /** The newest first. */
  list(): Promise<StoredRun[]> {
    return this.#read((queries) =>
      // Of two runs of one millisecond the one that was stored last is the newer.
      queries
        .select(this.#summary)
        .from(this.#runs)
        .orderBy(desc(this.#runs.createdAt), sql`rowid desc`)
        .limit(MOST_LISTED),
    );
  }

  async get(runId: string): Promise<StoredRun | undefined> {
    const found = await this.#read((queries) =>
      queries.select(this.#summary).from(this.#runs).where(eq(this.#runs.id, runId)),
    );
    return found[0];
  }

  async plan(runId: string): Promise<StoredPlan | undefined> {
    const { plan, baseDirectory, state, ownerHost: host, ownerPid: pid } = this.#runs;
    const [row] = await this.#read((queries) =>
      queries.select({ plan, baseDirectory, state, host, pid }).from(this.#runs).where(eq(this.#runs.id, runId)),
    );
    if (row === undefined) return undefined;
    const hasEnded = ENDED.some((state) => state === row.state);
    const isUnderWay = !hasEnded && (await this.#isConducting(row));
    return { plan: row.plan, baseDirectory: row.baseDirectory, isUnderWay };
  }

  /** RunResult as UTF-8 JSON in gzip; undefined until the run has finished. */
  async result(runId: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#read((queries) =>
      queries.select({ result: this.#runs.result }).from(this.#runs).where(eq(this.#runs.id, runId)),
    );
    return row?.result ?? undefined;
  }

  /** Of one run, in the order of agent, epoch and seq: pages, each of one session of an agent. */
  async *windows(runId: string): AsyncGenerator<readonly StoredWindow[]> {
    const { windows } = this.#database.tables;
    const { agent, epoch, seq } = windows;
    const ofRun = eq(windows.runId, runId);
    const sessions = await this.#read((queries) =>
      queries.selectDistinct({ agent, epoch }).from(windows).where(ofRun).orderBy(agent, epoch),
    );
    for (const session of sessions) {
      const ofSession = and(ofRun, eq(agent, session.agent), eq(epoch, session.epoch));
      let reached = 0;
      for (;;) {
        const page = await this.#read((queries) =>
          queries
            .select()
            .from(windows)
            .where(and(ofSession, gt(seq, reached)))
            .orderBy(seq)
            .limit(PAGE_WINDOWS),
        );
        const last = page.at(-1);
        if (last === undefined) break;
        yield page;
        reached = last.seq;
      }
    }
  }

  /** Of one run, in the order of seconds. */
  monitorSamples(runId: string): Promise<StoredSample[]> {
    const { monitorSamples } = this.#database.tables;
    return this.#read((queries) =>
      queries
        .select()
        .from(monitorSamples)
        .where(eq(monitorSamples.runId, runId))
        .orderBy(monitorSamples.second, monitorSamples.monitor),
    );
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  get #runs() {
    return this.#database.tables.runs;
  }

  get #summary() {
    const { id: runId, name, createdAt, state, reason, verdict } = this.#runs;
    return { runId, name, createdAt, state, reason, verdict };
  }

  async #abandoned() {
    const underWay = await this.#read((queries) =>
      queries
        .select()
        .from(this.#runs)
        .where(notInArray(this.#runs.state, [...ENDED]))
        .orderBy(this.#runs.createdAt),
    );
    const abandoned = [];
    for (const run of underWay) {
      if (!(await this.#isConducting({ host: run.ownerHost, pid: run.ownerPid }))) abandoned.push(run);
    }
    return abandoned;
  }

  /** Page by page: control has other things to do meanwhile. */
  async #dropWindows(runId: string): Promise<void> {
    const { windows } = this.#database.tables;
    const { agent, epoch, seq } = windows;
    const ofRun = eq(windows.runId, runId);
    for (;;) {
      const [first] = await this.#read((queries) =>
        queries.select({ agent, epoch, seq }).from(windows).where(ofRun).orderBy(agent, epoch, seq).limit(1),
      );
      if (first === undefined) return;
      const ofSession = and(ofRun, eq(agent, first.agent), eq(epoch, first.epoch));
      const page = and(ofSession, lt(seq, first.seq + PAGE_WINDOWS));
      await this.#write((queries) => queries.delete(windows).where(page));
      await setImmediate();
    }
  }

  /** Of runs that have ended in a control which was no more before it had dropped them. */
  async #dropLeftWindows(): Promise<void> {
    const { windows } = this.#database.tables;
    const { id, state } = this.#runs;
    const left = await this.#read((queries) => {
      const itsWindows = queries.select({ seq: windows.seq }).from(windows).where(eq(windows.runId, id));
      return queries
        .select({ id })
        .from(this.#runs)
        .where(and(inArray(state, [...ENDED]), exists(itsWindows)));
    });
    for (const run of left) await this.#dropWindows(run.id);
  }

  #isConducting(owner: { readonly host: string; readonly pid: number }): Promise<boolean> {
    return this.#reading(() => this.#database.isConducting(owner));
  }

  #update(runId: string, values: Partial<RunRow>): Promise<void> {
    return this.#write((queries) => queries.update(this.#runs).set(values).where(eq(this.#runs.id, runId)));
  }

  #write(work: (queries: Queries) => PromiseLike<unknown>): Promise<void> {
    return this.#writing(() => this.#database.use(work));
  }

  async #writing(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new StoreError(`the store ${this.#database.name} cannot be written: ${this.#database.causeOf(error)}`);
    }
  }

  #read<Result>(work: (queries: Queries) => PromiseLike<Result>): Promise<Result> {
    return this.#reading(() => this.#database.use(work));
  }

  async #reading<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw new StoreError(`the store ${this.#database.name} cannot be read: ${this.#database.causeOf(error)}`);
    }
  }
}

/** The libraries of a database are loaded only for a store that is in it. */
async function openDatabase(place: string): Promise<StoreDatabase> {
  if (isDatabaseUrl(place)) {
    const { openMysql } = await import('./store/mysql.ts');
    return openMysql(parseDatabaseUrl(place));
  }
  const { openSqlite } = await import('./store/sqlite.ts');
  return openSqlite(place);
}
