import { MAX_AGENT_WARNINGS, MAX_UNACKED_WINDOWS } from '../core/agent-limits.ts';
import type { HostFiles } from '../core/bundle/host-files.ts';
import type { OpenBundle } from '../core/bundle/open-bundle.ts';
import type { Clock } from '../core/clock.ts';
import { errorMessage, unexpectedStack } from '../core/error.ts';
import type { LogFields } from '../core/log.ts';
import type { AgentChange } from '../core/plan/load/load-change.ts';
import { formatProblem, PlanError } from '../core/plan/problem.ts';
import { SecretMask } from '../core/secrets/secret-mask.ts';
import type { Window } from '../core/stats/window.ts';
import { clipped } from '../core/text/printable.ts';
import {
  type Assignment,
  type ClockReply,
  type LoadChange,
  type LoadLevel,
  type RowsDealt,
  type RowsRecall,
  type WindowAck,
  TraceMode as WireTraceMode,
} from '../proto/gen/bench/v1/agent_pb.ts';
import { changeFromMessage } from '../proto/load-change-codec.ts';
import { phaseToWire } from '../proto/window-codec.ts';
import { type FetchContent, obtainBundle } from './bundle-source.ts';
import type { AgentMessage } from './control-connection.ts';
import type { TraceMode } from './engine/tracer.ts';
import type { Generator, HostWatch, LoadSource } from './generator.ts';
import { type HostLimits, preflight, readHostLimits } from './host/preflight.ts';
import { LoadBounds } from './load-bounds.ts';
import { encodeWindows, type KeptWindow, Outbox } from './outbox.ts';
import { type PlannedLoad, type PlanSources, plannedLoad, redactWindow } from './planned-load.ts';
import { RowHands } from './row-hands.ts';

const TRACE_MODES: Readonly<Partial<Record<WireTraceMode, TraceMode>>> = {
  [WireTraceMode.ALL]: 'all',
  [WireTraceMode.FAILED]: 'failed',
};

/**
 * | state     | next, and why                                                                     |
 * |-----------|-----------------------------------------------------------------------------------|
 * | preparing | prepared: the drivers are open; failed: they are not, or the run was stopped      |
 * | prepared  | running: control has given the start; done: the run was stopped before            |
 * | running   | done: the load has ended and its final totals are known                           |
 * | any       | ended: control has released the agent from the run                                |
 */
type State =
  | { readonly kind: 'preparing'; readonly engine?: Generator }
  | { readonly kind: 'failed' }
  | { readonly kind: 'prepared'; readonly engine: Generator; readonly host: HostWatch }
  | { readonly kind: 'running'; readonly engine: Generator; readonly host: HostWatch }
  | { readonly kind: 'done'; readonly message: AgentMessage }
  | { readonly kind: 'ended' };

export interface AssignedRunOptions extends PlanSources {
  readonly assignment: Assignment;
  readonly epoch: string;
  readonly clock: Clock;
  readonly files: HostFiles;
  /** How the agent gets what was sent with the run. */
  readonly content: FetchContent;
  readonly load: LoadSource;
  /** Called for each acknowledged window, with the microseconds since the window was closed. */
  readonly acknowledged: (afterUs: number) => void;
  readonly log: (line: string, fields?: Pick<LogFields, 'level' | 'stack'>) => void;
  /** Sends when there is a session. What is lost with a session is sent again by {@link AssignedRun.resend}. */
  readonly send: (message: AgentMessage) => void;
}

/** This agent's part of one run, from the assignment to its end. No method rejects, or throws but what {@link LoadBounds} does. */
export class AssignedRun {
  readonly #options: AssignedRunOptions;
  readonly #outbox = new Outbox();
  /** The newest acknowledgement, as a probe of the clock that is not answered yet. */
  #probe: Pick<ClockReply, 'controlUs' | 'receivedUs'> | undefined;
  #state: State = { kind: 'preparing' };
  #prepared: AgentMessage | undefined;
  #stopRequest: 'stop' | 'abort' | undefined;
  /** Set when the load ends early: control has to know before it hears anything else. */
  #leaving: AgentMessage | undefined;
  #startUs: number | undefined;
  /** Changes of the load in order. Those that come before the start are applied at the start. */
  readonly #changes: AgentChange[] = [];
  #lastChange = 0;
  readonly #hands: RowHands;
  #bounds: LoadBounds | undefined;
  #mask = new SecretMask();
  #bundle: OpenBundle | undefined;
  /** What whoever reads the result has to know: of the preparation, and of the load. */
  readonly #warnings = { preparing: new Set<string>(), running: new Set<string>() };
  readonly #loadEnded = Promise.withResolvers<void>();

  constructor(options: AssignedRunOptions) {
    this.#options = options;
    this.#hands = new RowHands(options.assignment.runId, options.clock, options.send);
  }

  get runId(): string {
    return this.#options.assignment.runId;
  }

  /** Whether an assignment of the same run replaces this one: a newer attempt does, until the load has begun. */
  isReplacedBy({ attempt }: Assignment): boolean {
    return attempt !== this.#options.assignment.attempt && this.#startUs === undefined;
  }

  /** Resolves when no load is left, now or later. What remains is for control to store windows. */
  get loadEnded(): Promise<void> {
    return this.#loadEnded.promise;
  }

  /** Whether control has stored every window so far. */
  get allAcknowledged(): boolean {
    return this.#outbox.unacked.length === 0;
  }

  /** Opens the drivers, connects the first virtual users, and tells control how that went. Called once. */
  async prepare(): Promise<void> {
    const { clock, load } = this.#options;
    // Read before any session is open: sessions may use up the descriptors that reading needs.
    const limits = readHostLimits();
    const host = load.watchHost(clock);
    let engine: Generator | undefined;
    let problems: readonly string[] = [];
    try {
      engine = await this.#createEngine(host);
      if (this.#isPreparing()) {
        this.#state = { kind: 'preparing', engine };
        await engine.prepare();
        await this.#hands.opened();
      }
    } catch (error) {
      // Nobody wants to know why what was given up did not come to be.
      if (this.#isPreparing()) problems = this.#problemsOf(error);
      this.#hands.release();
      await engine?.close();
    }
    if (!this.#isPreparing()) {
      host.stop();
      await engine?.close();
      if (this.#state.kind === 'ended') await this.#bundle?.close();
      return;
    }
    if (engine !== undefined && problems.length === 0) this.#state = { kind: 'prepared', engine, host };
    else host.stop();
    this.#reportPrepared(problems, limits);
  }

  /** @param atUs start of the run on this agent's clock */
  start(atUs: number): void {
    if (this.#state.kind !== 'prepared') return;
    const { engine, host } = this.#state;
    this.#bounds?.checkStart(this.#options.clock.nowUs() - atUs);
    this.#startUs = atUs;
    this.#state = { kind: 'running', engine, host };
    void this.#generate(engine, host, atUs).catch((error: unknown) => this.#fail(error));
  }

  /**
   * Ends the load early and tells control so: now, and again after each reconnect.
   * @param byItself whether the agent ends the load by itself, and was not told to
   */
  leave(reason: string, byItself: boolean): void {
    const isOver = this.#state.kind === 'done' || this.#state.kind === 'failed' || this.#state.kind === 'ended';
    if (!isOver && this.#stopRequest === undefined) {
      const { clock, send } = this.#options;
      const atUs = this.#startUs === undefined ? 0 : Math.max(0, clock.nowUs() - this.#startUs);
      this.#leaving = { case: 'leaving', value: { runId: this.runId, reason, atUs, byItself } };
      send(this.#leaving);
    }
    this.stop(false);
  }

  stop(abort: boolean): void {
    this.#stopRequest = abort || this.#stopRequest === 'abort' ? 'abort' : 'stop';
    if (abort) this.#hands.release();
    if (this.#state.kind === 'running') {
      if (abort) this.#state.engine.abort();
      else this.#state.engine.stop();
    } else if (this.#state.kind === 'prepared') {
      const { engine, host } = this.#state;
      host.stop();
      this.#finish(engine);
      void engine.close();
    } else if (this.#state.kind === 'preparing') {
      this.#hands.release();
      // Drivers that ignore the abort are not waited for.
      this.#state.engine?.abort();
      this.#reportPrepared(['it was stopped before it was ready']);
    }
  }

  setLevel(level: LoadLevel): void {
    if (this.#state.kind !== 'prepared' && this.#state.kind !== 'running') return;
    this.#bounds?.checkLevel(level);
    this.#state.engine.setLevel(level.scenario, level.second, level.ended ? undefined : level);
  }

  changeLoad(message: LoadChange): void {
    // Control repeats all changes after a reconnect.
    if (message.number <= this.#lastChange) return;
    this.#lastChange = message.number;
    const change = changeFromMessage(message);
    if (change === undefined) return;
    this.#bounds?.checkChange(change);
    if (this.#state.kind === 'running') this.#state.engine.change(change);
    else this.#changes.push(change);
  }

  dealt(deal: RowsDealt): void {
    this.#hands.dealt(deal);
  }

  recalled({ set }: RowsRecall): void {
    this.#hands.recalled(set);
  }

  /** Called when control has stored every window up to and including `seq`. */
  acknowledge({ seq, controlUs }: Pick<WindowAck, 'seq' | 'controlUs'>): void {
    const nowUs = this.#options.clock.nowUs();
    this.#probe = { controlUs, receivedUs: nowUs };
    for (const { madeUs } of this.#outbox.acknowledge(seq)) this.#options.acknowledged(nowUs - madeUs);
  }

  /** Sends again, after a reconnect, all that control may not have received. */
  resend(): void {
    const kind = this.#state.kind;
    // It comes first, because control takes what follows as a sign that the load continues.
    if (this.#leaving !== undefined) this.#options.send(this.#leaving);
    if (this.#prepared !== undefined && (kind === 'prepared' || kind === 'failed')) this.#options.send(this.#prepared);
    for (const text of this.#warnings.running) this.#sendWarning(text);
    this.#hands.resend();
    for (const window of this.#outbox.unacked) this.#sendWindow(window);
    if (this.#state.kind === 'done') this.#options.send(this.#state.message);
  }

  /** Forgets the run: control has all it wants, or has given the run up. Resolves when the drivers are closed. */
  async end(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'ended' };
    this.#hands.close();
    if (state.kind === 'running' || state.kind === 'preparing') state.engine?.abort();
    if (state.kind === 'prepared') {
      state.host.stop();
      await state.engine.close();
    }
    await this.#bundle?.close();
  }

  #isPreparing(): boolean {
    return this.#state.kind === 'preparing';
  }

  async #createEngine(host: HostWatch): Promise<Generator> {
    const { assignment, files, content, clock, load, pluginIn, send } = this.#options;
    this.#bundle = files.bundles && (await obtainBundle(assignment, files.bundles, content));
    const folder = this.#bundle?.folder ?? assignment.plan?.baseDirectory ?? '';
    const planned: PlannedLoad = await plannedLoad(assignment, this.#options, files.secrets, folder);
    const { mask, share } = planned;
    const bounds = new LoadBounds(planned.plan.plan, share);
    const users = bounds.vus;
    await bounds.checkChanges(this.#changes, clock);
    this.#bounds = bounds;
    const mode = TRACE_MODES[assignment.trace];
    this.#mask = mask;
    return load.createGenerator({
      ...planned,
      deal: (set, length, repeats) => this.#hands.open(set, length, repeats, users),
      clock,
      pluginIn,
      host: (idleUs) => host.take(idleUs),
      emit: (window) => this.#emit(redactWindow(window, mask)),
      hide: (text) => mask.hide(text),
      trace: mode && { mode, tell: (text) => send({ case: 'traced', value: { runId: this.runId, text } }) },
      warn: (text) => this.#warn(this.#said(text)),
      log: (text) => this.#logWarning(this.#said(text)),
      failed: (error) => this.#fail(error),
    });
  }

  #warn(text: string): void {
    this.#logWarning(text);
    const { preparing, running } = this.#warnings;
    const said = this.#isPreparing() ? preparing : running;
    if (said.has(text) || said.size >= MAX_AGENT_WARNINGS) return;
    said.add(text);
    if (said === running) this.#sendWarning(text);
  }

  #logWarning(text: string): void {
    this.#options.log(`run ${this.runId}: ${text}`, { level: 'warn' });
  }

  #sendWarning(text: string): void {
    this.#options.send({ case: 'warned', value: { runId: this.runId, text } });
  }

  async #generate(engine: Generator, host: HostWatch, atUs: number): Promise<void> {
    if (this.#stopRequest === 'stop') engine.stop();
    if (this.#stopRequest === 'abort') engine.abort();
    host.restart();
    const run = engine.run(atUs);
    for (const change of this.#changes) engine.change(change);
    this.#finish(engine, await run);
    await engine.close();
    host.stop();
  }

  /** The load cannot go on, for a reason that is logged here and told to control. */
  #fail(error: unknown): void {
    const sentence = this.#said(errorMessage(error));
    this.#options.log(`run ${this.runId}: its load failed: ${sentence}`, {
      level: 'error',
      stack: this.#stackOf(error),
    });
    this.leave(`its load failed: ${sentence}`, true);
  }

  #problemsOf(error: unknown): readonly string[] {
    if (error instanceof PlanError) return error.problems.map((problem) => this.#said(formatProblem(problem)));
    const sentence = this.#said(errorMessage(error));
    const stack = this.#stackOf(error);
    if (stack !== undefined) this.#options.log(`run ${this.runId}: ${sentence}`, { level: 'error', stack });
    return [sentence];
  }

  /** What a plugin or a server says, for the log and for control. */
  #said(text: string): string {
    return clipped(this.#mask.hide(text));
  }

  #stackOf(error: unknown): string | undefined {
    const stack = unexpectedStack(error);
    return stack === undefined ? undefined : this.#mask.hide(stack);
  }

  /** @param limits undefined when the run was stopped before they matter */
  #reportPrepared(problems: readonly string[], limits?: HostLimits): void {
    if (problems.length > 0) {
      this.#state = { kind: 'failed' };
      this.#loadEnded.resolve();
    }
    const { attempt } = this.#options.assignment;
    const warnings = [...this.#warnings.preparing, ...(limits === undefined ? [] : this.#hostWarnings(limits))];
    this.#prepared = { case: 'prepared', value: { runId: this.runId, attempt, problems: [...problems], warnings } };
    this.#options.send(this.#prepared);
  }

  #hostWarnings(limits: HostLimits): string[] {
    if (this.#state.kind !== 'prepared') return [];
    return preflight(limits, { sessions: this.#state.engine.sessions })
      .filter(({ ok }) => !ok)
      .map(({ name, text }) => `${name}: ${text}`);
  }

  #emit(window: Window): void {
    const madeUs = this.#options.clock.nowUs();
    for (const bytes of encodeWindows(window)) this.#sendWindow(this.#outbox.add(bytes, madeUs));
    if (this.#outbox.unacked.length >= MAX_UNACKED_WINDOWS && this.#state.kind === 'running') {
      const reason = `control has acknowledged nothing for ${MAX_UNACKED_WINDOWS} s`;
      if (this.#leaving === undefined) this.#options.log(`${reason}: the load of this agent stops`, { level: 'warn' });
      this.leave(reason, true);
    }
  }

  #sendWindow({ seq, bytes }: KeptWindow): void {
    const { clock, epoch, send } = this.#options;
    const reply = this.#probe && { ...this.#probe, sentUs: clock.nowUs() };
    this.#probe = undefined;
    send({
      case: 'window',
      value: { runId: this.runId, epoch, seq, window: bytes, ...(reply && { clock: reply }) },
    });
  }

  /** @param loadUs how long the load lasted; undefined when it never began */
  #finish(engine: Generator, loadUs?: number): void {
    if (this.#state.kind === 'ended') return;
    const { acknowledged, unknown } = engine.recorder.tallied();
    const message: AgentMessage = {
      case: 'done',
      value: {
        runId: this.runId,
        lastSeq: this.#outbox.lastSeq,
        totals: engine.recorder.finalTotals().map((total) => ({ ...total, phase: phaseToWire(total.phase) })),
        acknowledged,
        unknown,
        firstStartDelayUs: engine.recorder.firstStartDelayUs,
        ...(loadUs !== undefined && { loadUs }),
        stopped: this.#stopRequest !== undefined && this.#leaving === undefined,
      },
    };
    this.#state = { kind: 'done', message };
    this.#hands.release();
    this.#options.send(message);
    this.#loadEnded.resolve();
  }
}
