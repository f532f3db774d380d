import { setTimeout as sleep } from 'node:timers/promises';
import { and, desc, eq, inArray, notInArray, sql } from 'drizzle-orm';
import { isDatabaseUrl, parseDatabaseUrl } from '../../secrets/database-url.ts';
import { clipped } from '../../text/printable.ts';
import { MAX_RUN_TEXT } from '../limits.ts';
import { withNothingLeft } from '../run/checkpoint.ts';
import { NO_NOTES, type RunNotes } from '../run/run-notes.ts';
import { type EndedState, isEnded, RUN_STATES, type RunState } from '../run/run-state.ts';
import { StoreAccess } from './access.ts';
import { Baselines } from './baselines.ts';
import { type StoreDatabase, StoreError } from './database.ts';
import { Measurements } from './measurements.ts';
import { isGoneHere, thisProcess } from './owner.ts';
import type { runs } from './schema.ts';
import { readTexts, type StoredRun, storedRun } from './stored-row.ts';

export { StoreError } from './database.ts';
export type { StoredRun } from './stored-row.ts';

export interface NewRun {
  readonly runId: string;
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** The plan as JSON, in the form of the plan schema. */
  readonly plan: string;
  readonly baseDirectory: string;
  /** See checkpoint.ts; as JSON. */
  readonly checkpoint: string;
  /** Whether its control and its agents end with it, so that no other control goes on with it. */
  readonly isPrivate: boolean;
  /** Default: none. */
  readonly notes?: RunNotes;
}

/** The plan of a run. */
export interface StoredPlan {
  /** The plan as JSON, in the form of the plan schema. */
  readonly plan: string;
  readonly baseDirectory: string;
  /** See checkpoint.ts; as JSON. */
  readonly checkpoint: string;
  /** Whether its control process is alive and at work on it. */
  readonly isUnderWay: boolean;
}

/** Thrown when the run belongs to another control, which found this one gone and goes on with it. */
export class OwnershipLostError extends StoreError {
  constructor(runId: string) {
    super(`run ${runId} now belongs to another control, which goes on with it`);
  }
}

type RunRow = typeof runs.$inferSelect;

/** A row that was damaged may have another state than any: nobody is at work on its run. */
const UNDER_WAY = RUN_STATES.filter((kind) => !isEnded({ kind }));
const MAX_LISTED = 1000;
/** How much of a result is read from the database at once. For each piece, SQLite reads the whole result. */
const RESULT_PIECE_BYTES = 4 * 1024 * 1024;

/** Runs, their results, and what is measured in those under way: in a SQLite file or a MySQL database. */
export class RunStore {
  readonly measurements: Measurements;
  readonly baselines: Baselines;
  readonly #access: StoreAccess;

  private constructor(database: StoreDatabase) {
    this.#access = new StoreAccess(database);
    this.measurements = new Measurements(this.#access);
    this.baselines = new Baselines(this.#access);
  }

  /**
   * Opens the store, or creates it.
   * @param place a SQLite file in a folder that exists, `:memory:`, or `mysql://user:password@host:port/database`
   * @throws {StoreError} when it cannot be used
   */
  static async open(place: string): Promise<RunStore> {
    return new RunStore(await openDatabase(place));
  }

  addRun({ runId, isPrivate, notes = NO_NOTES, ...run }: NewRun): Promise<void> {
    const { host: ownerHost, pid: ownerPid } = thisProcess();
    const ownership = { ownerHost, ownerPid, ownerIsPrivate: isPrivate };
    const row = {
      ...run,
      ...ownership,
      note: notes.note,
      tags: JSON.stringify(notes.tags),
      id: runId,
      state: 'queued' as const,
      reason: '',
      verdict: '',
    };
    return this.#access.writing((database) => database.addRun(row));
  }

  setState(runId: string, state: RunState['kind'], reason: string): Promise<void> {
    return this.#update(runId, { state, reason: clipped(reason, MAX_RUN_TEXT) });
  }

  saveCheckpoint(runId: string, checkpoint: string): Promise<void> {
    return this.#update(runId, { checkpoint });
  }

  /**
   * Ends a run and deletes its windows and samples, at the next start of control at the latest.
   * @throws {StoreError} an {@link OwnershipLostError} when the run belongs to another control
   */
  async endRun(
    runId: string,
    end: { state: EndedState; reason: string; verdict?: string; result?: Uint8Array; checkpoint?: string },
  ): Promise<void> {
    const result = end.result === undefined ? {} : { result: Buffer.from(end.result) };
    const { state, verdict = '', checkpoint } = end;
    const reason = clipped(end.reason, MAX_RUN_TEXT);
    const values = { state, reason, verdict, ...result, ...(checkpoint !== undefined && { checkpoint }) };
    await this.#update(runId, values);
    // The result is written: nothing is lost should the store fail from here on.
    const isOurs = await this.#isOurs(runId).catch(() => undefined);
    if (isOurs === false) throw new OwnershipLostError(runId);
    if (isOurs) await this.measurements.drop(runId).catch(() => {});
  }

  /**
   * Marks the private runs under way whose control process is gone as failed.
   * @returns their ids
   */
  async failAbandonedRuns(reason: string): Promise<string[]> {
    const abandoned = await this.#abandoned(true);
    const taken: string[] = [];
    for (const run of abandoned) {
      if (!(await this.#take(run))) continue;
      await this.endRun(run.id, { state: 'failed', reason });
      taken.push(run.id);
    }
    return taken;
  }

  /**
   * Makes this process the owner of the other runs under way whose control process is gone. When several processes do so at
   * the same time, each run gets one owner.
   * @returns the runs, the oldest first
   */
  async takeAbandonedRuns(): Promise<NewRun[]> {
    const abandoned = await this.#abandoned(false);
    const taken = [];
    for (const run of abandoned) if (await this.#take(run)) taken.push(run);
    return taken.map(({ id, name, createdAt, plan, baseDirectory, checkpoint, note, tags }) => {
      const notes = { note, tags: readTexts(tags) ?? [] };
      return { runId: id, name, createdAt, plan, baseDirectory, checkpoint, isPrivate: false, notes };
    });
  }

  /** The newest runs, newest first. */
  async list(): Promise<StoredRun[]> {
    const rows = await this.#access.read((queries) =>
      // Among runs of the same millisecond, the one stored last is the newest.
      queries
        .select(this.#summary)
        .from(this.#runs)
        .orderBy(desc(this.#runs.createdAt), sql`rowid desc`)
        .limit(MAX_LISTED),
    );
    return rows.map(storedRun);
  }

  async get(runId: string): Promise<StoredRun | undefined> {
    const found = await this.#access.read((queries) =>
      queries.select(this.#summary).from(this.#runs).where(eq(this.#runs.id, runId)),
    );
    return found.map(storedRun)[0];
  }

  /** Whichever control the run belongs to. What is left out stays as it is. */
  async setNotes(runId: string, { note, tags }: Partial<RunNotes>): Promise<void> {
    const { id } = this.#runs;
    const values = { ...(note !== undefined && { note }), ...(tags !== undefined && { tags: JSON.stringify(tags) }) };
    if (Object.keys(values).length === 0) return;
    await this.#access.write((queries) => queries.update(this.#runs).set(values).where(eq(id, runId)));
  }

  /** Called once nothing of a run that has ended is left, by whoever has removed it. */
  async cleanedUp(runId: string): Promise<void> {
    const { id, checkpoint } = this.#runs;
    const [row] = await this.#access.read((queries) =>
      queries.select({ checkpoint }).from(this.#runs).where(eq(id, runId)),
    );
    if (row === undefined) return;
    const values = { checkpoint: withNothingLeft(row.checkpoint) };
    await this.#access.write((queries) => queries.update(this.#runs).set(values).where(eq(id, runId)));
  }

  /** Deletes everything that is stored of a run that has ended; any other stays. */
  async deleteRun(runId: string): Promise<void> {
    const { id, state } = this.#runs;
    const ended = and(eq(id, runId), notInArray(state, UNDER_WAY));
    const found = await this.#access.read((queries) => queries.select({ id }).from(this.#runs).where(ended));
    if (found.length === 0) return;
    // The run goes last: what is left of its measurements is found by it.
    await this.measurements.drop(runId);
    await this.#access.write((queries) => queries.delete(this.#runs).where(ended));
  }

  async plan(runId: string): Promise<StoredPlan | undefined> {
    const { plan, baseDirectory, checkpoint, state, ownerHost: host, ownerPid: pid } = this.#runs;
    const [row] = await this.#access.read((queries) =>
      queries
        .select({ plan, baseDirectory, checkpoint, state, host, pid })
        .from(this.#runs)
        .where(eq(this.#runs.id, runId)),
    );
    if (row === undefined) return undefined;
    const isUnderWay = UNDER_WAY.includes(row.state) && (await this.#isActive(row));
    return { plan: row.plan, baseDirectory: row.baseDirectory, checkpoint: row.checkpoint, isUnderWay };
  }

  /**
   * RunResult as UTF-8 JSON in gzip, piece by piece; nothing until the run has finished. Only one piece is in memory, however
   * long the reader takes for it.
   * @throws {StoreError} also when the run is deleted meanwhile
   */
  async *result(runId: string): AsyncGenerator<Uint8Array, void, undefined> {
    for (let from = 1; ; from += RESULT_PIECE_BYTES) {
      const piece = sql<ArrayBuffer | Buffer | null>`substr(${this.#runs.result}, ${from}, ${RESULT_PIECE_BYTES})`;
      const [row] = await this.#access.read((queries) =>
        queries.select({ piece }).from(this.#runs).where(eq(this.#runs.id, runId)),
      );
      // Without the rest, the reader would take the result for a damaged one.
      if (row === undefined && from > 1) throw new StoreError(`run ${runId} was deleted while its result was read`);
      const bytes = row?.piece ? new Uint8Array(row.piece) : new Uint8Array();
      if (bytes.length > 0) yield bytes;
      if (bytes.length < RESULT_PIECE_BYTES) return;
    }
  }

  close(): Promise<void> {
    return this.#access.close();
  }

  get #runs() {
    return this.#access.tables.runs;
  }

  get #summary() {
    const { id: runId, name, createdAt, state, reason, verdict, note, tags } = this.#runs;
    return { runId, name, createdAt, state, reason, verdict, note, tags };
  }

  async #abandoned(isPrivate: boolean) {
    const underWay = await this.#access.read((queries) =>
      queries
        .select()
        .from(this.#runs)
        .where(and(inArray(this.#runs.state, UNDER_WAY), eq(this.#runs.ownerIsPrivate, isPrivate)))
        .orderBy(this.#runs.createdAt),
    );
    const abandoned = await this.#withoutOwner(underWay);
    const { ownersReturnWithinMs } = this.#access;
    const mayReturn = abandoned.some(({ ownerHost: host, ownerPid: pid }) => !isGoneHere({ host, pid }));
    if (!mayReturn || ownersReturnWithinMs === 0) return abandoned;
    await sleep(ownersReturnWithinMs);
    return this.#withoutOwner(abandoned);
  }

  async #withoutOwner(underWay: readonly RunRow[]): Promise<RunRow[]> {
    const abandoned = [];
    for (const run of underWay) {
      if (!(await this.#isActive({ host: run.ownerHost, pid: run.ownerPid }))) abandoned.push(run);
    }
    return abandoned;
  }

  /** @returns whether the run now belongs to this process: another may have taken it since it was read */
  async #take(run: RunRow): Promise<boolean> {
    const { id, ownerHost, ownerPid } = this.#runs;
    const { host, pid } = thisProcess();
    const asRead = and(eq(id, run.id), eq(ownerHost, run.ownerHost), eq(ownerPid, run.ownerPid));
    await this.#access.write((queries) =>
      queries.update(this.#runs).set({ ownerHost: host, ownerPid: pid }).where(asRead),
    );
    return this.#isOurs(run.id);
  }

  /** Reads the owner, because the row count of an update means nothing when a lost connection made it run twice. */
  async #isOurs(runId: string): Promise<boolean> {
    const found = await this.#access.read((queries) =>
      queries.select({ id: this.#runs.id }).from(this.#runs).where(this.#ours(runId)),
    );
    return found.length === 1;
  }

  #ours(runId: string) {
    const { id, ownerHost, ownerPid } = this.#runs;
    const { host, pid } = thisProcess();
    return and(eq(id, runId), eq(ownerHost, host), eq(ownerPid, pid));
  }

  #isActive(owner: { readonly host: string; readonly pid: number }): Promise<boolean> {
    return this.#access.reading((database) => database.isActive(owner));
  }

  /** Updates a run only if it still belongs to this process. */
  #update(runId: string, values: Partial<RunRow>): Promise<void> {
    return this.#access.write((queries) => queries.update(this.#runs).set(values).where(this.#ours(runId)));
  }
}

/** Opens the database of a store. The libraries of the other one are not loaded. */
async function openDatabase(place: string): Promise<StoreDatabase> {
  if (isDatabaseUrl(place)) {
    const { openMysql } = await import('./mysql.ts');
    return openMysql(parseDatabaseUrl(place));
  }
  const { openSqlite } = await import('./sqlite.ts');
  return openSqlite(place);
}
