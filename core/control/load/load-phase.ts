import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import type { LoadChange } from '../../plan/load/load-change.ts';
import { isLoadMovable } from '../../plan/load/load-model.ts';
import type { WindowCollector } from '../ingest/window-collector.ts';
import { ABORT_LIMIT_US, CLOSING_LIMIT_US, RETURN_LIMIT_US, START_LEAD_US, START_PATIENCE_US } from '../limits.ts';
import type { MonitorSampler } from '../monitors/monitor-sampler.ts';
import type { RunContext } from '../run/run-context.ts';
import { chooseStart } from '../run/start-time.ts';
import { AgentReconciler, type LoadStatus } from './agent-reconciler.ts';
import { EndBarrier } from './end-barrier.ts';
import { LoadChangeError, type LoadChangeRequest } from './load-change-request.ts';
import { LoadChanges } from './load-changes.ts';
import { type LoadOutcome, loadOutcomeOf, missingWindows } from './load-outcome.ts';
import type { RunAgent } from './run-agent.ts';
import type { RunAgents } from './run-agents.ts';
import { ShapeLevels } from './shape-levels.ts';
import { ShareBalancer } from './share-balancer.ts';
import type { ThresholdWatch } from './threshold-watch.ts';

const SECOND_US = 1_000_000;
/** When within a second the phase ticks: by then the windows of the second before have come, of a thousand agents too. */
const TICK_AT_US = 500_000;

/** The parts of a run that its load needs. */
export interface LoadPhaseParts {
  readonly agents: RunAgents;
  readonly collector: WindowCollector;
  readonly monitors: MonitorSampler;
  readonly thresholds: ThresholdWatch;
  /** Called every second of the load. */
  readonly ticked: () => void;
}

/**
 * The load of a run, from its start to the barrier at its end, where every agent has said what its windows add up to.
 *
 * It is level-triggered: each event of an agent, and each tick for all agents, has it compare what is with what should be
 * and make up the difference. So an event that is missed, or comes twice, changes nothing.
 */
export class LoadPhase implements LoadStatus {
  readonly #run: RunContext;
  readonly #parts: LoadPhaseParts;
  readonly #shapes: ShapeLevels;
  readonly #reconciler: AgentReconciler;
  readonly #end: EndBarrier;
  #hasBegun = false;
  /** Both are undefined until the agents' clocks are known. */
  #changes: LoadChanges | undefined;
  #shares: ShareBalancer | undefined;
  /** Infinite until it is chosen. */
  #startUs = Number.POSITIVE_INFINITY;
  #startedAt = '';
  #stopUs = Number.POSITIVE_INFINITY;
  #cancelTick: () => void = () => {};

  constructor(run: RunContext, parts: LoadPhaseParts) {
    this.#run = run;
    this.#parts = parts;
    this.#shapes = new ShapeLevels(run.spec, run.search);
    this.#reconciler = new AgentReconciler(run, parts.agents, this.#shapes, this);
    this.#end = new EndBarrier(parts.agents.all, run.clock);
    parts.agents.watch((agent) => this.#reconcile(agent));
  }

  /** The run start on control's clock; undefined until one is chosen. It may still change while it is being stored. */
  get startUs(): number | undefined {
    return Number.isFinite(this.#startUs) ? this.#startUs : undefined;
  }

  /** The run start on control's clock and on the wall clock; undefined until it is final. */
  get runStart(): { readonly startUs: number; readonly startedAt: string } | undefined {
    return this.#startedAt === '' ? undefined : { startUs: this.#startUs, startedAt: this.#startedAt };
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get isRunning(): boolean {
    const { cancellation, clock, spec } = this.#run;
    return !cancellation.drain.aborted && clock.nowUs() < this.#startUs + spec.plannedUs;
  }

  get shares(): ShareBalancer | undefined {
    return this.#shares;
  }

  /** Load changes requested by operators, in order. */
  get requested(): readonly LoadChange[] {
    return this.#changes?.requested ?? [];
  }

  /** The levels of scenarios whose load is decided while it runs. */
  get shaped(): Pick<ShapeLevels, 'levelAt'> {
    return this.#shapes;
  }

  /**
   * Starts the load, and resolves when it is over.
   * @throws {BenchError} when an agent's clock cannot be measured, or the reason of a stop before the start
   */
  async start(): Promise<LoadOutcome> {
    const { spec, clock, cancellation, events, saved } = this.#run;
    const { agents, collector } = this.#parts;
    this.#hasBegun = true;
    const clocks = await agents.measureClocks();
    cancellation.drain.throwIfAborted();
    const slowestUs = Math.max(...clocks.map(({ uncertaintyUs }) => 2 * uncertaintyUs));
    this.#makeChangeable([]);
    const store = (startUs: number) => {
      this.#startUs = startUs;
      return saved(START_PATIENCE_US);
    };
    const startUs = await chooseStart({ clock, slowestUs, store, drain: cancellation.drain });
    this.#startedAt = wallTimeOf(startUs, clock);
    // Whoever sees the run in this state may count on it: the start is stored, should control be killed now.
    events.take({ kind: 'start', startUs });
    this.#end.openBy(startUs + spec.plannedUs + spec.gracefulStopUs + CLOSING_LIMIT_US);
    collector.start(startUs);
    this.#shapes.advance(0);
    for (const agent of agents.all) this.#shapes.send(agent);
    agents.start(startUs, clocks);
    return this.#untilOver();
  }

  /**
   * Goes on with a load that another control process started, and resolves when it is over. The agents have gone on
   * meanwhile, and come back by themselves.
   * @param startUs the run start on control's clock
   * @param requested the changes that operators had the other process make
   */
  async recover(startUs: number, requested: readonly LoadChange[]): Promise<LoadOutcome> {
    const { spec, clock, saved } = this.#run;
    this.#hasBegun = true;
    this.#startUs = startUs;
    this.#startedAt = wallTimeOf(startUs, clock);
    this.#makeChangeable(requested);
    // Until agents hear of this process, they hold the level that they have.
    this.#run.search?.resumeAt(Math.ceil((clock.nowUs() - startUs) / SECOND_US) + 1);
    await saved(START_PATIENCE_US);
    const endUs = startUs + spec.plannedUs + spec.gracefulStopUs;
    this.#end.openBy(Math.max(endUs, clock.nowUs() + RETURN_LIMIT_US) + CLOSING_LIMIT_US);
    return this.#untilOver();
  }

  /**
   * Carries out what an operator asks for.
   * @returns when it takes effect, since the run start
   * @throws {LoadChangeError}
   */
  change(request: LoadChangeRequest): number {
    if (!this.#hasBegun) throw new LoadChangeError('its load has not begun');
    if (this.#run.cancellation.drain.aborted || this.#changes === undefined) throw new LoadChangeError('its load ends');
    return this.#changes.request(request);
  }

  async #untilOver(): Promise<LoadOutcome> {
    const { spec, policy, clock, cancellation } = this.#run;
    const { agents } = this.#parts;
    const { drain, abort } = cancellation;
    if (policy.elastic && this.isRunning && isLoadMovable(spec.plan)) agents.openDoor();
    const drained = () => this.#drain();
    const aborted = () => this.#abort();
    drain.addEventListener('abort', drained);
    abort.addEventListener('abort', aborted);
    if (drain.aborted) drained();
    if (abort.aborted) aborted();
    this.#reconcileAll();
    this.#tickAt(0);
    try {
      await this.#end.opened;
    } finally {
      agents.closeDoor();
      this.#cancelTick();
      drain.removeEventListener('abort', drained);
      abort.removeEventListener('abort', aborted);
    }
    return this.#conclude(clock.nowUs() - this.#startUs);
  }

  /** @param overUs when the load was over, since the run start */
  async #conclude(overUs: number): Promise<LoadOutcome> {
    const { spec, totals, events } = this.#run;
    const { agents, collector, thresholds } = this.#parts;
    await Promise.all([collector.close(), agents.checkClocks()]);
    for (const sentence of missingWindows(agents.all, totals)) events.record(sentence);
    const { storeProblem } = collector;
    if (storeProblem !== undefined) events.record(`windows are missing because ${storeProblem}`);
    for (const { index } of agents.all) totals.setPresence(index, 'left');
    thresholds.judgeSettled(agents.missesLoadIn, this.requested);
    const startUs = this.#startUs;
    const maxUs = Math.min(spec.plannedUs, this.#stopUs - startUs);
    return loadOutcomeOf(this.#run, agents.all, { startUs, startedAt: this.#startedAt, maxUs, overUs, storeProblem });
  }

  /** Called for an agent after each of its changes. */
  #reconcile(agent: RunAgent): void {
    this.#reconciler.reconcile(agent);
    if (this.isRunning) this.#shares?.sendUnlessRecent();
    if (this.#hasBegun) this.#end.check();
  }

  /** Called every second, and when the load begins. */
  #reconcileAll(): void {
    for (const agent of this.#parts.agents.all) this.#reconciler.reconcile(agent);
    if (this.isRunning) this.#shares?.send();
    this.#end.check();
  }

  #makeChangeable(requested: readonly LoadChange[]): void {
    const { spec, clock, events } = this.#run;
    const agents = this.#parts.agents.all;
    const nextUs = () => {
      const uncertaintiesUs = agents.map(({ progress }) => ('clock' in progress ? progress.clock.uncertaintyUs : 0));
      const elapsedUs = Math.max(0, clock.nowUs() - this.#startUs);
      return Math.ceil(elapsedUs + START_LEAD_US + 2 * Math.max(0, ...uncertaintiesUs));
    };
    const record = (text: string, atUs: number) => events.record(text, this.#startUs + atUs);
    const load = { spec, agents, nextUs, record };
    this.#changes = new LoadChanges(load, requested);
    this.#shares = new ShareBalancer(load, this.#changes);
  }

  #tickAt(second: number): void {
    const { clock } = this.#run;
    const dueUs = this.#startUs + second * SECOND_US + TICK_AT_US;
    this.#cancelTick = clock.after(dueUs - clock.nowUs(), () => {
      // A tick that comes late, because control was held up, stands for all that were due.
      const now = Math.max(second, Math.floor((clock.nowUs() - this.#startUs) / SECOND_US));
      try {
        this.#tick(now);
        this.#tickAt(now + 1);
      } catch (error) {
        this.#end.fail(error);
      }
    });
  }

  #tick(second: number): void {
    const { spec, cancellation, clock, events } = this.#run;
    const { agents, monitors, thresholds, ticked } = this.#parts;
    const nowUs = clock.nowUs();
    const isPlanned = nowUs < this.#startUs + spec.plannedUs;
    if (isPlanned) monitors.sample(second);
    const breach = thresholds.judgeSettled(agents.missesLoadIn, this.requested);
    if (breach) cancellation.request('threshold', breach.message);
    this.#advanceShapes(nowUs - this.#startUs);
    if (!isPlanned) events.take({ kind: 'drain', reason: '' });
    ticked();
    this.#reconcileAll();
  }

  #advanceShapes(elapsedUs: number): void {
    try {
      this.#shapes.advance(elapsedUs);
    } catch (error) {
      this.#run.cancellation.request('failure', errorMessage(error));
      this.#run.events.logUnexpected(error);
    }
  }

  #drain(): void {
    const { cancellation, spec, clock, events } = this.#run;
    this.#stopUs = clock.nowUs();
    this.#parts.thresholds.endLoad(this.#stopUs - this.#startUs);
    this.#end.openBy(this.#stopUs + spec.gracefulStopUs + CLOSING_LIMIT_US);
    events.record(`the run stops: ${cancellation.reason}`);
    this.#parts.agents.closeDoor();
    for (const agent of this.#parts.agents.all) agent.stop(false);
    events.take({ kind: 'drain', reason: cancellation.reason });
  }

  #abort(): void {
    const { clock, events } = this.#run;
    this.#end.openBy(clock.nowUs() + ABORT_LIMIT_US);
    events.record('operations in flight are cut off');
    for (const agent of this.#parts.agents.all) agent.stop(true);
  }
}

/** @returns the same instant on the wall clock, RFC 3339 */
function wallTimeOf(us: number, clock: Clock): string {
  return new Date(clock.epochMs() + (us - clock.nowUs()) / 1000).toISOString();
}
