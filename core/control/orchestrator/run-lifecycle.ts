import { packResult } from '../../../proto/stored-run.ts';
import { errorMessage, unexpectedStack } from '../../error.ts';
import type { RunResult } from '../../stats/result.ts';
import { jsonPieces } from '../../text/json-pieces.ts';
import { clipped } from '../../text/printable.ts';
import { outcomeOf } from '../../verdict/conclusion/run-outcome.ts';
import { MAX_RUN_TEXT, START_PATIENCE_US } from '../limits.ts';
import { LoadChangeError, type LoadChangeRequest } from '../load/load-change-request.ts';
import type { LiveParts } from '../results/live-parts.ts';
import type { Checkpoint } from '../run/checkpoint.ts';
import { RunCancellation } from '../run/run-cancellation.ts';
import type { RunContext } from '../run/run-context.ts';
import { RunEvents, type WatchMessage } from '../run/run-events.ts';
import type { RunNotes } from '../run/run-notes.ts';
import { RunSecrets } from '../run/run-secrets.ts';
import { isEnded, type RunState, reasonOf } from '../run/run-state.ts';
import type { StoredRun } from '../store/run-store.ts';
import type { ControlContext } from './control-context.ts';
import { LeftBehindError, prepareAlone } from './preparation.ts';
import { RunController } from './run-controller.ts';
import { type RunEnd, RunRecord } from './run-record.ts';
import type { RunOrder } from './run-start.ts';

/** A run that this process takes to its end, for those in it who show it to others. */
export interface ObservedRun {
  readonly run: RunContext;
  /** Undefined while it waits for its turn. */
  readonly parts: LiveParts | undefined;
}

/** A run from its order to its end: its state, those who watch it, its stop requests, and what is stored of it. */
export class RunLifecycle {
  readonly order: RunOrder;
  readonly #control: ControlContext;
  readonly #run: RunContext;
  readonly #record: RunRecord;
  #notes: RunNotes;
  #controller: RunController | undefined;
  #end: RunEnd | undefined;
  /** Whether drivers could not remove everything that they had made; undefined until they have tried. */
  #leftBehind: boolean | undefined;
  #hasPrepared = false;
  readonly #changed: (summary: StoredRun) => void;

  /** @param changed called with each new state */
  constructor(order: RunOrder, control: ControlContext, changed: (summary: StoredRun) => void) {
    const { runId, spec, policy, start } = order;
    const { clock, log, files } = control;
    const save = () => void this.#record.save();
    const events = new RunEvents(runId, clock, log, { recorded: save, changed: (state) => this.#stateChanged(state) });
    const cancellation = new RunCancellation();
    this.order = order;
    this.#notes = order.notes;
    this.#control = control;
    this.#changed = changed;
    this.#record = new RunRecord(runId, control, events, () => this.#checkpoint());
    this.#run = {
      runId,
      spec,
      policy,
      totals: start.totals,
      search: start.search,
      clock,
      cancellation,
      events,
      secrets: new RunSecrets(spec, files.secrets),
      saved: (withinUs) => this.#record.saved(withinUs),
    };
    if (start.kind === 'recovered') events.recover(start.events, start.startUs);
    for (const signal of [cancellation.drain, cancellation.abort]) signal.addEventListener('abort', save);
  }

  get summary(): StoredRun {
    const { runId, createdAt, spec } = this.order;
    const { state } = this.#run.events;
    const verdict = state.kind === 'finished' ? state.verdict : '';
    const { name } = spec.plan;
    return { runId, name, createdAt, state: state.kind, reason: reasonOf(state), verdict, ...this.#notes };
  }

  get observed(): ObservedRun {
    return { run: this.#run, parts: this.#controller?.parts };
  }

  /** Called once they are stored. What is left out stays as it is. */
  setNotes(notes: Partial<RunNotes>): void {
    this.#notes = { ...this.#notes, ...notes };
  }

  get hasEnded(): boolean {
    return isEnded(this.#run.events.state);
  }

  /** The result that the store did not take, RunResult as UTF-8 JSON in gzip; undefined when it did. */
  get unsavedResult(): Uint8Array | undefined {
    return this.#record.unsavedResult;
  }

  /** Whether the run has ended and the store does not know. A failure is tried again until it does. */
  get hasUnsavedEnd(): boolean {
    return this.#record.hasUnsavedEnd;
  }

  /** What happened so far and what happens from now on, until the run ends or the signal is aborted. */
  watch(signal: AbortSignal): AsyncGenerator<WatchMessage, void, undefined> {
    return this.#run.events.watch(signal);
  }

  /**
   * Asks for the end of the run.
   * @param abort cuts off what is in flight; otherwise it may end, also when asked again
   * @returns resolves when this is stored, for a control that may have to recover the run, or the store takes too long
   */
  stop(reason: string, abort: boolean): Promise<void> {
    this.#run.cancellation.request('request', reason, abort);
    return this.#record.saved(START_PATIENCE_US);
  }

  /**
   * Changes the load while it runs.
   * @returns when that takes effect, since the run start; resolves as {@link stop} does, and agents have been told then
   * @throws {LoadChangeError}
   */
  async changeLoad(request: LoadChangeRequest): Promise<number> {
    const { kind } = this.#run.events.state;
    if (kind !== 'running' || this.#controller === undefined) {
      throw new LoadChangeError(`it is ${kind}, and only a running load can be changed`);
    }
    const atUs = this.#controller.changeLoad(request);
    await this.#record.saved(START_PATIENCE_US);
    return atUs;
  }

  /** Takes the run from its turn to its end. Never throws. */
  async run(): Promise<void> {
    const { runId, start, stopped, policy } = this.order;
    const { events, cancellation } = this.#run;
    try {
      if (stopped) cancellation.request(stopped.cause, stopped.reason, stopped.abort);
      if (policy.preparesOnly === true) {
        await prepareAlone(this.#run, start.kind === 'new' && start.isMaybePrepared);
        return await this.#keep();
      }
      this.#controller = new RunController(this.#run, this.#control, start);
      await this.#controller.run((result) => this.#finish(result));
      this.#leftBehind = this.#controller.leftBehind;
    } catch (error) {
      this.#leftBehind = this.#controller?.leftBehind ?? error instanceof LeftBehindError;
      if (this.#end === undefined) return this.#fail(error);
      const line = `run ${runId}: after its end: ${errorMessage(error)}`;
      this.#control.log(line, { level: 'warn', runId, stack: unexpectedStack(error) });
    }
    // Whoever hears of the end may ask for the run to be deleted.
    if (this.#mayLeave) await this.#record.save();
    if (this.#end) events.take({ kind: 'finish', ...this.#end, leftBehind: this.#leftBehind ?? false });
  }

  /** After the end of the run: tries no more to store it. */
  close(): Promise<void> {
    return this.#record.close();
  }

  async #finish(result: RunResult): Promise<void> {
    const end = endOf(result);
    await this.#record.finish(end, await packResult(jsonPieces(result)));
    this.#control.metrics?.runEnded(end.verdict);
    this.#end = end;
  }

  async #keep(): Promise<void> {
    await this.#record.end({ state: 'prepared', reason: '' });
    this.#control.metrics?.runEnded('prepared');
    this.#run.events.take({ kind: 'keep' });
  }

  async #fail(error: unknown): Promise<void> {
    const { runId } = this.order;
    const { log, metrics } = this.#control;
    const reason = clipped(errorMessage(error), MAX_RUN_TEXT);
    await this.#record.end({ state: 'failed', reason });
    log(`run ${runId} failed: ${reason}`, { level: 'error', runId, stack: unexpectedStack(error) });
    metrics?.runEnded('failed');
    this.#run.events.take({ kind: 'fail', reason, leftBehind: this.#leftBehind ?? false });
  }

  #stateChanged(state: RunState): void {
    if (isEnded(state)) this.#record.ended();
    else {
      this.#hasPrepared ||= state.kind !== 'queued' && state.kind !== 'waiting';
      if (state.kind === 'preparing') void this.#record.save();
      this.#record.setState(state);
    }
    this.#changed(this.summary);
  }

  #checkpoint(): Checkpoint {
    const { spec, policy, start } = this.order;
    const { events, cancellation } = this.#run;
    // Prepared anew with fewer agents, it would be another run.
    const expectAgents = events.state.kind === 'preparing' ? events.state.agents : policy.expectAgents;
    const load = this.#controller?.started ?? (start.kind === 'recovered' ? start : undefined);
    const { drain, abort, cause, reason } = cancellation;
    return {
      ...policy,
      expectAgents,
      command: spec.command,
      bundle: spec.bundle?.entries ?? [],
      baseline: spec.baseline,
      started: load?.started,
      events: load === undefined ? [] : events.list(load.startUs),
      stop: drain.aborted ? { cause, reason, abort: abort.aborted } : undefined,
      // Should control be killed, somebody has to be told that drivers may have made something.
      leftBehind: this.#leftBehind ?? this.#mayLeave,
    };
  }

  /** Whether its drivers have begun to make what has to be removed. */
  get #mayLeave(): boolean {
    const { spec, start } = this.order;
    const hasPrepared = this.#hasPrepared || start.kind === 'recovered' || start.isMaybePrepared;
    return hasPrepared && [...spec.resolved.drivers.values()].some(({ plugin }) => plugin.cleanup !== undefined);
  }
}

function endOf(result: RunResult): RunEnd {
  const { ending, verdict } = result;
  const reason = ending.kind === 'stopped' ? ending.reason : verdict.reasons.join(' ');
  return { verdict: outcomeOf(result), reason };
}
