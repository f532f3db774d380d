import { setImmediate } from 'node:timers/promises';
import { and, eq, exists, gt, inArray, lt, or } from 'drizzle-orm';
import { ENDED_STATES } from '../run/run-state.ts';
import type { StoreAccess } from './access.ts';

/** One agent process. */
export interface AgentSession {
  readonly agent: string;
  readonly epoch: string;
}

export interface StoredWindow extends AgentSession {
  readonly runId: string;
  readonly seq: number;
  /** bench.v1.Window */
  readonly window: Uint8Array;
}

/** A sample of one monitor. */
export interface StoredSample {
  readonly runId: string;
  readonly monitor: string;
  readonly second: number;
  /** Values by metric, as JSON. */
  readonly metrics: string;
}

/** How many windows are deleted in one statement: a thousand agents make millions in an hour. */
const WINDOWS_PER_DELETE = 1000;

/** Windows and monitor samples of the runs under way, for a control process that may have to go on with these runs. */
export class Measurements {
  readonly #access: StoreAccess;

  constructor(access: StoreAccess) {
    this.#access = access;
  }

  /**
   * Stores all of them or none. A window that is stored already stays as it is.
   * @param rows at least one, and at most `MAX_WINDOWS_PER_COMMIT` of `MAX_COMMIT_BYTES` together
   * @throws {StoreError}
   */
  addWindows(rows: readonly StoredWindow[]): Promise<void> {
    const stored = rows.map((row) => ({
      ...row,
      window: Buffer.isBuffer(row.window) ? row.window : Buffer.from(row.window),
    }));
    return this.#access.writing((database) => database.addWindows(stored));
  }

  /** The next windows of a session after this seq, in order. @param limit how many at most */
  windows(ofRunId: string, session: AgentSession, afterSeq: number, limit: number): Promise<StoredWindow[]> {
    const { windows } = this.#access.tables;
    const { runId, agent, epoch, seq } = windows;
    const rest = and(eq(runId, ofRunId), eq(agent, session.agent), eq(epoch, session.epoch), gt(seq, afterSeq));
    return this.#access.read((queries) => queries.select().from(windows).where(rest).orderBy(seq).limit(limit));
  }

  /** Stores a sample, in place of an earlier one of the same monitor and second. */
  addSample(sample: StoredSample): Promise<void> {
    const { monitorSamples } = this.#access.tables;
    const { runId, monitor, second } = monitorSamples;
    const its = and(eq(runId, sample.runId), eq(monitor, sample.monitor), eq(second, sample.second));
    return this.#access.writing((database) =>
      database.atomically((queries) => [
        queries.delete(monitorSamples).where(its),
        queries.insert(monitorSamples).values(sample),
      ]),
    );
  }

  /** All samples of a run, ordered by second. */
  samples(runId: string): Promise<StoredSample[]> {
    const { monitorSamples } = this.#access.tables;
    const ofRun = eq(monitorSamples.runId, runId);
    return this.#access.read((queries) =>
      queries.select().from(monitorSamples).where(ofRun).orderBy(monitorSamples.second, monitorSamples.monitor),
    );
  }

  /** Deletes everything of a run, page by page, so that calls and other runs get their turn in between. */
  async drop(ofRunId: string): Promise<void> {
    const { windows, monitorSamples } = this.#access.tables;
    const { runId, agent, epoch, seq } = windows;
    const ofRun = eq(runId, ofRunId);
    for (;;) {
      const [first] = await this.#access.read((queries) =>
        queries.select({ agent, epoch, seq }).from(windows).where(ofRun).orderBy(agent, epoch, seq).limit(1),
      );
      if (first === undefined) break;
      const ofSession = and(ofRun, eq(agent, first.agent), eq(epoch, first.epoch));
      const page = and(ofSession, lt(seq, first.seq + WINDOWS_PER_DELETE));
      await this.#access.write((queries) => queries.delete(windows).where(page));
      await setImmediate();
    }
    await this.#access.write((queries) => queries.delete(monitorSamples).where(eq(monitorSamples.runId, ofRunId)));
  }

  /** Deletes what is left of runs that have ended: their control process ended before it had deleted everything. */
  async dropLeftOver(): Promise<void> {
    const { runs, windows, monitorSamples } = this.#access.tables;
    const left = await this.#access.read((queries) => {
      const itsWindows = queries.select({ seq: windows.seq }).from(windows).where(eq(windows.runId, runs.id));
      const itsSamples = queries
        .select({ second: monitorSamples.second })
        .from(monitorSamples)
        .where(eq(monitorSamples.runId, runs.id));
      const hasEnded = inArray(runs.state, [...ENDED_STATES]);
      return queries
        .select({ id: runs.id })
        .from(runs)
        .where(and(hasEnded, or(exists(itsWindows), exists(itsSamples))));
    });
    for (const { id } of left) await this.drop(id);
  }
}
