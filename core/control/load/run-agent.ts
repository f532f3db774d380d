import type { Done, Leaving, Prepared, WindowReport } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { changeToMessage, shareToMessage } from '../../../proto/load-change-codec.ts';
import { WireError } from '../../../proto/window-codec.ts';
import type { AgentChange } from '../../plan/load-change.ts';
import type { MissingLoad } from '../../stats/result.ts';
import { oneLine, oneLines } from '../../text/printable.ts';
import type { AgentConnection, AgentListener, ToAgent } from '../agents/agent-connection.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';
import { ClockWatch } from '../agents/clock-watch.ts';
import type { WindowSource } from '../ingest/window-source.ts';
import { SILENCE_LIMIT_US } from '../limits.ts';
import { type ClosedRunAgent, type EarlyExit, earlyExitOf } from './early-exit.ts';
import { type AssignedChange, type Level, LoadAssignment, NO_SHARE } from './load-assignment.ts';
import type { Part, RunAgentContext } from './participant-surroundings.ts';
import { checkReport, closingOf, type FinalReport, type Progress } from './run-agent-state.ts';

/** One agent process in one run. */
export class RunAgent implements AgentListener, WindowSource {
  readonly connection: AgentConnection;
  readonly load: LoadAssignment;
  /** In the run's totals. */
  readonly index: number;
  readonly #context: RunAgentContext;
  readonly #plan: Part['plan'];
  readonly #isTimed: boolean;
  readonly #prepared = Promise.withResolvers<readonly string[]>();
  #progress: Progress = { kind: 'preparing' };
  #start: ToAgent | undefined;
  #stop: ToAgent | undefined;
  #startUs = 0;
  #lostUs: number | undefined;
  #departure: EarlyExit | undefined;
  /** It is on a new stream, and has not said what it does. */
  #isExpected = false;
  #warnings: readonly string[] = [];
  readonly #clockWatch = new ClockWatch();
  #isAssigned = false;
  #isGone = false;

  constructor(connection: AgentConnection, index: number, part: Part, context: RunAgentContext) {
    this.connection = connection;
    this.index = index;
    this.#plan = part.plan;
    this.#isTimed = part.isTimed;
    const send = (change: AgentChange, number: number) =>
      connection.send({ case: 'loadChange', value: changeToMessage(this.runId, number, change) });
    this.load = new LoadAssignment(part, send, context.stored);
    this.#context = context;
    // Nobody may be waiting for it when the agent goes.
    this.#prepared.promise.catch(() => {});
  }

  get runId(): string {
    return this.#context.runId;
  }

  get epoch(): string {
    return this.connection.epoch;
  }

  get name(): string {
    return this.connection.name;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Since when the agent has been lost, on control's clock; undefined while it is here. */
  get lostUs(): number | undefined {
    return this.#lostUs;
  }

  /** It cannot come back. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** When its load ended before its time, since second 0; undefined while it has not. */
  get leftUs(): number | undefined {
    return this.#departure?.atUs;
  }

  /** There once all that it did is counted. */
  get closed(): ClosedRunAgent | undefined {
    if (this.#progress.kind !== 'closed') return undefined;
    const { clock, done } = this.#progress;
    return { departure: this.#departure, clock, done: { ...done, atUs: done.atUs - this.#startUs } };
  }

  /** Its load has begun and goes on, as far as is known. */
  get isGenerating(): boolean {
    return this.#progress.kind === 'started' && this.#lostUs === undefined && this.leftUs === undefined;
  }

  /** The same, and it has said so since it came back: meanwhile its load may have ended. */
  get mayTake(): boolean {
    return this.isGenerating && !this.#isExpected;
  }

  /** Its load had begun, and has ended before its time, or nobody knows what it does. */
  get isMissing(): boolean {
    return this.leftUs !== undefined ? this.isStarted : this.#progress.kind === 'started' && this.#lostUs !== undefined;
  }

  /**
   * Seconds of which nothing is known to have been done of its share.
   * @param wantedUs how long the load was to last
   */
  missing(wantedUs: number): MissingLoad[] {
    const { totals } = this.#context;
    const reachedUs = (totals.reachedSecond(this.index) + 1) * 1e6;
    const endedUs = this.#progress.kind === 'closed' ? (this.leftUs ?? Number.POSITIVE_INFINITY) : reachedUs;
    if (!this.#isTimed && endedUs === Number.POSITIVE_INFINITY) return [];
    // One that heard of the start too late began where the load was by then.
    const begunUs = Math.min(totals.agent(this.index).firstSecond * 1e6, endedUs, wantedUs);
    return [...this.load.missing(0, begunUs), ...this.load.missing(endedUs, wantedUs)];
  }

  assign(): void {
    this.#isAssigned = true;
    const share = shareToMessage(this.load.first ?? NO_SHARE);
    const { runId, attempt } = this.#context;
    this.connection.send({ case: 'assignment', value: { runId, attempt, plan: { ...this.#plan }, share } });
  }

  /**
   * Resolves when the agent is ready, with the problems that keep it from being so.
   * @throws when it is lost or gone
   */
  get readiness(): Promise<readonly string[]> {
    return this.#prepared.promise;
  }

  /** @param startUs second 0 on control's clock */
  start(startUs: number, clock: ClockEstimate): void {
    this.#startUs = startUs;
    if ('done' in this.#progress) this.#progress = { ...this.#progress, clock };
    else this.#progress = { kind: 'started', clock };
    this.#start = { case: 'start', value: { runId: this.runId, atAgentUs: startUs + clock.offsetUs } };
    this.#sendStart();
  }

  /**
   * It was started by another control process, and told these changes; its clock has to be measured again.
   * @param startUs second 0 on control's clock
   * @param closed all that it did is counted
   */
  recover(startUs: number, changes: readonly AssignedChange[], closed: ClosedRunAgent | undefined): void {
    this.#isAssigned = true;
    this.#isExpected = true;
    this.#startUs = startUs;
    this.load.recover(changes);
    this.#progress = { kind: 'started', clock: { offsetUs: 0, uncertaintyUs: 0 } };
    this.#context.totals.setPresence(this.index, 'here');
    if (closed === undefined) return;
    this.#departure = closed.departure;
    this.#close(closed.clock, { ...closed.done, atUs: startUs + closed.done.atUs });
  }

  get isClockKnown(): boolean {
    return this.#start !== undefined;
  }

  get isStarted(): boolean {
    return this.#progress.kind !== 'preparing' && this.#progress.kind !== 'prepared';
  }

  /** What its host lacks for the load; known once it is prepared. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** The most that its clock was away from what it was at the start. */
  get clockMovedUs(): number {
    return this.#clockWatch.movedUs;
  }

  clockProbed(estimate: ClockEstimate, jumpUs: number): void {
    if (!this.isClockKnown || !('clock' in this.#progress)) return;
    if (!this.#clockWatch.observe(this.#progress.clock, estimate, jumpUs)) return;
    this.#context.note(`the clock of agent ${this.name} jumped by ${(jumpUs / 1e6).toFixed(2)} s`);
  }

  /** Not kept here: an agent that missed a second's level holds the one before, and is told of those that are ahead. */
  setLevel(level: Level): void {
    this.connection.send({ case: 'loadLevel', value: { ...level, runId: this.runId } });
  }

  stop(abort: boolean): void {
    this.#stop = { case: 'stop', value: { runId: this.runId, abort } };
    this.connection.send(this.#stop);
  }

  acknowledge(): void {
    const seq = this.#context.totals.contiguous(this.index);
    if (seq > 0) this.connection.send({ case: 'windowAck', value: { runId: this.runId, seq } });
    this.#closeWhenComplete();
  }

  requestResend(): void {
    this.connection.requestResend();
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
    if (report.epoch !== this.connection.epoch) {
      throw new WireError(
        `a window of epoch ${oneLine(report.epoch, 64)}, but this process is ${this.connection.epoch}`,
      );
    }
    this.#context.window(this, report);
    if (!this.#isExpected) return;
    this.#isExpected = false;
    this.#context.changed(this);
  }

  done(message: Done): void {
    // It comes again after a reconnect, and before the start from an agent that leaves: that run stops anyway.
    if (this.#progress.kind !== 'started') return;
    if (message.stopped && this.#stop === undefined) this.#context.stoppedBefore(this);
    const { clock } = this.#progress;
    const { nowUs, totals } = this.#context;
    this.#progress = { kind: 'closing', clock, done: closingOf(message, nowUs(), totals.shape) };
    this.#closeWhenComplete();
    this.#context.changed(this);
  }

  #closeWhenComplete(): void {
    if (this.#progress.kind !== 'closing') return;
    const { totals } = this.#context;
    const { clock, done } = this.#progress;
    if (totals.contiguous(this.index) < done.lastSeq) return;
    this.#close(clock, done);
    if (this.#departure !== undefined) this.note(`agent ${this.name} has left, and all that it did is counted`);
    this.#context.changed(this);
  }

  note(text: string): void {
    this.#context.note(text);
  }

  leaving(message: Leaving): void {
    if (this.#departure !== undefined) return;
    this.#departure = earlyExitOf(message, this.#context.nowUs() - this.#startUs);
    this.#context.leaving(this, this.#departure);
    this.#context.changed(this);
  }

  lost(): void {
    if (this.#progress.kind !== 'closed') {
      this.#context.note(`agent ${this.name} was lost: nothing has come from it for ${SILENCE_LIMIT_US / 1e6} s`);
    }
    this.#away();
  }

  gone(why: string): void {
    this.#isGone = true;
    if (this.#progress.kind !== 'closed') this.#context.note(`agent ${this.name} is gone: ${why}`);
    this.#away();
  }

  back(): void {
    const wasLost = this.#lostUs !== undefined;
    this.#lostUs = undefined;
    this.#isExpected = true;
    if (this.#isAssigned && this.#progress.kind === 'preparing') this.assign();
    if (this.#progress.kind === 'started') {
      this.#context.totals.setPresence(this.index, 'here');
      this.#sendStart();
      this.load.tellAgain();
    }
    if (this.#stop && !('done' in this.#progress)) this.connection.send(this.#stop);
    this.acknowledge();
    this.#context.back(this);
    if (wasLost) this.#context.note(`agent ${this.name} is back, and sends what it could not send`);
    this.#context.changed(this);
  }

  #close(clock: ClockEstimate, done: FinalReport): void {
    const { totals } = this.#context;
    const differences = totals.agent(this.index).differences(done);
    this.#progress = { kind: 'closed', clock, done, differences };
    totals.setPresence(this.index, 'left');
    void this.#context.stored();
  }

  /** Until a window has come, nobody knows whether the start arrived. */
  #sendStart(): void {
    if (this.#start && this.#context.totals.contiguous(this.index) === 0) this.connection.send(this.#start);
  }

  #away(): void {
    this.#lostUs ??= this.#context.nowUs();
    if (this.#progress.kind !== 'closed') this.#context.totals.setPresence(this.index, 'lost');
    this.#prepared.reject(
      new Error(`agent ${this.name} was lost while it prepared: look at its terminal, and start it again`),
    );
    this.#context.changed(this);
  }
}
