import { setImmediate } from 'node:timers/promises';
import { and, eq, exists, gt, inArray, lt, or } from 'drizzle-orm';
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

/** What a monitor said. */
export interface StoredSample {
  readonly runId: string;
  readonly monitor: string;
  readonly second: number;
  /** Values by metric, as JSON. */
  readonly metrics: string;
}

/** How many windows are dropped at once: of a thousand agents there are millions an hour. */
const DROPPED_AT_ONCE = 1000;

/** What is measured in the runs under way, for a control process that may have to take them up. */
export class Measurements {
  readonly #access: StoreAccess;

  constructor(access: StoreAccess) {
    this.#access = access;
  }

  /**
   * All of them or none. A window that is there already stays as it is.
   * @param rows one at least, and no more than fit one statement: see `MOST_WINDOWS_A_COMMIT` and `COMMIT_BYTES`
   */
  addWindows(rows: readonly StoredWindow[]): Promise<void> {
    const stored = rows.map((row) => ({ ...row, window: Buffer.from(row.window) }));
    return this.#access.writing((database) => database.addWindows(stored));
  }

  /** The next of one session after this seq, in order, at most so many. */
  windows(ofRunId: string, session: AgentSession, afterSeq: number, limit: number): Promise<StoredWindow[]> {
    const { windows } = this.#access.tables;
    const { runId, agent, epoch, seq } = windows;
    const rest = and(eq(runId, ofRunId), eq(agent, session.agent), eq(epoch, session.epoch), gt(seq, afterSeq));
    return this.#access.read((queries) => queries.select().from(windows).where(rest).orderBy(seq).limit(limit));
  }

  /** What the monitor said in that second before is replaced. */
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

  /** Of one run, in the order of seconds. */
  samples(runId: string): Promise<StoredSample[]> {
    const { monitorSamples } = this.#access.tables;
    const ofRun = eq(monitorSamples.runId, runId);
    return this.#access.read((queries) =>
      queries.select().from(monitorSamples).where(ofRun).orderBy(monitorSamples.second, monitorSamples.monitor),
    );
  }

  /** All of one run, page by page: control has other things to do meanwhile. */
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
      const page = and(ofSession, lt(seq, first.seq + DROPPED_AT_ONCE));
      await this.#access.write((queries) => queries.delete(windows).where(page));
      await setImmediate();
    }
    await this.#access.write((queries) => queries.delete(monitorSamples).where(eq(monitorSamples.runId, ofRunId)));
  }

  /** Drops what is left of runs that have ended, in a control process that was no more before it had dropped all. */
  async dropLeftOver(): Promise<void> {
    const { runs, windows, monitorSamples } = this.#access.tables;
    const left = await this.#access.read((queries) => {
      const itsWindows = queries.select({ seq: windows.seq }).from(windows).where(eq(windows.runId, runs.id));
      const itsSamples = queries
        .select({ second: monitorSamples.second })
        .from(monitorSamples)
        .where(eq(monitorSamples.runId, runs.id));
      const hasEnded = inArray(runs.state, ['finished', 'failed']);
      return queries
        .select({ id: runs.id })
        .from(runs)
        .where(and(hasEnded, or(exists(itsWindows), exists(itsSamples))));
    });
    for (const { id } of left) await this.drop(id);
  }
}
