import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import type { LoadChange } from '../../plan/load-change.ts';
import { isLoadMovable } from '../../plan/load-model.ts';
import type { RunTotals } from '../../stats/merge.ts';
import type { ThresholdEvaluator } from '../../verdict/evaluator.ts';
import type { AgentRegistry, Labels } from '../agents/agent-registry.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';
import type { WindowCollector } from '../ingest/window-collector.ts';
import { ABORT_LIMIT_US, CLOSING_LIMIT_US, RETURN_LIMIT_US, START_LEAD_US } from '../limits.ts';
import type { MonitorSampler } from '../monitors/monitor-sampler.ts';
import type { MonitorValues } from '../monitors/monitor-series.ts';
import type { AgentPolicy } from '../run/checkpoint.ts';
import type { RunCancellation } from '../run/run-cancellation.ts';
import type { RunJournal } from '../run/run-events.ts';
import type { RunSpec } from '../run/run-spec.ts';
import { chosenStart } from '../run/start-time.ts';
import { LoadChanges } from './load-changes.ts';
import { LoadChangeError, type LoadChangeRequest } from './load-order.ts';
import { type LoadOutcome, loadOutcomeOf, missingWindows } from './load-outcome.ts';
import { admitNewcomers } from './newcomers.ts';
import type { RunAgent } from './run-agent.ts';
import type { RunAgents } from './run-agents.ts';
import { ShapeLevels } from './shape-levels.ts';

const SECOND_US = 1_000_000;
/** When within a second control looks at the run: the windows of the second before have come by then, of a thousand agents too. */
const LOOK_US = 500_000;

export interface LoadPhaseOptions {
  readonly spec: RunSpec;
  readonly runAgents: RunAgents;
  /** Agents that may come while the load runs; undefined: none. */
  readonly newcomers: { readonly registry: AgentRegistry; readonly labels: Labels } | undefined;
  readonly totals: RunTotals;
  readonly collector: WindowCollector;
  readonly monitors: MonitorSampler;
  readonly monitorValues: MonitorValues;
  readonly evaluator: ThresholdEvaluator;
  readonly stop: RunCancellation;
  readonly clock: Clock;
  readonly onAgentLoss: AgentPolicy['onAgentLoss'];
  /** Of the load, by people, while another control process conducted the run. */
  readonly changes: readonly LoadChange[];
  readonly journal: RunJournal;
  /** Second 0 on control's clock, when the load was started by another control process. */
  readonly recoveredUs: number | undefined;
  /** Stores second 0, of which nobody has been told. */
  readonly started: (startUs: number) => Promise<void>;
  /** Second 0 is settled. */
  readonly begun: (startUs: number) => void;
  readonly draining: (reason: string) => void;
  /** Each second. */
  readonly looked: (startUs: number) => void;
}

/** From the start of the load to the barrier at its end, where every agent has said what its windows add up to. */
export class LoadPhase {
  readonly #options: LoadPhaseOptions;
  readonly #shapes: ShapeLevels;
  readonly #agents: readonly RunAgent[];
  #live: LoadChanges | undefined;
  #closeDoor: () => void = () => {};
  readonly #over = Promise.withResolvers<void>();
  /** Infinite until it is chosen. */
  #startUs = Number.POSITIVE_INFINITY;
  #startedAt = '';
  #stopUs: number | undefined;
  #deadlineUs = Number.POSITIVE_INFINITY;
  #cancelTick: () => void = () => {};
  /** Index of a participant that was not over. */
  #openAt = 0;

  constructor(options: LoadPhaseOptions) {
    this.#options = options;
    this.#agents = options.runAgents.agents;
    this.#shapes = new ShapeLevels(options.spec, this.#agents);
  }

  /** @throws when an agent's clock cannot be measured, or the run is stopped before the start */
  async run(): Promise<LoadOutcome> {
    const { spec, stop, collector, totals, monitorValues, evaluator, journal } = this.#options;
    if (this.#options.recoveredUs === undefined) await this.#start();
    else await this.#recover(this.#options.recoveredUs);
    this.#openDoor();
    const drain = () => this.#drain();
    const cut = () => this.#cutOff();
    stop.drain.addEventListener('abort', drain);
    stop.cut.addEventListener('abort', cut);
    if (stop.drain.aborted) drain();
    if (stop.cut.aborted) cut();
    // Of those that another control process had, some may be lost by now.
    if (this.#options.recoveredUs !== undefined) for (const one of this.#agents) this.participantChanged(one);
    this.#tickAt(0);
    try {
      await this.#over.promise;
    } finally {
      this.#closeDoor();
      this.#cancelTick();
      stop.drain.removeEventListener('abort', drain);
      stop.cut.removeEventListener('abort', cut);
    }
    const overUs = this.#options.clock.nowUs() - this.#startUs;
    await collector.close();
    for (const sentence of missingWindows(this.#agents, totals)) journal.note(sentence);
    if (collector.storeProblem !== undefined) journal.note(`windows are missing because ${collector.storeProblem}`);
    for (const { index } of this.#agents) totals.setPresence(index, 'left');
    for (const second of totals.settle((at) => monitorValues.at(at))) evaluator.observe(second);
    const stopUs = (this.#stopUs ?? Number.POSITIVE_INFINITY) - this.#startUs;
    const longestUs = Math.min(spec.plannedUs, stopUs);
    const [agents, startUs, startedAt] = [this.#agents, this.#startUs, this.#startedAt];
    return loadOutcomeOf({ agents, totals, stop, startUs, startedAt, longestUs, overUs });
  }

  /** To be called whenever a participant's progress or presence has changed. */
  participantChanged(agent: RunAgent): void {
    const { onAgentLoss, stop, runAgents } = this.#options;
    const isLost = agent.lostUs !== undefined && agent.progress.kind !== 'closed';
    if (onAgentLoss === 'abort' && isLost && runAgents.has(agent)) {
      stop.request('failure', `agent ${agent.name} was lost`);
    }
    this.#share(agent);
    if (this.#areAllOver()) this.#over.resolve();
  }

  /** Looks first at the one that was not over before: of thousands that end at once, not each has to look at all. */
  #areAllOver(): boolean {
    const agents = this.#agents;
    for (let i = 0; i < agents.length; i++) {
      const at = (this.#openAt + i) % agents.length;
      if (this.#isOver(agents[at] as RunAgent)) continue;
      this.#openAt = at;
      return false;
    }
    return true;
  }

  /** Of the load, by people, in order. */
  get changes(): readonly LoadChange[] {
    return this.#live?.changes ?? [];
  }

  /**
   * What a person has asked for.
   * @returns when it takes effect, since second 0
   * @throws {LoadChangeError}
   */
  change(order: LoadChangeRequest): number {
    if (this.#options.stop.drain.aborted || this.#live === undefined) throw new LoadChangeError('its load ends');
    return this.#live.order(order);
  }

  /** @returns whether the load can do without the participant now: it has no share, or the plan's time is over */
  handOver(agent: RunAgent): boolean {
    if (!this.#isRunning) return this.#live !== undefined && !this.#options.stop.drain.aborted;
    if (this.#live === undefined) return false;
    return !this.#live.hasShare(agent) || (this.#options.onAgentLoss === 'rebalance' && this.#live.handOver(agent));
  }

  get #isRunning(): boolean {
    const { stop, clock, spec } = this.#options;
    return !stop.drain.aborted && clock.nowUs() < this.#startUs + spec.plannedUs;
  }

  /** The share of an agent that is lost or has left goes to the others; one that comes, or is back, gets a part. */
  #share(agent: RunAgent): void {
    if (this.#live === undefined || !this.#isRunning) return;
    if (agent.mayTake) this.#live.take(agent);
    else if (this.#options.onAgentLoss === 'rebalance' && agent.isMissing) this.#live.handOver(agent);
  }

  #liveLoad(): LoadChanges {
    const { spec, clock, journal, changes } = this.#options;
    const agents = this.#agents;
    const nextUs = () => {
      const uncertaintiesUs = agents.map(({ progress }) => ('clock' in progress ? progress.clock.uncertaintyUs : 0));
      const elapsedUs = Math.max(0, clock.nowUs() - this.#startUs);
      return Math.ceil(elapsedUs + START_LEAD_US + 2 * Math.max(0, ...uncertaintiesUs));
    };
    const equalAgents = agents.filter(({ load }) => load.first !== undefined).length;
    const note = (text: string, atUs: number) => journal.note(text, this.#startUs + atUs);
    return new LoadChanges({ spec, agents, equalAgents, nextUs, note }, changes);
  }

  #openDoor(): void {
    const { newcomers, runAgents, spec } = this.#options;
    if (newcomers === undefined || !this.#isRunning || !isLoadMovable(spec.plan)) return;
    const admitted = (agent: RunAgent) => {
      this.tellAgain(agent);
      this.participantChanged(agent);
    };
    this.#closeDoor = admitNewcomers({ ...newcomers, runAgents, startUs: this.#startUs, admitted });
  }

  /** To an agent that was away. */
  tellAgain(agent: RunAgent): void {
    this.#shapes.tellAgain(agent);
  }

  async #start(): Promise<void> {
    const { spec, runAgents, stop, clock, collector, started, begun } = this.#options;
    const agents = this.#agents;
    const clocks = await runAgents.measureClocks();
    stop.drain.throwIfAborted();
    const slowestUs = Math.max(...clocks.map(({ uncertaintyUs }) => 2 * uncertaintyUs));
    this.#live = this.#liveLoad();
    this.#startAt(await chosenStart({ clock, slowestUs, store: started, stop: stop.drain }));
    begun(this.#startUs);
    this.#deadlineUs = this.#startUs + spec.plannedUs + spec.gracefulStopUs + CLOSING_LIMIT_US;
    collector.start(this.#startUs);
    runAgents.started(this.#startUs);
    this.#shapes.tell(0);
    agents.forEach((agent, i) => {
      agent.start(this.#startUs, clocks[i] as ClockEstimate);
    });
  }

  /** Agents have gone on meanwhile, and come back by themselves. */
  async #recover(startUs: number): Promise<void> {
    const { spec, clock, started } = this.#options;
    this.#startAt(startUs);
    this.#live = this.#liveLoad();
    await started(startUs);
    const endUs = startUs + spec.plannedUs + spec.gracefulStopUs;
    this.#deadlineUs = Math.max(endUs, clock.nowUs() + RETURN_LIMIT_US) + CLOSING_LIMIT_US;
  }

  #startAt(startUs: number): void {
    const { clock } = this.#options;
    this.#startUs = startUs;
    this.#startedAt = new Date(clock.epochMs() + (startUs - clock.nowUs()) / 1000).toISOString();
  }

  #tickAt(second: number): void {
    const { clock } = this.#options;
    const dueUs = this.#startUs + second * SECOND_US + LOOK_US;
    this.#cancelTick = clock.after(dueUs - clock.nowUs(), () => {
      // A tick that comes late, because control was held up, stands for those that were due.
      const now = Math.max(second, Math.floor((clock.nowUs() - this.#startUs) / SECOND_US));
      try {
        this.#look(now);
        this.#tickAt(now + 1);
      } catch (error) {
        this.#over.reject(error);
      }
    });
  }

  #look(second: number): void {
    const { spec, totals, monitors, monitorValues, evaluator, stop, clock, draining, looked } = this.#options;
    const nowUs = clock.nowUs();
    if (nowUs < this.#startUs + spec.plannedUs) monitors.sample(second);
    for (const settled of totals.settle((at) => monitorValues.at(at))) {
      const [breach] = evaluator.observe(settled);
      if (breach) stop.request('threshold', breach.message);
    }
    this.#tellLevels(nowUs - this.#startUs);
    if (nowUs >= this.#startUs + spec.plannedUs) draining('');
    looked(this.#startUs);
    // Where nobody was there to take over, somebody may be now.
    for (const agent of this.#agents) this.#share(agent);
    if (this.#areAllOver() || nowUs >= this.#deadlineUs) this.#over.resolve();
  }

  #tellLevels(elapsedUs: number): void {
    try {
      this.#shapes.tell(elapsedUs);
    } catch (error) {
      this.#options.stop.request('failure', errorMessage(error));
    }
  }

  #drain(): void {
    const { stop, spec, clock, journal, draining } = this.#options;
    const nowUs = clock.nowUs();
    this.#stopUs = nowUs;
    this.#deadlineUs = Math.min(this.#deadlineUs, nowUs + spec.gracefulStopUs + CLOSING_LIMIT_US);
    journal.note(`the run stops: ${stop.reason}`);
    this.#closeDoor();
    for (const agent of this.#agents) agent.stop(false);
    draining(stop.reason);
  }

  #cutOff(): void {
    const { clock, journal } = this.#options;
    this.#deadlineUs = Math.min(this.#deadlineUs, clock.nowUs() + ABORT_LIMIT_US);
    journal.note('what was in flight is cut off');
    for (const agent of this.#agents) agent.stop(true);
  }

  /** An agent that was lost just now is waited for a little: its windows may be on their way. */
  #isOver({ progress, isGone, lostUs }: RunAgent): boolean {
    if (progress.kind === 'closed' || isGone) return true;
    return lostUs !== undefined && this.#options.clock.nowUs() - lostUs > RETURN_LIMIT_US;
  }
}
