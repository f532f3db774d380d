import { customAlphabet } from 'nanoid';
import { errorMessage } from '../../error.ts';
import type { AgentPolicy, Checkpoint } from '../run/checkpoint.ts';
import type { PluginLoaders, RunSpec } from '../run/run-spec.ts';
import { type StoredRun, StoreError } from '../store/run-store.ts';
import { countByState } from '../telemetry/state-counts.ts';
import { readStoredRun } from './recovery.ts';
import { type ControlContext, RunLifecycle, type RunOrder } from './run-lifecycle.ts';

/** Letters and digits only: an id that begins with a dash would read as a flag. 36^12 is 62 bits. */
const newRunId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 12);

/** A run as it is now; `live` while this control conducts it, or holds its result. */
export interface FoundRun {
  readonly summary: StoredRun;
  readonly live: RunLifecycle | undefined;
}

/** All runs: the one under way, those behind it in the queue, and those in the store. */
export class RunQueue {
  readonly #context: ControlContext;
  /** In the order in which they came: those that are under way, and those that wait for their turn. */
  readonly #queue: RunLifecycle[] = [];
  readonly #underWay = new Map<RunLifecycle, Promise<void>>();
  /** Ended, and the store does not have their end. */
  #unsaved: RunLifecycle[] = [];
  /** Runs that someone has asked to stop before. */
  readonly #asked = new WeakSet<RunLifecycle>();
  #closingReason: string | undefined;

  constructor(context: ControlContext) {
    this.#context = context;
  }

  /** Starts a run, or queues it. @returns its id */
  async start(spec: RunSpec, policy: AgentPolicy): Promise<string> {
    const { store, clock, log, isPrivate } = this.#context;
    const runId = newRunId();
    const createdAt = new Date(clock.epochMs()).toISOString();
    const checkpoint: Checkpoint = { ...policy, command: spec.command, events: [] };
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
    const run = new RunLifecycle({ runId, createdAt, spec, policy }, this.#context);
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
  async recover(loaders: PluginLoaders): Promise<void> {
    const { store, log } = this.#context;
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
    orders.sort((a, b) => Number(b.recovered !== undefined) - Number(a.recovered !== undefined));
    for (const order of orders) {
      log(`run ${order.runId} (${order.spec.plan.name}) is taken up`, { runId: order.runId });
      this.#queue.push(new RunLifecycle(order, this.#context));
    }
    this.#work();
  }

  /** How many there are that have not ended, by state. */
  stateCounts(): Record<string, number> {
    return countByState(this.#queue, ({ summary }) => summary.state);
  }

  /** In order the first time, at once the second time or with `abort`. One that has ended stays as it is. */
  async stop(run: RunLifecycle, reason: string, abort: boolean): Promise<void> {
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
    const summary = live?.summary ?? (await this.#context.store.get(runId));
    return summary && { summary, live };
  }

  /** The newest first. */
  async list(): Promise<StoredRun[]> {
    const live = new Map(this.#held().map(({ summary }) => [summary.runId, summary]));
    const stored = await this.#context.store.list();
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
  #held(): RunLifecycle[] {
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

  #begin(run: RunLifecycle): Promise<void> {
    const ended = this.#conduct(run);
    this.#underWay.set(run, ended);
    return ended;
  }

  async #conduct(run: RunLifecycle): Promise<void> {
    await run.conduct();
    this.#underWay.delete(run);
    this.#queue.splice(this.#queue.indexOf(run), 1);
    if (run.hasUnsavedEnd) this.#unsaved.push(run);
    this.#work();
  }
}

/** An agent has one value of a label: runs that name different ones never want the same agent. */
function mayShareAgents({ order: { policy: a } }: RunLifecycle, { order: { policy: b } }: RunLifecycle): boolean {
  return Object.entries(a.agentLabels).every(([name, value]) => (b.agentLabels[name] ?? value) === value);
}
