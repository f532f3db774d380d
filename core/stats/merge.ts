import type { WriteTally } from '../plugin.ts';
import { AgentTotals } from './agent-totals.ts';
import { EMPTY_HISTOGRAM, Histogram } from './histogram.ts';
import { mergeEncoded } from './merge-encoded.ts';
import { HistogramPool, OpenSecond } from './open-second.ts';
import { EMPTY_PHASE, PhaseTotals } from './phase-totals.ts';
import type { PhaseResult, Timeline, TimingResult } from './result.ts';
import { type RunShape, requestRows } from './run-shape.ts';
import type { SettledSecond } from './second.ts';
import { SequenceTracker } from './sequence.ts';
import { TimelineTotals } from './timeline.ts';
import type { Phase, Window, WriteTallyEntry } from './window.ts';

/** Beyond this many open seconds the oldest is settled without the agents that hold it up. */
const MAX_OPEN_SECONDS = 30;

/** Values of a second by `monitor.metric`. */
export type MonitorsAt = (second: number) => Readonly<Record<string, number>>;

/** `left`: no more windows are expected, and no virtual users are alive there. `lost`: nobody knows. */
type Presence = 'here' | 'left' | 'lost';

interface AgentState {
  readonly totals: AgentTotals;
  readonly sequence: SequenceTracker;
  /** Seconds of windows beyond a gap, by seq. */
  readonly ahead: Map<number, number>;
  presence: Presence;
  /** Every window before this second has come, as long as no late one follows. */
  reachedSecond: number;
  /** By scenario, in the newest second that was settled with a window of this agent. */
  settledVus: readonly number[];
  /** What was counted for this agent in settled seconds that it had sent no window of. */
  readonly absent: Map<number, readonly number[]>;
}

type Dropped = Record<'droppedArrivals' | 'missedArrivals', number>;

/**
 * All windows of a run, merged. The order in which windows come does not matter, and a window that comes twice counts
 * once: totals and counts are exact at any time, and equal what one recorder fed with all samples would hold.
 *
 * A second is settled when every agent that is here has sent a window of a later one. Then its percentiles are made and
 * its histograms dropped. A window that comes later still counts in everything but its operations' percentiles of that second.
 */
export class RunTotals {
  readonly shape: RunShape;
  readonly #agents: AgentState[] = [];
  readonly #operations: readonly Record<Phase, PhaseTotals | undefined>[];
  readonly #timings = new Map<string, Record<Phase, Histogram | undefined>>();
  readonly #writes = new Map<number, Map<string, WriteTally>>();
  readonly #dropped: Dropped[];
  readonly #timeline: TimelineTotals;
  readonly #pool = new HistogramPool();
  readonly #open = new Map<number, OpenSecond>();
  #nextToSettle = 0;
  #hasLateWindows = false;

  constructor(shape: RunShape) {
    this.shape = shape;
    this.#operations = Array.from({ length: shape.operations }, () => ({ warmup: undefined, measure: undefined }));
    this.#dropped = Array.from({ length: shape.scenarios }, () => ({ droppedArrivals: 0, missedArrivals: 0 }));
    this.#timeline = new TimelineTotals(shape);
  }

  /** @returns the number by which this object knows the agent: one process, so a new epoch is a new agent */
  addAgent(): number {
    return (
      this.#agents.push({
        totals: new AgentTotals(requestRows(this.shape)),
        sequence: new SequenceTracker(),
        ahead: new Map(),
        presence: 'here',
        reachedSecond: 0,
        settledVus: this.#noVus(),
        absent: new Map(),
      }) - 1
    );
  }

  agent(agent: number): AgentTotals {
    return this.#state(agent).totals;
  }

  has(agent: number, seq: number): boolean {
    return this.#state(agent).sequence.has(seq);
  }

  /** Every window of the agent up to this seq is merged. */
  contiguous(agent: number): number {
    return this.#state(agent).sequence.contiguous;
  }

  /** The newest second that the agent has sent windows up to, without a gap; -1 before the first. */
  reachedSecond(agent: number): number {
    const { sequence, reachedSecond } = this.#state(agent);
    return sequence.contiguous === 0 ? -1 : reachedSecond;
  }

  setPresence(agent: number, presence: Presence): void {
    this.#state(agent).presence = presence;
  }

  /**
   * @param seq 1, 2, 3 … of this agent
   * @returns false when this window had been merged before
   */
  add(agent: number, seq: number, window: Window): boolean {
    const state = this.#state(agent);
    if (!state.sequence.take(seq)) return false;
    state.totals.add(window);
    this.#timeline.add(window);
    for (const operation of window.operations) {
      const phases = this.#operations[operation.operation] as Record<Phase, PhaseTotals | undefined>;
      phases[operation.phase] ??= new PhaseTotals();
      phases[operation.phase]?.add(window.second, operation);
    }
    for (const { name, phase, histogram } of window.timings) this.#timing(name, phase).addEncoded(histogram);
    for (const write of window.writes) this.#addWrite(write);
    for (const { scenario, droppedArrivals, missedArrivals } of window.scenarios) {
      const dropped = this.#dropped[scenario] as Dropped;
      dropped.droppedArrivals += droppedArrivals;
      dropped.missedArrivals += missedArrivals;
    }
    if (window.second < this.#nextToSettle) this.#addLate(state, window);
    else this.#openSecond(window.second).add(agent, seq, window, this.#vusOf(window));
    this.#advance(state, seq, window.second);
    return true;
  }

  /** @returns the seconds that are settled since the last call, in order, without gaps */
  settle(monitorsAt: MonitorsAt): SettledSecond[] {
    const settled: SettledSecond[] = [];
    const isOver = (second: number) =>
      this.#agents.every(({ presence, reachedSecond }) => presence !== 'here' || reachedSecond > second);
    while (
      this.#nextToSettle < this.#timeline.seconds &&
      (isOver(this.#nextToSettle) || this.#timeline.seconds - this.#nextToSettle > MAX_OPEN_SECONDS)
    ) {
      settled.push(this.#settleNext(monitorsAt));
    }
    return settled;
  }

  /** Windows have come of seconds that were settled: what was made of those seconds did not have all samples. */
  get hasLateWindows(): boolean {
    return this.#hasLateWindows;
  }

  /** The newest second that is settled; -1 before the first. */
  get settledSecond(): number {
    return this.#nextToSettle - 1;
  }

  get timeline(): TimelineTotals {
    return this.#timeline;
  }

  /** Undefined without samples. */
  phase(operation: number, phase: Phase): PhaseTotals | undefined {
    return this.#operations[operation]?.[phase];
  }

  /** By operation. */
  operationResults(): Record<Phase, PhaseResult>[] {
    return this.#operations.map(({ warmup, measure }) => ({
      warmup: warmup?.result() ?? EMPTY_PHASE,
      measure: measure?.result() ?? EMPTY_PHASE,
    }));
  }

  timingResults(): TimingResult[] {
    return [...this.#timings]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { warmup, measure }]) => ({
        name,
        phases: { warmup: warmup?.encode() ?? EMPTY_HISTOGRAM, measure: measure?.encode() ?? EMPTY_HISTOGRAM },
      }));
  }

  timelineResult(): Timeline {
    return this.#timeline.result();
  }

  dropped(scenario: number): Readonly<Dropped> {
    return this.#dropped[scenario] as Dropped;
  }

  /** What one of the plan's drivers tallied, by key. */
  writesOf(driver: number): ReadonlyMap<string, Readonly<WriteTally>> {
    return this.#writes.get(driver) ?? new Map();
  }

  #addWrite({ driver, key, acknowledged, unknown }: WriteTallyEntry): void {
    let tallies = this.#writes.get(driver);
    if (tallies === undefined) {
      tallies = new Map();
      this.#writes.set(driver, tallies);
    }
    const before = tallies.get(key) ?? { acknowledged: 0, unknown: 0 };
    tallies.set(key, { acknowledged: before.acknowledged + acknowledged, unknown: before.unknown + unknown });
  }

  #state(agent: number): AgentState {
    const state = this.#agents[agent];
    if (state === undefined) throw new RangeError(`there is no agent ${agent} among ${this.#agents.length}`);
    return state;
  }

  /** How far the agent has come: by its windows without a gap before them. */
  #advance(state: AgentState, seq: number, second: number): void {
    state.ahead.set(seq, second);
    for (const [waiting, reached] of state.ahead) {
      if (waiting > state.sequence.contiguous) continue;
      state.ahead.delete(waiting);
      state.reachedSecond = Math.max(state.reachedSecond, reached);
    }
  }

  #openSecond(second: number): OpenSecond {
    let open = this.#open.get(second);
    if (open === undefined) {
      open = new OpenSecond(this.#pool);
      this.#open.set(second, open);
    }
    return open;
  }

  #settleNext(monitorsAt: MonitorsAt): SettledSecond {
    const second = this.#nextToSettle++;
    const open = this.#open.get(second) ?? new OpenSecond(this.#pool);
    this.#open.delete(second);
    this.#agents.forEach((state, agent) => {
      this.#countVus(state, second, open.vusOf(agent));
    });
    const merged = open.close(this.shape);
    this.#timeline.settle(second, merged);
    return {
      second,
      operations: merged.operations,
      timings: merged.timings,
      vus: this.#timeline.vusAt(second),
      droppedArrivals: merged.droppedArrivals,
      loopLagUs: this.#timeline.loopLagUsAt(second),
      monitors: monitorsAt(second),
    };
  }

  /** An agent that is here but sent no window of this second, its event loop being late, had about as many as before. */
  #countVus(state: AgentState, second: number, vus: readonly number[] | undefined): void {
    if (vus === undefined && state.presence === 'left') return;
    const counted = vus ?? (state.presence === 'here' ? state.settledVus : this.#noVus());
    counted.forEach((count, scenario) => {
      this.#timeline.addVus(second, scenario, count);
    });
    if (vus === undefined) state.absent.set(second, counted);
    else state.settledVus = vus;
  }

  #addLate(state: AgentState, window: Window): void {
    const { second } = window;
    this.#hasLateWindows = true;
    const responseTimes = window.operations
      .filter(({ operation }) => operation < requestRows(this.shape))
      .reduce((all, { responseTime }) => mergeEncoded(all, responseTime), EMPTY_HISTOGRAM);
    if (responseTimes.indices.length > 0) this.#timeline.addLate(second, responseTimes);
    const counted = state.absent.get(second);
    if (counted === undefined) return;
    state.absent.delete(second);
    this.#vusOf(window).forEach((count, scenario) => {
      this.#timeline.addVus(second, scenario, count - (counted[scenario] ?? 0));
    });
  }

  #timing(name: string, phase: Phase): Histogram {
    let phases = this.#timings.get(name);
    if (phases === undefined) {
      phases = { warmup: undefined, measure: undefined };
      this.#timings.set(name, phases);
    }
    phases[phase] ??= new Histogram();
    return phases[phase];
  }

  #vusOf(window: Window): number[] {
    const vus = this.#noVus();
    for (const { scenario, vus: alive } of window.scenarios) vus[scenario] = alive;
    return vus;
  }

  #noVus(): number[] {
    return new Array<number>(this.shape.scenarios).fill(0);
  }
}
