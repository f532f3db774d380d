import { customAlphabet } from 'nanoid';
import { LiveRun, type RunSurroundings } from './live-run.ts';
import type { RunSpec } from './run-spec.ts';
import type { StoredRun } from './store.ts';

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
  async start(spec: RunSpec, expectAgents: number, agentsTimeoutUs: number): Promise<string> {
    const { store, time, log } = this.#surroundings;
    const runId = newRunId();
    const createdAt = new Date(time.epochMs()).toISOString();
    await store.addRun({ runId, createdAt, name: spec.plan.name, plan: spec.json, baseDirectory: spec.baseDirectory });
    const run = new LiveRun({ runId, createdAt, spec, expectAgents, agentsTimeoutUs }, this.#surroundings);
    if (this.#closingReason !== undefined) run.stop(this.#closingReason, false);
    this.#queue.push(run);
    log(`run ${runId} (${spec.plan.name}) ${this.#queue.length === 1 ? 'begins' : 'waits for its turn'}`);
    if (this.#queue.length === 1) this.#idle = this.#work();
    return runId;
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
