import { customAlphabet } from 'nanoid';
import type { OpenBundle } from '../../bundle/open-bundle.ts';
import { BenchError } from '../../error.ts';
import { type AgentPolicy, type Checkpoint, hasLeftBehind } from '../run/checkpoint.ts';
import type { RunNotes } from '../run/run-notes.ts';
import type { PluginLoaders, RunSpec } from '../run/run-spec.ts';
import type { StoredRun } from '../store/run-store.ts';
import { countByState } from '../telemetry/state-counts.ts';
import type { ControlContext } from './control-context.ts';
import { abandonedRuns } from './recovery.ts';
import { type ObservedRun, RunLifecycle } from './run-lifecycle.ts';
import { newStart, type RunOrder } from './run-start.ts';

/** Letters and digits only: an id that begins with a dash would read as a flag. 36^12 is 62 bits. */
const newRunId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 12);

/** A run that waits has its plan in memory, a few megabytes for a large one. */
const MAX_WAITING = 100;

/** A run as it is now. */
export interface FoundRun {
  readonly summary: StoredRun;
  /** Present while this control runs it, or holds a result that the store did not take. */
  readonly live: RunLifecycle | undefined;
}

/** Whoever shows the list of runs to others. It must not throw. */
export interface RunsWatcher {
  /** The run is new, or has another state or other notes. */
  changed(summary: StoredRun): void;
  deleted(runId: string): void;
}

/**
 * All runs: those under way, those that wait for their turn, and those in the store. A run begins as soon as no earlier run
 * that has not ended can want the same agents.
 */
export class RunQueue {
  readonly #control: ControlContext;
  /** Runs under way and runs that wait for their turn, in the order in which they came. */
  readonly #queue: RunLifecycle[] = [];
  readonly #underWay = new Map<RunLifecycle, Promise<void>>();
  /** Runs whose end is not in the store. */
  #unsaved: RunLifecycle[] = [];
  /** Runs that somebody has asked to stop before. */
  readonly #asked = new WeakSet<RunLifecycle>();
  readonly #watchers = new Set<RunsWatcher>();
  #closingReason: string | undefined;

  constructor(control: ControlContext) {
    this.#control = control;
  }

  /**
   * Starts a run, or queues it.
   * @returns its id
   * @throws {BenchError} with the code `queue_full`
   */
  async start(spec: RunSpec, policy: AgentPolicy, notes: RunNotes): Promise<string> {
    const { store, clock, log, isPrivate } = this.#control;
    if (this.#queue.length - this.#underWay.size >= MAX_WAITING) {
      const message = `${MAX_WAITING} runs wait for their turn already: stop some of them, or try again later`;
      throw new BenchError('queue_full', message);
    }
    const runId = newRunId();
    const createdAt = new Date(clock.epochMs()).toISOString();
    const bundle = spec.bundle?.entries ?? [];
    const { json: plan, baseDirectory, command, baseline } = spec;
    const checkpoint: Checkpoint = { ...policy, command, bundle, ...(baseline && { baseline }), events: [] };
    await store.addRun({
      runId,
      createdAt,
      name: spec.plan.name,
      plan,
      baseDirectory,
      checkpoint: JSON.stringify(checkpoint),
      isPrivate,
      notes,
    });
    const run = this.#lifecycleOf({ runId, createdAt, spec, policy, notes, start: newStart(spec) });
    if (this.#closingReason !== undefined) void run.stop(this.#closingReason, false);
    this.#queue.push(run);
    this.#work();
    log(`run ${runId} (${spec.plan.name}) ${this.#underWay.has(run) ? 'begins' : 'waits for its turn'}`, { runId });
    this.#tell(run.summary);
    return runId;
  }

  /** @returns ends it */
  watch(watcher: RunsWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** A run that has not ended; undefined for any other. */
  observed(runId: string): ObservedRun | undefined {
    const run = this.#queue.find(({ order }) => order.runId === runId);
    // A run keeps its place until its files are closed, and nothing happens in it any more.
    return run === undefined || run.hasEnded ? undefined : run.observed;
  }

  /**
   * Goes on with the runs of control processes that are gone, as {@link abandonedRuns} says. Agents may join once this has settled.
   * @throws {StoreError} when the store cannot be read: it may be readable when control is started again
   */
  async recover(loaders: PluginLoaders): Promise<void> {
    const { log } = this.#control;
    for (const order of await abandonedRuns(this.#control, loaders)) {
      log(`control goes on with run ${order.runId} (${order.spec.plan.name})`, { runId: order.runId });
      this.#queue.push(this.#lifecycleOf(order));
    }
    this.#work();
  }

  /** How many runs that have not ended are in each state. */
  stateCounts(): Record<string, number> {
    return countByState(this.#queue, ({ summary }) => summary.state);
  }

  /** Stops a run: in order the first time, at once the second time or with `abort`. A run that has ended stays as it is. */
  async stop(run: RunLifecycle, reason: string, abort: boolean): Promise<void> {
    if (!this.#queue.includes(run)) return;
    const stored = run.stop(reason, abort || this.#asked.has(run));
    this.#asked.add(run);
    // Whoever asked may count on it: the request is stored, should control be killed now.
    if (this.#underWay.has(run)) return stored;
    // A run that waits need not wait for its turn to end.
    await this.#begin(run);
  }

  async find(runId: string): Promise<FoundRun | undefined> {
    const live = this.#held().find((run) => run.order.runId === runId);
    const summary = live?.summary ?? (await this.#control.store.get(runId));
    return summary && { summary, live };
  }

  /** Stores what people say of a run, whether it goes on or has ended. What is left out stays as it is. */
  async setNotes({ summary: { runId }, live }: FoundRun, notes: Partial<RunNotes>): Promise<void> {
    const { store } = this.#control;
    await store.setNotes(runId, notes);
    live?.setNotes(notes);
    const changed = live?.summary ?? (await store.get(runId));
    if (changed !== undefined) this.#tell(changed);
  }

  /** Whether what the drivers of a run that has ended made may still be there. */
  async hasLeftBehind({ runId, state }: Pick<StoredRun, 'runId' | 'state'>): Promise<boolean> {
    const stored = await this.#control.store.plan(runId);
    return stored !== undefined && hasLeftBehind(stored.checkpoint, state);
  }

  /** Deletes everything that is stored of a run that has ended; any other stays. */
  async delete(runId: string): Promise<void> {
    await this.#control.store.deleteRun(runId);
    for (const watcher of this.#watchers) watcher.deleted(runId);
  }

  /** What was sent with a run that has not ended. */
  bundleOf(runId: string): OpenBundle | undefined {
    return this.#queue.find(({ order }) => order.runId === runId)?.order.spec.bundle;
  }

  /** All runs, the newest first. */
  async list(): Promise<StoredRun[]> {
    const live = new Map(this.#held().map(({ summary }) => [summary.runId, summary]));
    const stored = await this.#control.store.list();
    return stored.map((run) => live.get(run.runId) ?? run);
  }

  /** Stops all runs, and resolves when they have ended: those under way in order, or at once when this is called again. */
  async close(reason: string): Promise<void> {
    const isAgain = this.#closingReason !== undefined;
    this.#closingReason ??= reason;
    const current = [...this.#underWay.keys()];
    const ends = this.#queue.filter((run) => !current.includes(run)).map((run) => this.stop(run, reason, false));
    for (const run of current) void run.stop(reason, isAgain);
    await Promise.all([...ends, ...this.#underWay.values()]);
    await Promise.all(this.#unsaved.map((run) => run.close()));
  }

  #lifecycleOf(order: RunOrder): RunLifecycle {
    return new RunLifecycle(order, this.#control, (summary) => this.#tell(summary));
  }

  #tell(summary: StoredRun): void {
    for (const watcher of this.#watchers) watcher.changed(summary);
  }

  /** Runs whose in-memory state is newer than the store's. */
  #held(): RunLifecycle[] {
    this.#unsaved = this.#unsaved.filter(({ hasUnsavedEnd }) => hasUnsavedEnd);
    return [...this.#queue, ...this.#unsaved];
  }

  /** Begins each run that can have no agent in common with an earlier one that has not ended. */
  #work(): void {
    this.#queue.forEach((run, place) => {
      const before = this.#queue.slice(0, place);
      if (this.#underWay.has(run) || before.some((other) => mayShareAgents(run, other))) return;
      void this.#begin(run);
    });
  }

  #begin(run: RunLifecycle): Promise<void> {
    const ended = this.#take(run);
    this.#underWay.set(run, ended);
    return ended;
  }

  async #take(run: RunLifecycle): Promise<void> {
    await run.run();
    await run.order.spec.bundle?.close();
    this.#underWay.delete(run);
    this.#queue.splice(this.#queue.indexOf(run), 1);
    if (run.hasUnsavedEnd) this.#unsaved.push(run);
    this.#work();
  }
}

/** An agent has one value per label: runs that ask for different ones never want the same agent. */
function mayShareAgents({ order: { policy: a } }: RunLifecycle, { order: { policy: b } }: RunLifecycle): boolean {
  return Object.entries(a.agentLabels).every(([name, value]) => (b.agentLabels[name] ?? value) === value);
}
