import type {
  Done,
  Leaving,
  Prepared,
  RowsReturned,
  RowsWanted,
  WindowReport,
} from '../../../proto/gen/bench/v1/agent_pb.ts';
import { changeToMessage } from '../../../proto/load-change-codec.ts';
import { WireError } from '../../../proto/window-codec.ts';
import { MAX_AGENT_WARNINGS } from '../../agent-limits.ts';
import { BenchError } from '../../error.ts';
import { countsIterations, isLoadMovable } from '../../plan/load/load-model.ts';
import type { Share } from '../../plan/load/split.ts';
import type { MissingLoad } from '../../stats/result.ts';
import { oneLine, oneLines } from '../../text/printable.ts';
import type { AgentConnection } from '../agents/agent-connection.ts';
import type { AgentListener } from '../agents/agent-listener.ts';
import { type ClockEstimate, ClockWatch } from '../agents/clock-estimate.ts';
import type { WindowSource } from '../ingest/window-source.ts';
import { STORE_PATIENCE_US } from '../limits.ts';
import type { RunContext } from '../run/run-context.ts';
import { AgentCommands } from './agent-commands.ts';
import { type FinalReport, finalReportOf } from './final-report.ts';
import { type AssignedChange, LoadAssignment, NO_SHARE } from './load-assignment.ts';
import { type ClosedRunAgent, checkReport, type EarlyExit, earlyExitOf, type Progress } from './run-agent-state.ts';
import type { RunRows } from './run-rows.ts';

/** Modules that a sentence about a lost agent names at the most. */
const MAX_SUSPECTS = 3;

/** What all agents of a run share beside the run itself. */
export interface RunAgentContext {
  readonly run: RunContext;
  /** Identifies this preparation of the run: an agent that prepared for another one is not ready. */
  readonly attempt: string;
  /** What all agents use up together. */
  readonly rows: RunRows;
  /** Takes a window of the agent. @throws {WireError} when it cannot be a window of this run */
  receive(source: WindowSource, report: WindowReport): void;
  /** Called after every change of an agent's progress, presence or early exit. */
  changed(agent: RunAgent): void;
}

/** One agent process in one run. */
export class RunAgent implements AgentListener, WindowSource {
  readonly connection: AgentConnection;
  readonly load: LoadAssignment;
  /** Its place in the run's totals. */
  readonly index: number;
  readonly #context: RunAgentContext;
  readonly #commands: AgentCommands;
  readonly #prepared = Promise.withResolvers<readonly string[]>();
  readonly #clockWatch = new ClockWatch();
  #progress: Progress = { kind: 'preparing' };
  #startUs = 0;
  #lostUs: number | undefined;
  #earlyExit: EarlyExit | undefined;
  #isExitAnswered = false;
  #warnings: readonly string[] = [];
  readonly #warned = new Set<string>();
  #isGone = false;
  /** Whether another control process has started it, which may have told it to stop. */
  #isRecovered = false;
  /** Whether the agent is on a new stream, or expected on one, and has not sent a window there. */
  #isReturning = false;

  /** @param share at the run start; undefined for an agent that joins while the load runs */
  constructor(connection: AgentConnection, index: number, share: Share | undefined, context: RunAgentContext) {
    this.connection = connection;
    this.index = index;
    this.#context = context;
    const { runId, spec, saved, clock } = context.run;
    this.#commands = new AgentCommands(runId, connection);
    const keepsIterations = Object.values(spec.plan.scenarios).some(countsIterations);
    this.load = new LoadAssignment(share, keepsIterations, {
      nowUs: () => clock.nowUs(),
      sendChange: (change, number) =>
        connection.send({ case: 'loadChange', value: changeToMessage(runId, number, change) }),
      sendLevel: (level) => connection.send({ case: 'loadLevel', value: { ...level, runId } }),
      saved: () => saved(STORE_PATIENCE_US),
    });
    // The agent may be lost when nobody waits for its preparation.
    this.#prepared.promise.catch(() => {});
    context.rows.joined(this);
  }

  get runId(): string {
    return this.#context.run.runId;
  }

  get name(): string {
    return this.connection.name;
  }

  get epoch(): string {
    return this.connection.epoch;
  }

  get progress(): Progress {
    return this.#progress;
  }

  get isPreparing(): boolean {
    return this.#progress.kind === 'preparing';
  }

  /** Since when the agent has been lost, on control's clock; undefined while it is here. */
  get lostUs(): number | undefined {
    return this.#lostUs;
  }

  /** Whether the agent cannot come back. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** When the agent ended its load early, since the run start; undefined unless it did. */
  get leftUs(): number | undefined {
    return this.#earlyExit?.atUs;
  }

  /** The agent's early exit, until it is answered. */
  get unansweredExit(): EarlyExit | undefined {
    return this.#isExitAnswered ? undefined : this.#earlyExit;
  }

  /** Called once it is settled what the run makes of the early exit. */
  exitAnswered(): void {
    this.#isExitAnswered = true;
  }

  /** What another control process needs; undefined until everything that the agent did is counted. */
  get closed(): ClosedRunAgent | undefined {
    if (this.#progress.kind !== 'closed') return undefined;
    const { clock, done } = this.#progress;
    return { departure: this.#earlyExit, clock, done: { ...done, atUs: done.atUs - this.#startUs } };
  }

  get isStarted(): boolean {
    return this.#progress.kind !== 'preparing' && this.#progress.kind !== 'prepared';
  }

  /** Whether its load has begun and goes on, as far as is known. */
  get isGenerating(): boolean {
    return this.#progress.kind === 'started' && this.#lostUs === undefined && this.leftUs === undefined;
  }

  /** Whether it can be given a share: an agent that is back may have ended its load until it says otherwise. */
  get canTakeShare(): boolean {
    return this.isGenerating && !this.#isReturning;
  }

  /** Whether its load had begun, and has ended early or is out of sight. */
  get isMissing(): boolean {
    return this.leftUs !== undefined ? this.isStarted : this.#progress.kind === 'started' && this.#lostUs !== undefined;
  }

  /**
   * The seconds of which nothing is known to have been done of its share.
   * @param wantedUs how long the load was to last
   */
  missing(wantedUs: number): MissingLoad[] {
    const { totals, spec } = this.#context.run;
    const reachedUs = (totals.reachedSecond(this.index) + 1) * 1e6;
    const endedUs = this.#progress.kind === 'closed' ? (this.leftUs ?? Number.POSITIVE_INFINITY) : reachedUs;
    // Iterations are not tied to a second: one that did all of them misses none.
    if (endedUs === Number.POSITIVE_INFINITY && !isLoadMovable(spec.plan)) return [];
    // An agent that heard of the start too late began where the load was by then.
    const begunUs = Math.min(totals.agent(this.index).firstSecond * 1e6, endedUs, wantedUs);
    return [...this.load.missing(0, begunUs), ...this.load.missing(endedUs, wantedUs)];
  }

  /** Has the agent open its drivers and connect its first virtual users. */
  assign(): void {
    const { run, attempt } = this.#context;
    this.#commands.assign(attempt, run.spec, this.load.first ?? NO_SHARE, run.policy.trace);
  }

  /**
   * Resolves when the agent is prepared, with the problems that keep it from taking part, a sentence each.
   * @throws {BenchError} with the code `agent_lost`
   */
  get readiness(): Promise<readonly string[]> {
    return this.#prepared.promise;
  }

  /** @param startUs the run start on control's clock */
  start(startUs: number, clock: ClockEstimate): void {
    this.#startUs = startUs;
    if ('done' in this.#progress) this.#progress = { ...this.#progress, clock };
    else this.#progress = { kind: 'started', clock };
    this.#commands.keepStart(startUs + clock.offsetUs);
    this.#repeatStart();
  }

  /**
   * Goes on with an agent that another control process started. Its clock has to be measured again.
   * @param startUs the run start on control's clock
   * @param changes what it was sent
   * @param closed present when everything that it did is counted
   */
  recover(startUs: number, changes: readonly AssignedChange[], closed: ClosedRunAgent | undefined): void {
    this.#isRecovered = true;
    this.#isReturning = true;
    this.#startUs = startUs;
    this.load.recover(changes);
    this.#progress = { kind: 'started', clock: { offsetUs: 0, uncertaintyUs: 0 } };
    this.#context.run.totals.setPresence(this.index, 'here');
    if (closed === undefined) return;
    this.#earlyExit = closed.departure;
    this.#isExitAnswered = closed.departure !== undefined;
    this.#close(closed.clock, { ...closed.done, atUs: startUs + closed.done.atUs });
  }

  /** Whether its clock was measured by this control process. */
  get isClockKnown(): boolean {
    return this.#commands.hasGiven('start');
  }

  /** What its host lacks for the load, a sentence each; known once it is prepared. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** The furthest that its clock has been away from what it was at the run start. */
  get clockMovedUs(): number {
    return this.#clockWatch.movedUs;
  }

  /** Has the agent end its load: at once with `abort`, else when its operations in flight have ended. */
  stop(abort: boolean): void {
    this.#commands.stop(abort);
  }

  acknowledge(): void {
    const seq = this.#context.run.totals.contiguous(this.index);
    if (seq > 0) this.connection.acknowledge(this.runId, seq);
    this.#closeWhenComplete();
  }

  requestResend(): void {
    this.connection.requestResend();
  }

  record(text: string): void {
    this.#context.run.events.record(text);
  }

  traced(text: string): void {
    const { events, policy } = this.#context.run;
    if (policy.trace !== undefined) events.trace(text, policy.trace);
  }

  warned(text: string): void {
    if (this.#warned.size >= MAX_AGENT_WARNINGS) return;
    this.#warned.add(text);
    // A control that was started again has what was said to the one before.
    this.#context.run.events.recordOnce(`agent ${this.name} warns: ${oneLine(text)}`);
  }

  clockProbed(estimate: ClockEstimate, jumpUs: number, probedUs: number): void {
    this.load.answered(probedUs);
    if (!this.isClockKnown || !('clock' in this.#progress)) return;
    if (!this.#clockWatch.observe(this.#progress.clock, estimate, jumpUs)) return;
    this.record(`the clock of agent ${this.name} jumped by ${(jumpUs / 1e6).toFixed(2)} s`);
  }

  prepared({ attempt, problems, warnings }: Prepared): void {
    if (this.#progress.kind !== 'preparing' || attempt !== this.#context.attempt) return;
    this.#warnings = oneLines(warnings);
    if (problems.length === 0) this.#progress = { kind: 'prepared' };
    this.#prepared.resolve(oneLines(problems));
    this.#context.changed(this);
  }

  window(report: WindowReport): void {
    checkReport(this.#progress, report);
    if (report.epoch !== this.epoch) {
      throw new WireError(`a window of epoch ${oneLine(report.epoch, 64)}, but this process is ${this.epoch}`);
    }
    this.#context.receive(this, report);
    if (!this.#isReturning) return;
    this.#isReturning = false;
    this.#context.changed(this);
  }

  done(message: Done): void {
    // Done comes again after a reconnect; before the start it comes from an agent that leaves, and the run stops anyway.
    if (this.#progress.kind !== 'started') return;
    const { clock, totals, cancellation } = this.#context.run;
    if (message.stopped && !this.#commands.hasGiven('stop')) {
      if (!this.#isRecovered) throw new WireError('done.stopped, and nobody has told it to stop');
      cancellation.request('request', `the control process before this one had told agent ${this.name} to stop`);
    }
    const done = finalReportOf(message, clock.nowUs(), totals.shape);
    this.#context.rows.ended(this);
    this.#progress = { kind: 'closing', clock: this.#progress.clock, done };
    this.#closeWhenComplete();
    this.#context.changed(this);
  }

  rowsWanted(message: RowsWanted): void {
    this.#context.rows.wanted(this, message);
  }

  rowsReturned(message: RowsReturned): void {
    this.#context.rows.returned(this, message);
  }

  leaving(message: Leaving): void {
    if (this.#earlyExit !== undefined) return;
    this.#earlyExit = earlyExitOf(message, this.#context.run.clock.nowUs() - this.#startUs);
    this.#context.changed(this);
  }

  lost(silentUs: number): void {
    if (this.#progress.kind !== 'closed') {
      const silent = `nothing has come from it for ${silentUs / 1e6} s${this.#suspicion()}`;
      this.record(`agent ${this.name} was lost: ${silent}`);
    }
    this.#away();
  }

  /** An agent whose event loop stands cannot say why, so its result names the code of others that may be it. */
  #suspicion(): string {
    const { entries = [] } = this.#context.run.spec.bundle ?? {};
    const modules = entries.filter(({ kind }) => kind === 'module').map(({ name }) => name);
    if (modules.length === 0) return '';
    return `; if ${modules.slice(0, MAX_SUSPECTS).join(' or ')} blocks its event loop, its terminal says where`;
  }

  gone(why: string): void {
    this.#isGone = true;
    if (this.#progress.kind !== 'closed') this.record(`agent ${this.name} is gone: ${why}`);
    this.#away();
  }

  back(): void {
    const wasLost = this.#lostUs !== undefined;
    this.#lostUs = undefined;
    this.#isReturning = true;
    if (this.#progress.kind === 'preparing') this.#commands.repeat('assignment');
    if (this.#progress.kind === 'started') {
      this.#context.run.totals.setPresence(this.index, 'here');
      this.#repeatStart();
      this.load.resend();
    }
    const hasLoad = !('done' in this.#progress);
    if (hasLoad) this.#commands.repeat('stop');
    this.#context.rows.back(this, hasLoad);
    this.acknowledge();
    if (wasLost) this.record(`agent ${this.name} is back, and sends what it could not send`);
    this.#context.changed(this);
  }

  #closeWhenComplete(): void {
    if (this.#progress.kind !== 'closing') return;
    const { clock, done } = this.#progress;
    if (this.#context.run.totals.contiguous(this.index) < done.lastSeq) return;
    this.#close(clock, done);
    if (this.#earlyExit !== undefined) this.record(`agent ${this.name} has left, and all that it did is counted`);
    this.#context.changed(this);
  }

  #close(clock: ClockEstimate, done: FinalReport): void {
    const { totals, saved } = this.#context.run;
    const differences = totals.agent(this.index).differences(done);
    this.#progress = { kind: 'closed', clock, done, differences };
    totals.setPresence(this.index, 'left');
    void saved(STORE_PATIENCE_US);
  }

  /** Sends the start until a window has come: only then it is certain that it arrived. */
  #repeatStart(): void {
    if (this.#context.run.totals.contiguous(this.index) === 0) this.#commands.repeat('start');
  }

  #away(): void {
    const { clock, totals } = this.#context.run;
    this.#lostUs ??= clock.nowUs();
    if (this.#progress.kind !== 'closed') totals.setPresence(this.index, 'lost');
    this.#context.rows.lost(this);
    const message = `agent ${this.name} was lost while it prepared: look at its terminal, and start it again`;
    this.#prepared.reject(new BenchError('agent_lost', message));
    this.#context.changed(this);
  }
}
