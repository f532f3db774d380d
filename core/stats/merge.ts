import type { WriteTally } from '../driver-figures.ts';
import { coarseWindow } from './coarsen.ts';
import { RunErrorKinds } from './error-kinds.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram } from './histogram.ts';
import { OpenSeconds } from './open-second.ts';
import type { PhaseResult, Timeline, TimingResult } from './result.ts';
import { type RunShape, requestRows } from './run-shape.ts';
import type { SecondOperation, SettledSecond } from './second.ts';
import { TimelineTotals } from './timeline.ts';
import { AgentTotals, SequenceTracker } from './totals/agent-totals.ts';
import { EMPTY_PHASE, PhaseTotals } from './totals/phase-totals.ts';
import { RatioTotals } from './totals/ratio-totals.ts';
import { ScriptTotals } from './totals/script-totals.ts';
import { SparseTotal } from './totals/sparse-total.ts';
import type { OperationWindow, Phase, ScriptRow, Window, WriteTallyEntry } from './window.ts';

/** With more open seconds than this, the oldest is settled without waiting for the agents that are behind. */
const MAX_OPEN_SECONDS = 30;
/**
 * How much memory the histograms of all rows may take before what comes is coarsened: many thousands of rows with response times
 * from a millisecond to a second. Whatever agents send, coarse ones can add about half as much to it.
 */
const MAX_EXACT_BYTES = 192 * 1024 * 1024;
/** How many neighbouring buckets are one in a histogram that comes after that: a percentile is at most 6 % above the true one. */
const TOGETHER = 64;

/** The monitors' values of a second, by `monitor.metric`. */
export type MonitorsAt = (second: number) => Readonly<Record<string, number>>;

/** `left`: no more windows are expected, and no virtual users are alive there. `lost`: neither is known. */
type Presence = 'here' | 'left' | 'lost';

interface AgentState {
  readonly name: string;
  readonly totals: AgentTotals;
  /** How many keys of writes it was the first to count. */
  tallyKeys: number;
  readonly sequence: SequenceTracker;
  /** The windows beyond a gap, by seq. */
  readonly ahead: Map<number, Pick<Window, 'second' | 'continues'>>;
  presence: Presence;
  /** The newest second that it has sent a window of, without a gap before it. */
  reachedSecond: number;
  /** All windows until the end of this second have come; -1 before the first. */
  completeSecond: number;
  /** Virtual users by scenario, in the newest settled second with a window of this agent. */
  settledVus: readonly number[];
  /** The virtual users that were assumed for settled seconds without a window of this agent. */
  readonly absent: Map<number, readonly number[]>;
}

type Dropped = Record<'droppedArrivals' | 'missedArrivals', number>;

/**
 * All windows of a run, merged. The order in which windows come does not matter, and a window that comes twice counts once.
 * Totals and counts are exact at any time, and equal to those of a single recorder that got all samples. Memory is bounded,
 * whatever agents send: see {@link isCoarse} and {@link hasLateWindows}.
 *
 * A second is settled when every agent that is here has sent all of it. Its percentiles are then computed and its histograms
 * released. A window that comes later still counts in everything except the operations' percentiles of that second.
 */
export class RunTotals {
  readonly shape: RunShape;
  readonly #agents: AgentState[] = [];
  /** What scripts have named. */
  readonly script: ScriptTotals;
  /** By row of the plan, and after them those that scripts named. */
  readonly #operations: Record<Phase, PhaseTotals | undefined>[];
  readonly #timings = new Map<string, Record<Phase, SparseTotal | undefined>>();
  /** What drivers counted as hits of attempts. */
  readonly ratios = new RatioTotals();
  readonly #errorKinds = new RunErrorKinds();
  readonly #writes = new Map<number, Map<string, WriteTally>>();
  #tallyKeys = 0;
  readonly #dropped: Dropped[];
  readonly #timeline: TimelineTotals;
  /** Memory of the histograms of all rows. */
  #bytes = 0;
  readonly #open = new OpenSeconds();
  #nextToSettle = 0;
  #hasLateWindows = false;
  readonly #changed = new Set<number>();

  constructor(shape: RunShape) {
    this.shape = shape;
    this.#operations = Array.from({ length: shape.operations }, () => ({ warmup: undefined, measure: undefined }));
    this.#dropped = Array.from({ length: shape.scenarios }, () => ({ droppedArrivals: 0, missedArrivals: 0 }));
    this.script = new ScriptTotals(shape.operations);
    this.#timeline = new TimelineTotals(shape, this.#isRequest);
  }

  /** @returns the number of the agent in this object. It stands for one process, so a new epoch is a new agent */
  addAgent(name: string): number {
    this.#agents.push({
      name,
      totals: new AgentTotals(this.shape),
      tallyKeys: 0,
      sequence: new SequenceTracker(),
      ahead: new Map(),
      presence: 'here',
      reachedSecond: 0,
      completeSecond: -1,
      settledVus: this.#noVus(),
      absent: new Map(),
    });
    return this.#agents.length - 1;
  }

  agent(agent: number): AgentTotals {
    return this.#state(agent).totals;
  }

  has(agent: number, seq: number): boolean {
    return this.#state(agent).sequence.has(seq);
  }

  /** All windows of the agent up to this seq are merged. */
  contiguous(agent: number): number {
    return this.#state(agent).sequence.contiguous;
  }

  /** The newest second up to which the agent has sent windows without a gap; -1 before the first. */
  reachedSecond(agent: number): number {
    const { sequence, reachedSecond } = this.#state(agent);
    return sequence.contiguous === 0 ? -1 : reachedSecond;
  }

  /** The newest second of which it has sent all windows, without a gap before it; -1 before the first. */
  completeSecond(agent: number): number {
    return this.#state(agent).completeSecond;
  }

  setPresence(agent: number, presence: Presence): void {
    this.#state(agent).presence = presence;
  }

  /**
   * @param seq counts the windows of this agent from 1
   * @returns false if this window was merged before
   */
  add(agent: number, seq: number, window: Window): boolean {
    const state = this.#state(agent);
    if (!state.sequence.take(seq)) return false;
    state.totals.add(window);
    const operations = this.#operationsOf(agent, window);
    this.#timeline.add(window, operations);
    for (const operation of operations) this.#addOperation(state, window.second, operation);
    for (const { name, phase, histogram } of window.timings) this.#timing(name, phase).add(histogram);
    if (window.ratios !== undefined) this.ratios.add(window.second, window.ratios);
    for (const write of window.writes) this.#addWrite(state, write);
    for (const { scenario, droppedArrivals, missedArrivals } of window.scenarios) {
      const dropped = this.#dropped[scenario] as Dropped;
      dropped.droppedArrivals += droppedArrivals;
      dropped.missedArrivals += missedArrivals;
    }
    if (window.second < this.#nextToSettle) this.#addLate(state, window, operations);
    else this.#addInTime(agent, seq, window, operations);
    this.#advance(state, seq, window);
    return true;
  }

  /** @returns the seconds that were settled since the last call, in order and without gaps */
  settle(monitorsAt: MonitorsAt): SettledSecond[] {
    const settled: SettledSecond[] = [];
    const isOver = (second: number) =>
      this.#agents.every(({ presence, completeSecond }) => presence !== 'here' || completeSecond >= second);
    while (
      this.#nextToSettle < this.#timeline.seconds &&
      (isOver(this.#nextToSettle) || this.#timeline.seconds - this.#nextToSettle > MAX_OPEN_SECONDS)
    ) {
      settled.push(this.#settleNext(monitorsAt));
    }
    return settled;
  }

  /** About how much memory the histograms of all rows take. */
  get bytes(): number {
    return this.#bytes + this.#open.bytes;
  }

  /** Whether so many different durations came that the percentiles of rows may be up to {@link coarseErrorBound} too high. */
  get isCoarse(): boolean {
    return this.#bytes > MAX_EXACT_BYTES;
  }

  /** Whether windows came after their second was settled, or when there was no room for its rows: its percentiles lack samples. */
  get hasLateWindows(): boolean {
    return this.#hasLateWindows;
  }

  /** The settled seconds to which a window has come late since the last call. */
  takeChanged(): readonly number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
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

  /** Results in the order of the plan's rows. */
  operationResults(): Record<Phase, PhaseResult>[] {
    return this.#operations.slice(0, this.shape.operations).map(resultOf);
  }

  /** Results of the rows of this kind that scripts named. */
  scriptResults(kind: ScriptRow['kind']): { readonly row: ScriptRow; readonly phases: Record<Phase, PhaseResult> }[] {
    return this.script.rows(kind).map(({ number, row }) => ({ row, phases: resultOf(this.#operations[number]) }));
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
    const numbersOf = (kind: ScriptRow['kind']) => this.script.rows(kind).map(({ number }) => number);
    const ratios = this.ratios.columns(this.#timeline.seconds);
    return {
      ...this.#timeline.result(numbersOf('request'), numbersOf('measure')),
      ...(ratios.length > 0 && { ratios }),
    };
  }

  dropped(scenario: number): Readonly<Dropped> {
    return this.#dropped[scenario] as Dropped;
  }

  /** How many keys of writes there are, of all drivers. */
  get tallyKeys(): number {
    return this.#tallyKeys;
  }

  /** How many of them this agent was the first to count. */
  tallyKeysOf(agent: number): number {
    return this.#state(agent).tallyKeys;
  }

  /** The tallies of one driver of the plan, by key. */
  writesOf(driver: number): ReadonlyMap<string, Readonly<WriteTally>> {
    return this.#writes.get(driver) ?? new Map();
  }

  readonly #isRequest = (operation: number): boolean =>
    operation < requestRows(this.shape) || this.script.rowAt(operation)?.kind === 'request';

  #operationsOf(agent: number, { operations, script }: Window): readonly OperationWindow[] {
    return script === undefined ? operations : [...operations, ...this.script.add(agent, script)];
  }

  #addOperation({ name }: AgentState, second: number, operation: OperationWindow): void {
    this.#operations[operation.operation] ??= { warmup: undefined, measure: undefined };
    const phases = this.#operations[operation.operation] as Record<Phase, PhaseTotals | undefined>;
    const bytesBefore = phases[operation.phase]?.bytes ?? 0;
    phases[operation.phase] ??= new PhaseTotals(this.#errorKinds);
    const totals = phases[operation.phase] as PhaseTotals;
    totals.add(name, second, this.isCoarse ? coarseWindow(operation, TOGETHER) : operation);
    this.#bytes += totals.bytes - bytesBefore;
  }

  #addInTime(agent: number, seq: number, window: Window, operations: readonly OperationWindow[]): void {
    const vus = this.#vusOf(window);
    if (this.#open.hasRoomFor(window, operations)) this.#open.add(agent, seq, window, operations, vus);
    else {
      this.#hasLateWindows = true;
      this.#open.addSum(agent, seq, window, this.#responseTimesOf(operations), vus);
    }
  }

  /** The response times of all requests of a window. */
  #responseTimesOf(operations: readonly OperationWindow[]): EncodedHistogram {
    const all = new SparseTotal();
    for (const { operation, responseTime } of operations) if (this.#isRequest(operation)) all.add(responseTime);
    return all.encode();
  }

  #addWrite(state: AgentState, { driver, key, acknowledged, unknown }: WriteTallyEntry): void {
    let tallies = this.#writes.get(driver);
    if (tallies === undefined) {
      tallies = new Map();
      this.#writes.set(driver, tallies);
    }
    const known = tallies.get(key);
    if (known === undefined) {
      this.#tallyKeys++;
      state.tallyKeys++;
    }
    const before = known ?? { acknowledged: 0, unknown: 0 };
    tallies.set(key, { acknowledged: before.acknowledged + acknowledged, unknown: before.unknown + unknown });
  }

  #state(agent: number): AgentState {
    const state = this.#agents[agent];
    if (state === undefined) throw new RangeError(`there is no agent ${agent} among ${this.#agents.length}`);
    return state;
  }

  /** Updates how far the agent has come without a gap between its windows. */
  #advance(state: AgentState, seq: number, { second, continues }: Window): void {
    state.ahead.set(seq, { second, continues });
    for (const [waiting, reached] of state.ahead) {
      if (waiting > state.sequence.contiguous) continue;
      state.ahead.delete(waiting);
      state.reachedSecond = Math.max(state.reachedSecond, reached.second);
      state.completeSecond = Math.max(state.completeSecond, reached.continues ? reached.second - 1 : reached.second);
    }
  }

  #settleNext(monitorsAt: MonitorsAt): SettledSecond {
    const second = this.#nextToSettle++;
    const merged = this.#open.close(second, this.#isRequest);
    const ratios = this.ratios.at(second);
    this.#agents.forEach((state, agent) => {
      this.#countVus(state, second, merged.vus.get(agent)?.vus);
    });
    this.#timeline.settle(second, merged);
    return {
      second,
      operations: merged.operations.map((entry) => this.#named(entry)),
      timings: merged.timings,
      ...(ratios.length > 0 && { ratios }),
      vus: this.#timeline.vusAt(second),
      droppedArrivals: merged.droppedArrivals,
      ...this.#timeline.generatorAt(second),
      monitors: monitorsAt(second),
    };
  }

  /** An agent that is here and sent no window of this second, because it is late, had about as many users as before. */
  #countVus(state: AgentState, second: number, vus: readonly number[] | undefined): void {
    if (vus === undefined && state.presence === 'left') return;
    const counted = vus ?? (state.presence === 'here' ? state.settledVus : this.#noVus());
    counted.forEach((count, scenario) => {
      this.#timeline.addVus(second, scenario, count);
    });
    if (vus === undefined) state.absent.set(second, counted);
    else state.settledVus = vus;
  }

  #named(entry: SecondOperation): SecondOperation {
    const row = this.script.rowAt(entry.operation);
    return row === undefined ? entry : { ...entry, row };
  }

  #addLate(state: AgentState, window: Window, operations: readonly OperationWindow[]): void {
    const { second } = window;
    this.#hasLateWindows = true;
    this.#changed.add(second);
    const responseTimes = this.#responseTimesOf(operations);
    if (responseTimes.indices.length > 0) this.#timeline.addLate(second, responseTimes);
    const counted = state.absent.get(second);
    if (counted === undefined) return;
    state.absent.delete(second);
    this.#vusOf(window).forEach((count, scenario) => {
      this.#timeline.addVus(second, scenario, count - (counted[scenario] ?? 0));
    });
  }

  #timing(name: string, phase: Phase): SparseTotal {
    let phases = this.#timings.get(name);
    if (phases === undefined) {
      phases = { warmup: undefined, measure: undefined };
      this.#timings.set(name, phases);
    }
    phases[phase] ??= new SparseTotal();
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

function resultOf(totals: Record<Phase, PhaseTotals | undefined> | undefined): Record<Phase, PhaseResult> {
  return { warmup: totals?.warmup?.result() ?? EMPTY_PHASE, measure: totals?.measure?.result() ?? EMPTY_PHASE };
}
