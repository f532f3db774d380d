import { packResult } from '../../../proto/stored-run.ts';
import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import type { Log } from '../../log.ts';
import type { RunResult } from '../../stats/result.ts';
import { withTimeout } from '../../timeout.ts';
import { outcomeOf, type RunOutcome } from '../../verdict/verdict.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import { START_PATIENCE_US, STORE_PATIENCE_US, STORE_RETRY_US } from '../limits.ts';
import { LoadChangeError, type LoadChangeRequest } from '../load/load-order.ts';
import type { AgentPolicy, Checkpoint, Started } from '../run/checkpoint.ts';
import { RunCancellation } from '../run/run-cancellation.ts';
import { RunJournal } from '../run/run-events.ts';
import { RunFeed } from '../run/run-feed.ts';
import type { RunSpec } from '../run/run-spec.ts';
import { isEnded, type RunState, type RunStep, reasonOf, step } from '../run/run-state.ts';
import { startOnClock } from '../run/start-instant.ts';
import { OwnershipLostError, type RunStore, type StoredRun } from '../store/run-store.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';
import type { RecoveredRun } from './recovery.ts';
import { RunController } from './run-controller.ts';

export interface RunOrder {
  readonly runId: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly spec: RunSpec;
  readonly policy: AgentPolicy;
  /** Its load was started by another control process, which is no more. */
  readonly recovered?: RecoveredRun | undefined;
  /** It was to end already under another control process. */
  readonly stopped?: Checkpoint['stop'];
}

export interface ControlContext {
  readonly registry: AgentRegistry;
  readonly store: RunStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
  /** Control's own `host:port`, for advice. */
  readonly address: () => string;
  /** Nobody else goes on with its runs. */
  readonly isPrivate: boolean;
}

interface RunEnd {
  readonly verdict: RunOutcome;
  readonly reason: string;
}

interface LoadStart {
  /** As it is by now: agents may have come, and the load may have changed. */
  readonly describe: () => Started;
  /** Second 0 on control's clock. */
  readonly startUs: number;
}

/** A run from its order to its end: its state, those who watch it, and the wish to stop it. */
export class RunLifecycle {
  readonly order: RunOrder;
  readonly feed = new RunFeed();
  readonly #context: ControlContext;
  readonly #stop = new RunCancellation();
  readonly #journal: RunJournal;
  #state: RunState = { kind: 'queued' };
  #started: LoadStart | undefined;
  #controller: RunController | undefined;
  #end: RunEnd | undefined;
  #unsaved: Uint8Array | undefined;
  /** Why it has failed, until that is stored. */
  #unsavedFailure: string | undefined;
  #isSaveDue = false;
  #isStoreAway = false;
  #cancelRetry: () => void = () => {};
  /** State rows are written one after the other. */
  #saving: Promise<void> = Promise.resolve();

  constructor(order: RunOrder, context: ControlContext) {
    this.order = order;
    this.#context = context;
    const save = () => void this.#save();
    this.#journal = new RunJournal(order.runId, context.clock, this.feed, context.log, save);
    for (const signal of [this.#stop.drain, this.#stop.cut]) signal.addEventListener('abort', save);
  }

  get summary(): StoredRun {
    const { runId, createdAt, spec } = this.order;
    const verdict = this.#state.kind === 'finished' ? this.#state.verdict : '';
    const reason = reasonOf(this.#state);
    return { runId, name: spec.plan.name, createdAt, state: this.#state.kind, reason, verdict };
  }

  /** The result that the store would not take: RunResult as UTF-8 JSON in gzip. */
  get unsaved(): Uint8Array | undefined {
    return this.#unsaved;
  }

  /** It has ended, and the store does not say so; one that has failed tries on until it does. */
  get hasUnsavedEnd(): boolean {
    return this.#unsaved !== undefined || this.#unsavedFailure !== undefined;
  }

  /** After its end: tries no more to store it. */
  async close(): Promise<void> {
    await this.#saving;
    this.#cancelRetry();
  }

  /**
   * @param abort cuts off what is in flight; else it may end, also when asked again
   * @returns resolves when that is stored, for a control that may have to take the run up, or the store takes too long
   */
  stop(reason: string, abort: boolean): Promise<void> {
    this.#stop.request('request', reason, abort);
    return this.#stored(START_PATIENCE_US);
  }

  /**
   * Changes its load while it runs.
   * @returns when that takes effect, since second 0; resolves as {@link stop} does, and agents have been told then
   * @throws {LoadChangeError}
   */
  async changeLoad(order: LoadChangeRequest): Promise<number> {
    if (this.#state.kind !== 'running' || this.#controller === undefined) {
      throw new LoadChangeError(`it is ${this.#state.kind}, and only the load of a running one can be`);
    }
    const atUs = this.#controller.changeLoad(order);
    await this.#stored(START_PATIENCE_US);
    return atUs;
  }

  /** From its turn to its end. Never throws. */
  async conduct(): Promise<void> {
    const { log, clock } = this.#context;
    const { recovered, stopped } = this.order;
    try {
      if (recovered) {
        const startUs = startOnClock(recovered.started.start, clock);
        this.#started = { describe: () => recovered.started, startUs };
        this.#journal.recover(recovered.events, startUs);
      }
      if (stopped) this.#stop.request(stopped.cause, stopped.reason, stopped.abort);
      const controller = new RunController({
        ...this.order,
        ...this.order.policy,
        ...this.#context,
        address: this.#context.address(),
        stop: this.#stop,
        journal: this.#journal,
        feed: this.feed,
        take: (taken) => this.#take(taken),
        recovered,
        checkpoint: (describe, startUs) => {
          this.#started = { describe, startUs };
          return this.#stored(START_PATIENCE_US);
        },
        stored: () => this.#stored(STORE_PATIENCE_US),
      });
      this.#controller = controller;
      await controller.conduct((result) => this.#keep(result));
    } catch (error) {
      const reason = errorMessage(error);
      if (this.#end === undefined) return this.#fail(reason);
      log(`run ${this.order.runId}: after its end: ${reason}`, { level: 'warn', runId: this.order.runId });
    }
    if (this.#end) this.#take({ kind: 'finish', ...this.#end });
  }

  /**
   * Stores what is known by now; tries until it is. Without it a run could not be taken up, and goes on all the same; one
   * that has failed would be taken up.
   */
  #save(): Promise<void> {
    // Much may happen at once: one that waits for its turn tells all of it.
    if (this.#isSaveDue) return this.#saving;
    this.#isSaveDue = true;
    const { log, clock } = this.#context;
    const { runId } = this.order;
    this.#saving = this.#saving.then(async () => {
      this.#isSaveDue = false;
      this.#cancelRetry();
      try {
        await this.#write();
        this.#isStoreAway = false;
      } catch (error) {
        const reason = errorMessage(error);
        if (!this.#isStoreAway) log(`run ${runId}: ${reason}`, { level: 'error', runId });
        this.#isStoreAway = true;
        this.#cancelRetry = clock.after(STORE_RETRY_US, () => {
          if (!isEnded(this.#state) || this.#unsavedFailure !== undefined) void this.#save();
        });
      }
    });
    return this.#saving;
  }

  async #write(): Promise<void> {
    const { store } = this.#context;
    const { runId } = this.order;
    const reason = this.#unsavedFailure;
    if (reason === undefined) return store.saveCheckpoint(runId, JSON.stringify(this.#checkpoint()));
    try {
      await store.endRun(runId, { state: 'failed', reason });
    } catch (error) {
      if (!(error instanceof OwnershipLostError)) throw error;
      this.#journal.tell(error.message);
    }
    this.#unsavedFailure = undefined;
  }

  /** Waits until what is known by now is stored; for a store that is slow, not longer than this. */
  async #stored(withinUs: number): Promise<void> {
    const { clock } = this.#context;
    await withTimeout(clock, withinUs, 'the store is slow', () => this.#save()).catch(() => {});
  }

  #checkpoint(): Checkpoint {
    const { policy, spec } = this.order;
    // Prepared anew with fewer agents, it would be another run.
    const expectAgents = this.#state.kind === 'preparing' ? this.#state.agents : policy.expectAgents;
    const events = this.#started === undefined ? [] : this.#journal.events(this.#started.startUs);
    const started = this.#started?.describe();
    const { drain, cut, cause, reason } = this.#stop;
    const stop = drain.aborted ? { cause, reason, abort: cut.aborted } : undefined;
    return { ...policy, expectAgents, command: spec.command, started, events, stop };
  }

  async #keep(result: RunResult): Promise<void> {
    const { store } = this.#context;
    const bytes = await packResult(JSON.stringify(result));
    const end = endOf(result);
    await this.#saving;
    try {
      await store.endRun(this.order.runId, { state: 'finished', ...end, result: bytes });
    } catch (error) {
      this.#unsaved = bytes;
      const reason = errorMessage(error);
      this.#journal.tell(`the result could not be stored and is there only until control ends: ${reason}`);
    }
    this.#context.metrics?.runEnded(end.verdict);
    this.#end = end;
  }

  async #fail(reason: string): Promise<void> {
    const { log, metrics } = this.#context;
    const { runId } = this.order;
    // No state from before may be written after it.
    await this.#saving;
    this.#unsavedFailure = reason;
    await this.#save();
    log(`run ${runId} failed: ${reason}`, { level: 'error', runId });
    metrics?.runEnded('failed');
    this.#take({ kind: 'fail', reason });
  }

  #take(taken: RunStep): void {
    const state = step(this.#state, taken);
    if (state === this.#state) return;
    this.#state = state;
    this.feed.state(state);
    if (isEnded(state)) return;
    if (state.kind === 'preparing') void this.#save();
    const { store, log } = this.#context;
    const { runId } = this.order;
    this.#saving = this.#saving.then(() =>
      store
        .setState(runId, state.kind, reasonOf(state))
        .catch((error: Error) => log(`run ${runId}: ${error.message}`, { level: 'error', runId })),
    );
  }
}

function endOf(result: RunResult): RunEnd {
  const { ending, verdict } = result;
  const reason = ending.kind === 'stopped' ? ending.reason : verdict.reasons.join(' ');
  return { verdict: outcomeOf(result), reason };
}
