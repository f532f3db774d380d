import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Clock } from '../core/clock.ts';
import { processLookup } from '../core/environment.ts';
import { errorMessage } from '../core/error.ts';
import type { AgentChange } from '../core/plan/load-change.ts';
import { parsePlan } from '../core/plan/parse.ts';
import { formatProblem, PlanError } from '../core/plan/problem.ts';
import { resolvePlan } from '../core/plan/resolve.ts';
import { filledPlan, resolveSecrets } from '../core/plan/secrets.ts';
import type { DriverPlugin } from '../core/plugin.ts';
import { SecretMask } from '../core/secrets/secret-mask.ts';
import type { Window } from '../core/stats/window.ts';
import type { Assignment, LoadChange, LoadLevel, SessionRequestSchema } from '../proto/gen/bench/v1/agent_pb.ts';
import { changeFromMessage, shareFromMessage } from '../proto/load-change-codec.ts';
import { encodeWindow, phaseToWire } from '../proto/window-codec.ts';
import type { Generator, HostWatch, LoadSource } from './generator.ts';
import { preflight, readHostLimits } from './host/preflight.ts';
import { type KeptWindow, Outbox } from './outbox.ts';
import { redactWindow } from './redact-window.ts';

/** A message to control. */
export type AgentMessage = Extract<MessageInitShape<typeof SessionRequestSchema>['message'], { case: string }>;

export type LoadDriverFrom = (reference: string, baseDirectory: string) => Promise<DriverPlugin>;

/**
 * This is ten minutes of windows. An agent that has been cut off for longer stops its load, and control has to
 * count the rest of it as missing: the agent could not tell of it without using ever more memory.
 */
const MAX_UNACKED_WINDOWS = 600;

/** Where an assignment stands, with what is valid there. */
type State =
  | { readonly kind: 'preparing'; readonly engine?: Generator }
  /** Control has been told why. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'prepared'; readonly engine: Generator; readonly host: HostWatch }
  | { readonly kind: 'running'; readonly engine: Generator; readonly host: HostWatch }
  | { readonly kind: 'done'; readonly message: AgentMessage }
  | { readonly kind: 'ended' };

export interface AssignmentOptions {
  readonly assignment: Assignment;
  readonly epoch: string;
  readonly clock: Clock;
  readonly loadDriver: LoadDriverFrom;
  readonly load: LoadSource;
  /** Told how long after it was made each window was acknowledged. */
  readonly acknowledged: (afterUs: number) => void;
  readonly log: (line: string) => void;
  /** Sends when connected; what is lost with the connection comes again through {@link AssignedRun.resend}. */
  readonly send: (message: AgentMessage) => void;
}

/** This agent's part of one run, from its assignment to the run's end. */
export class AssignedRun {
  readonly #options: AssignmentOptions;
  readonly #outbox = new Outbox();
  #state: State = { kind: 'preparing' };
  #prepared: AgentMessage | undefined;
  #stopWanted: 'stop' | 'abort' | undefined;
  /** Its load ends early, and control has to know. */
  #leaving: AgentMessage | undefined;
  #startUs: number | undefined;
  /** Changes of the load, in order; those from before the start wait for it. */
  readonly #changes: AgentChange[] = [];
  #lastChange = 0;
  /** Of what the plan refers to on this host. */
  #mask = new SecretMask();
  readonly #loadEnded = Promise.withResolvers<void>();

  constructor(options: AssignmentOptions) {
    this.#options = options;
  }

  get runId(): string {
    return this.#options.assignment.runId;
  }

  /** Of two assignments of this run the newer one counts, until its load has begun. */
  isReplacedBy({ attempt }: Assignment): boolean {
    return attempt !== this.#options.assignment.attempt && this.#startUs === undefined;
  }

  /** Resolves when there is no load, now or later: what is left to do is control's. */
  get loadEnded(): Promise<void> {
    return this.#loadEnded.promise;
  }

  /** Control has stored every window so far. */
  get allAcknowledged(): boolean {
    return this.#outbox.unacked.length === 0;
  }

  /** Loads the drivers, opens them, connects the first virtual users, and tells control how that went. */
  async prepare(): Promise<void> {
    const { clock, load } = this.#options;
    const host = load.watchHost(clock);
    let engine: Generator | undefined;
    let problems: string[] = [];
    try {
      engine = await this.#createEngine(host);
      if (this.#isPreparing()) {
        this.#state = { kind: 'preparing', engine };
        await engine.prepare();
      }
    } catch (error) {
      const told = error instanceof PlanError ? error.problems.map(formatProblem) : [sentenceOf(error)];
      problems = told.map((problem) => this.#mask.hide(problem));
      await engine?.close();
    }
    if (!this.#isPreparing()) {
      host.stop();
      await engine?.close();
      return;
    }
    if (engine !== undefined && problems.length === 0) this.#state = { kind: 'prepared', engine, host };
    else host.stop();
    this.#tellPrepared(problems);
  }

  #isPreparing(): boolean {
    return this.#state.kind === 'preparing';
  }

  #tellPrepared(problems: string[]): void {
    if (problems.length > 0) {
      this.#state = { kind: 'failed' };
      this.#loadEnded.resolve();
    }
    const { attempt } = this.#options.assignment;
    const warnings = this.#hostWarnings();
    this.#prepared = { case: 'prepared', value: { runId: this.runId, attempt, problems, warnings } };
    this.#options.send(this.#prepared);
  }

  /** @param atUs second 0 on this agent's clock */
  async start(atUs: number): Promise<void> {
    if (this.#state.kind !== 'prepared') return;
    const { engine, host } = this.#state;
    this.#startUs = atUs;
    this.#state = { kind: 'running', engine, host };
    if (this.#stopWanted === 'stop') engine.stop();
    if (this.#stopWanted === 'abort') engine.abort();
    // Figures of the host count from the load's start.
    host.take(0);
    const run = engine.run(atUs);
    for (const change of this.#changes) engine.change(change);
    this.#finish(engine, await run);
    await engine.close();
    host.stop();
  }

  /**
   * Ends the load before its time, and tells control so: now, and whenever it is back.
   * @param byItself nobody told the agent to
   */
  leave(reason: string, byItself: boolean): void {
    const isOver = this.#state.kind === 'done' || this.#state.kind === 'failed' || this.#state.kind === 'ended';
    if (!isOver && this.#stopWanted === undefined) {
      const { clock, send } = this.#options;
      const atUs = this.#startUs === undefined ? 0 : Math.max(0, clock.nowUs() - this.#startUs);
      this.#leaving = { case: 'leaving', value: { runId: this.runId, reason, atUs, byItself } };
      send(this.#leaving);
    }
    this.stop(false);
  }

  stop(abort: boolean): void {
    this.#stopWanted = abort || this.#stopWanted === 'abort' ? 'abort' : 'stop';
    if (this.#state.kind === 'running') {
      if (abort) this.#state.engine.abort();
      else this.#state.engine.stop();
    } else if (this.#state.kind === 'prepared') {
      const { engine, host } = this.#state;
      host.stop();
      this.#finish(engine);
      void engine.close();
    } else if (this.#state.kind === 'preparing') {
      // Nobody waits for drivers that do not heed it.
      this.#state.engine?.abort();
      this.#tellPrepared(['it was stopped before it was ready']);
    }
  }

  setLevel({ scenario, second, from, to, ended }: LoadLevel): void {
    if (this.#state.kind !== 'prepared' && this.#state.kind !== 'running') return;
    this.#state.engine.setLevel(scenario, second, ended ? undefined : { from, to });
  }

  changeLoad(message: LoadChange): void {
    // All of them come again after a reconnect.
    if (message.number <= this.#lastChange) return;
    this.#lastChange = message.number;
    const change = changeFromMessage(message);
    if (change === undefined) return;
    this.#changes.push(change);
    if (this.#state.kind === 'running') this.#state.engine.change(change);
  }

  acknowledge(seq: number): void {
    const nowUs = this.#options.clock.nowUs();
    for (const { madeUs } of this.#outbox.acknowledge(seq)) this.#options.acknowledged(nowUs - madeUs);
  }

  /** After a reconnect: all that control may not have got. */
  resend(): void {
    const kind = this.#state.kind;
    // Before anything from which control could take it that the load goes on.
    if (this.#leaving !== undefined) this.#options.send(this.#leaving);
    if (this.#prepared !== undefined && (kind === 'prepared' || kind === 'failed')) this.#options.send(this.#prepared);
    for (const waiting of this.#outbox.unacked) this.#sendWindow(waiting);
    if (this.#state.kind === 'done') this.#options.send(this.#state.message);
  }

  /** Control has all it wants, or has given the run up. */
  async end(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'ended' };
    if (state.kind === 'running' || state.kind === 'preparing') state.engine?.abort();
    if (state.kind === 'prepared') {
      state.host.stop();
      await state.engine.close();
    }
  }

  async #createEngine(host: HostWatch): Promise<Generator> {
    const { assignment, clock, loadDriver, load } = this.#options;
    const baseDirectory = assignment.plan?.baseDirectory ?? '';
    const parsed = parsePlan(JSON.parse(assignment.plan?.json ?? 'null'));
    const plan = await resolvePlan(parsed, (reference) => loadDriver(reference, baseDirectory));
    const use = { target: true, drivers: plan.drivers.keys(), monitors: [] };
    const secrets = resolveSecrets(parsed, use, processLookup(baseDirectory));
    this.#mask = secrets.mask;
    return load.createGenerator({
      runId: assignment.runId,
      plan: filledPlan(plan, secrets),
      share: shareFromMessage(assignment.share),
      baseDirectory,
      clock,
      host: (idleUs) => host.take(idleUs),
      emit: (window) => this.#emit(redactWindow(window, secrets.mask)),
      warn: (text) => this.#options.log(`run ${assignment.runId}: ${secrets.mask.hide(text)}`),
      failed: (error) => {
        const sentence = secrets.mask.hide(sentenceOf(error));
        this.#options.log(`run ${assignment.runId}: its load failed: ${sentence}`);
        this.leave(`its load failed: ${sentence}`, true);
      },
    });
  }

  #hostWarnings(): string[] {
    if (this.#state.kind !== 'prepared') return [];
    return preflight(readHostLimits(), { sessions: this.#state.engine.sessions })
      .filter(({ ok }) => !ok)
      .map(({ name, text }) => `${name}: ${text}`);
  }

  #emit(window: Window): void {
    this.#sendWindow(this.#outbox.add(encodeWindow(window), this.#options.clock.nowUs()));
    if (this.#outbox.unacked.length === MAX_UNACKED_WINDOWS && this.#state.kind === 'running') {
      const reason = `control has acknowledged nothing for ${MAX_UNACKED_WINDOWS} s`;
      this.#options.log(`${reason}: the load of this agent stops`);
      this.leave(reason, true);
    }
  }

  #sendWindow({ seq, bytes }: KeptWindow): void {
    const { epoch, send } = this.#options;
    send({ case: 'window', value: { runId: this.runId, epoch, seq, window: bytes } });
  }

  /** @param loadUs how long its load lasted, if it had one */
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
        stopped: this.#stopWanted !== undefined && this.#leaving === undefined,
      },
    };
    this.#state = { kind: 'done', message };
    this.#options.send(message);
    this.#loadEnded.resolve();
  }
}

function sentenceOf(error: unknown): string {
  return errorMessage(error);
}
