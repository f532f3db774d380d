import { customAlphabet } from 'nanoid';
import { errorMessage } from '../../error.ts';
import type { AgentTerms, Checkpoint } from '../run/checkpoint.ts';
import type { PluginLoaders, RunSpec } from '../run/run-spec.ts';
import { type StoredRun, StoreError } from '../store/run-store.ts';
import { countBy } from '../telemetry/count-by.ts';
import { readStoredRun } from './recovery.ts';
import { LiveRun, type RunOrder, type RunSurroundings } from './run-lifecycle.ts';

/** Letters and digits only: an id that begins with a dash would read as a flag. 36^12 is 62 bits. */
const newRunId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 12);

/** A run as it is now; `live` while this control conducts it, or holds its result. */
export interface FoundRun {
  readonly summary: StoredRun;
  readonly live: LiveRun | undefined;
}

/** All runs: the one under way, those behind it in the queue, and those in the store. */
export class Runs {
  readonly #surroundings: RunSurroundings;
  /** In the order in which they came: those that are under way, and those that wait for their turn. */
  readonly #queue: LiveRun[] = [];
  readonly #underWay = new Map<LiveRun, Promise<void>>();
  /** Ended, and the store does not have their end. */
  #unsaved: LiveRun[] = [];
  /** Runs that someone has asked to stop before. */
  readonly #asked = new WeakSet<LiveRun>();
  #closingReason: string | undefined;

  constructor(surroundings: RunSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Starts a run, or queues it. @returns its id */
  async start(spec: RunSpec, terms: AgentTerms): Promise<string> {
    const { store, time, log, isPrivate } = this.#surroundings;
    const runId = newRunId();
    const createdAt = new Date(time.epochMs()).toISOString();
    const checkpoint: Checkpoint = { ...terms, command: spec.command, events: [] };
    const { json: plan, baseDirectory } = spec;
    await store.addRun({
      runId,
      createdAt,
      name: spec.plan.name,
      plan,
      baseDirectory,
      checkpoint: JSON.stringify(checkpoint),
      isPrivate,
    });
    const run = new LiveRun({ runId, createdAt, spec, terms }, this.#surroundings);
    if (this.#closingReason !== undefined) void run.stop(this.#closingReason, false);
    this.#queue.push(run);
    this.#work();
    log(`run ${runId} (${spec.plan.name}) ${this.#underWay.has(run) ? 'begins' : 'waits for its turn'}`, { runId });
    return runId;
  }

  /**
   * Goes on with the runs of a control process that is no more: the one under way first, then those that were waiting.
   * One that cannot be taken up has failed. Agents may come once this has settled.
   * @throws {StoreError} when one cannot be read: it may be readable when control is started again
   */
  async takeUp(loaders: PluginLoaders): Promise<void> {
    const { store, log } = this.#surroundings;
    const orders: RunOrder[] = [];
    for (const stored of await store.takeAbandonedRuns()) {
      try {
        orders.push(await readStoredRun(stored, store, loaders));
      } catch (error) {
        if (error instanceof StoreError) throw error;
        const reason = `control ended while this run was under way, and it cannot be taken up: ${errorMessage(error)}`;
        await store.endRun(stored.runId, { state: 'failed', reason });
        log(`run ${stored.runId}: ${reason}`, { level: 'error', runId: stored.runId });
      }
    }
    orders.sort((a, b) => Number(b.takenUp !== undefined) - Number(a.takenUp !== undefined));
    for (const order of orders) {
      log(`run ${order.runId} (${order.spec.plan.name}) is taken up`, { runId: order.runId });
      this.#queue.push(new LiveRun(order, this.#surroundings));
    }
    this.#work();
  }

  /** How many there are that have not ended, by state. */
  census(): Record<string, number> {
    return countBy(this.#queue, ({ summary }) => summary.state);
  }

  /** In order the first time, at once the second time or with `abort`. One that has ended stays as it is. */
  async stop(run: LiveRun, reason: string, abort: boolean): Promise<void> {
    if (!this.#queue.includes(run)) return;
    const stored = run.stop(reason, abort || this.#asked.has(run));
    this.#asked.add(run);
    // Whoever asked for it may count on it: control may be killed at once.
    if (this.#underWay.has(run)) return stored;
    // Its turn need not come: it ends at once.
    await this.#begin(run);
  }

  async find(runId: string): Promise<FoundRun | undefined> {
    const live = this.#held().find((run) => run.order.runId === runId);
    const summary = live?.summary ?? (await this.#surroundings.store.get(runId));
    return summary && { summary, live };
  }

  /** The newest first. */
  async list(): Promise<StoredRun[]> {
    const live = new Map(this.#held().map(({ summary }) => [summary.runId, summary]));
    const stored = await this.#surroundings.store.list();
    return stored.map((run) => live.get(run.runId) ?? run);
  }

  /** Ends all runs: those under way in order, or at once when called again. */
  async close(reason: string): Promise<void> {
    const isAgain = this.#closingReason !== undefined;
    this.#closingReason ??= reason;
    const current = [...this.#underWay.keys()];
    const ends = this.#queue.filter((run) => !current.includes(run)).map((run) => this.stop(run, reason, false));
    for (const run of current) void run.stop(reason, isAgain);
    await Promise.all([...ends, ...this.#underWay.values()]);
    await Promise.all(this.#unsaved.map((run) => run.close()));
  }

  /** Those of which more is known here than in the store. */
  #held(): LiveRun[] {
    this.#unsaved = this.#unsaved.filter(({ hasUnsavedEnd }) => hasUnsavedEnd);
    return [...this.#queue, ...this.#unsaved];
  }

  /** Begins each run that can have no agent in common with one that came before it and has not ended. */
  #work(): void {
    this.#queue.forEach((run, place) => {
      const before = this.#queue.slice(0, place);
      if (this.#underWay.has(run) || before.some((other) => mayShareAgents(run, other))) return;
      void this.#begin(run);
    });
  }

  #begin(run: LiveRun): Promise<void> {
    const ended = this.#conduct(run);
    this.#underWay.set(run, ended);
    return ended;
  }

  async #conduct(run: LiveRun): Promise<void> {
    await run.conduct();
    this.#underWay.delete(run);
    this.#queue.splice(this.#queue.indexOf(run), 1);
    if (run.hasUnsavedEnd) this.#unsaved.push(run);
    this.#work();
  }
}

/** An agent has one value of a label: runs that name different ones never want the same agent. */
function mayShareAgents({ order: { terms: a } }: LiveRun, { order: { terms: b } }: LiveRun): boolean {
  return Object.entries(a.agentLabels).every(([name, value]) => (b.agentLabels[name] ?? value) === value);
}
