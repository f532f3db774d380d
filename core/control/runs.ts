import { customAlphabet } from 'nanoid';
import { type AgentTerms, type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { countBy } from './count-by.ts';
import { LiveRun, type RunOrder, type RunSurroundings } from './live-run.ts';
import { type PluginLoaders, type RunSpec, readSpec } from './run-spec.ts';
import type { NewRun, RunStore, StoredRun } from './store.ts';

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
  /** In the order in which they came; the first is under way. */
  readonly #queue: LiveRun[] = [];
  /** Ended, and not in the store. */
  readonly #unsaved: LiveRun[] = [];
  /** Runs that someone has asked to stop before. */
  readonly #asked = new WeakSet<LiveRun>();
  #idle: Promise<void> = Promise.resolve();
  #closingReason: string | undefined;

  constructor(surroundings: RunSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Starts a run, or queues it. @returns its id */
  async start(spec: RunSpec, terms: AgentTerms): Promise<string> {
    const { store, time, log } = this.#surroundings;
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
    });
    const run = new LiveRun({ runId, createdAt, spec, terms }, this.#surroundings);
    if (this.#closingReason !== undefined) run.stop(this.#closingReason, false);
    this.#queue.push(run);
    log(`run ${runId} (${spec.plan.name}) ${this.#queue.length === 1 ? 'begins' : 'waits for its turn'}`, { runId });
    if (this.#queue.length === 1) this.#idle = this.#work();
    return runId;
  }

  /**
   * Goes on with the runs of a control process that is no more: the one under way first, then those that were waiting.
   * One that cannot be taken up has failed. Agents may come once this has settled.
   */
  async takeUp(loaders: PluginLoaders): Promise<void> {
    const { store, log } = this.#surroundings;
    const orders: RunOrder[] = [];
    for (const stored of await store.takeAbandonedRuns()) {
      try {
        orders.push(await orderOf(stored, store, loaders));
      } catch (error) {
        const reason = `control ended while this run was under way, and it cannot be taken up: ${error instanceof Error ? error.message : error}`;
        await store.endRun(stored.runId, { state: 'failed', reason });
        log(`run ${stored.runId}: ${reason}`, { level: 'error', runId: stored.runId });
      }
    }
    orders.sort((a, b) => Number(b.takenUp !== undefined) - Number(a.takenUp !== undefined));
    for (const order of orders) {
      log(`run ${order.runId} (${order.spec.plan.name}) is taken up`, { runId: order.runId });
      this.#queue.push(new LiveRun(order, this.#surroundings));
    }
    if (orders.length > 0) this.#idle = this.#work();
  }

  /** How many there are that have not ended, by state. */
  census(): Record<string, number> {
    return countBy(this.#queue, ({ summary }) => summary.state);
  }

  /** In order the first time, at once the second time or with `abort`. One that has ended stays as it is. */
  async stop(run: LiveRun, reason: string, abort: boolean): Promise<void> {
    run.stop(reason, abort || this.#asked.has(run));
    this.#asked.add(run);
    const place = this.#queue.indexOf(run);
    if (place < 1) return;
    // Its turn need not come: it ends at once.
    this.#queue.splice(place, 1);
    await run.conduct();
  }

  async find(runId: string): Promise<FoundRun | undefined> {
    const live = [...this.#queue, ...this.#unsaved].find((run) => run.order.runId === runId);
    const summary = live?.summary ?? (await this.#surroundings.store.get(runId));
    return summary && { summary, live };
  }

  /** The newest first. */
  async list(): Promise<StoredRun[]> {
    const live = new Map([...this.#queue, ...this.#unsaved].map(({ summary }) => [summary.runId, summary]));
    const stored = await this.#surroundings.store.list();
    return stored.map((run) => live.get(run.runId) ?? run);
  }

  /** Ends all runs: the one under way in order, or at once when called again. */
  async close(reason: string): Promise<void> {
    const isAgain = this.#closingReason !== undefined;
    this.#closingReason ??= reason;
    const [current, ...waiting] = this.#queue;
    const ends = waiting.map((run) => this.stop(run, reason, false));
    current?.stop(reason, isAgain);
    await Promise.all([...ends, this.#idle]);
  }

  async #work(): Promise<void> {
    for (let run = this.#queue[0]; run; run = this.#queue[0]) {
      await run.conduct();
      this.#queue.shift();
      if (run.unsaved) this.#unsaved.push(run);
    }
  }
}

async function orderOf(
  { runId, createdAt, plan, baseDirectory, checkpoint }: NewRun,
  store: RunStore,
  loaders: PluginLoaders,
): Promise<RunOrder> {
  const { started, command, events, stop, ...terms } = readCheckpoint(checkpoint);
  const spec = await readSpec({ json: plan, baseDirectory, command }, loaders);
  const takenUp = started && { started, events, stop, windows: await store.windows(runId) };
  return { runId, createdAt, spec, terms, takenUp };
}
