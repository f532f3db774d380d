import { WireError } from '../../../proto/window-codec.ts';
import type { LoadChange } from '../../plan/load/load-change.ts';
import { takesArrivals } from '../../plan/load/load-model.ts';
import { mostVus } from '../../plan/load/split.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import type { EncodedHistogram } from '../../stats/histogram.ts';
import { MAX_AGENT_SAMPLES } from '../../stats/kept-sample.ts';
import type { RunTotals } from '../../stats/merge.ts';
import { countOf } from '../../stats/merge-encoded.ts';
import { FairShare, NameShares } from '../../stats/name-shares.ts';
import type { RunShape } from '../../stats/run-shape.ts';
import {
  MAX_RATIOS,
  MAX_RUN_RATIOS,
  MAX_RUN_TIMINGS,
  MAX_TIMINGS,
  MAX_WINDOW_COUNT,
  type RatioWindow,
  type RowFigures,
  type ScriptWindow,
  type Window,
} from '../../stats/window.ts';
import {
  MAX_BURST_SECONDS,
  MAX_RUN_TALLY_KEYS,
  MAX_TALLY_KEYS,
  MAX_WINDOW_BYTES_PER_SECOND,
  SECONDS_AHEAD,
} from '../limits.ts';
import type { WindowSource } from './window-source.ts';

/** The most bytes that one window can count: 10 TB. */
const MAX_BYTES = 1e13;
const TALLY_KEYS = new FairShare(MAX_TALLY_KEYS, MAX_RUN_TALLY_KEYS);

export interface WindowLimits {
  readonly shape: RunShape;
  /** The most virtual users that a scenario may have alive at once, all agents together: by the plan and by what was changed. */
  maxVus(scenario: number): number;
}

/** {@link WindowLimits.maxVus} of a plan. @param changes of its load until now */
export function vusLimit(plan: ParsedPlan, changes: () => readonly LoadChange[]): WindowLimits['maxVus'] {
  const scenarios = Object.values(plan.scenarios).map((scenario) => {
    return { planned: mostVus(scenario), isByRate: takesArrivals(scenario) };
  });
  return (index) => {
    const { planned, isByRate } = scenarios[index] ?? { planned: 0, isByRate: true };
    // A change of arrivals per second does not change how many users take them.
    if (isByRate) return planned;
    return changes().reduce((max, change) => {
      return change.kind === 'level' && change.scenario === index ? Math.max(max, change.level) : max;
    }, planned);
  };
}

/**
 * Checks what only the run knows: whether the numbers and names of a window can be of this run, and whether an agent sends no
 * more than the store is to hold. {@link readWindow} has checked the rest.
 */
export class WindowCheck {
  readonly #limits: WindowLimits;
  readonly #totals: RunTotals;
  /** Names of the timings in all windows that were taken. */
  readonly #timings = new NameShares(MAX_TIMINGS, MAX_RUN_TIMINGS);
  /** Names of the ratios in all windows that were taken. */
  readonly #ratios = new NameShares(MAX_RATIOS, MAX_RUN_RATIOS);
  readonly #bytes = new Map<WindowSource, number>();
  readonly #samples = new Map<WindowSource, number>();

  constructor(limits: WindowLimits, totals: RunTotals) {
    this.#limits = limits;
    this.#totals = totals;
    for (const { name } of totals.timingResults()) this.#timings.keep(name);
    for (const { name } of totals.ratios.results()) this.#ratios.keep(name);
  }

  /**
   * Called before a window is decoded that is to be stored: not for one that control has already or leaves with its agent.
   * @param second of the run, now
   * @throws {WireError} when the agent sends more windows, or more bytes of them, than there were seconds for
   */
  checkAmount(source: WindowSource, seq: number, bytes: number, second: number): void {
    // A run that has not started yet has had no second; its windows are refused by `check`.
    if (!Number.isFinite(second)) return;
    const seconds = second + 1 + SECONDS_AHEAD;
    if (seq > seconds) {
      throw new WireError(`it sent window ${seq} in second ${second} of the run: an agent has one window per second`);
    }
    const sum = (this.#bytes.get(source) ?? 0) + bytes;
    const max = (seconds + MAX_BURST_SECONDS) * MAX_WINDOW_BYTES_PER_SECOND;
    if (sum > max) {
      throw new WireError(
        `it sent ${megabytes(sum)} MB of windows by second ${second}: control takes ${megabytes(MAX_WINDOW_BYTES_PER_SECOND)} MB per second from one agent`,
      );
    }
    this.#bytes.set(source, sum);
  }

  /**
   * @param now second of the run; negative before the start, and minus infinity until the start time is known
   * @throws {WireError}
   */
  check(source: Pick<WindowSource, 'index'>, window: Window, now: number): void {
    const { second, operations, scenarios, writes, timings, ratios = [], script } = window;
    const { shape } = this.#limits;
    if (!(second <= now + SECONDS_AHEAD)) {
      throw new WireError(
        `it sent a window of second ${second}, but the run is in second ${now}: its clock may have jumped`,
      );
    }
    for (const { operation } of operations) {
      if (operation < shape.operations) continue;
      throw new WireError(`operations.operation is ${operation}, but the plan has ${shape.operations}`);
    }
    if (script !== undefined && !shape.hasScripts) throw new WireError('script: the plan has no script');
    checkRows(script === undefined ? operations : [...operations, ...script.rows], second);
    this.#checkScenarios(scenarios);
    this.#checkWrites(writes);
    checkCounts(timings, ratios, script?.checks ?? []);
    this.#checkKeys(source.index, writes);
    this.#checkTimings(source.index, timings);
    this.#checkRatios(source.index, ratios);
  }

  /**
   * Called with each window that is to be stored: its samples stay in control's memory to the end of the run.
   * @throws {WireError}
   */
  checkSamples(source: WindowSource, { operations, script }: Pick<Window, 'operations' | 'script'>): void {
    const added = samplesIn(operations) + samplesIn(script?.rows ?? []);
    if (added === 0) return;
    const samples = (this.#samples.get(source) ?? 0) + added;
    if (samples > MAX_AGENT_SAMPLES) {
      throw new WireError(`it sent ${samples} failure samples: control takes ${MAX_AGENT_SAMPLES} from one agent`);
    }
    this.#samples.set(source, samples);
  }

  #checkScenarios(scenarios: Window['scenarios']): void {
    const { shape, maxVus } = this.#limits;
    let dropped = 0;
    let missed = 0;
    for (const { scenario, vus, droppedArrivals, missedArrivals } of scenarios) {
      if (scenario >= shape.scenarios) {
        throw new WireError(`scenarios.scenario is ${scenario}, but the plan has ${shape.scenarios}`);
      }
      if (vus > maxVus(scenario)) {
        throw new WireError(`scenarios.vus is ${vus}, but scenario ${scenario} has at most ${maxVus(scenario)}`);
      }
      dropped += droppedArrivals;
      missed += missedArrivals;
    }
    checkSum('scenarios.dropped_arrivals', dropped, MAX_WINDOW_COUNT);
    checkSum('scenarios.missed_arrivals', missed, MAX_WINDOW_COUNT);
  }

  #checkWrites(writes: Window['writes']): void {
    const { drivers } = this.#limits.shape;
    let acknowledgedSum = 0;
    let unknownSum = 0;
    for (const { driver, acknowledged, unknown } of writes) {
      if (driver >= drivers) throw new WireError(`writes.driver is ${driver}, but the plan has ${drivers}`);
      acknowledgedSum += acknowledged;
      unknownSum += unknown;
    }
    checkSum('writes.acknowledged', acknowledgedSum, MAX_WINDOW_COUNT);
    checkSum('writes.unknown', unknownSum, MAX_WINDOW_COUNT);
  }

  #checkKeys(agent: number, writes: Window['writes']): void {
    const { tallyKeys: known } = this.#totals;
    const own = this.#totals.tallyKeysOf(agent);
    if (TALLY_KEYS.allows(own, known, writes.length)) return;
    const added = writes.filter(({ driver, key }) => !this.#totals.writesOf(driver).has(key)).length;
    if (added === 0 || TALLY_KEYS.allows(own, known, added)) return;
    throw new WireError(
      `writes have ${known + added} different keys, ${own + added} of which this agent was the first to count: an agent can have at most ${MAX_TALLY_KEYS}, a run ${MAX_RUN_TALLY_KEYS}`,
    );
  }

  #checkTimings(agent: number, timings: Window['timings']): void {
    for (const { name } of timings) {
      if (this.#timings.take(name, agent)) continue;
      throw new WireError(
        `timings have more than ${this.#timings.size} different names, but an agent can have at most ${MAX_TIMINGS}, and a run ${MAX_RUN_TIMINGS}: a driver must not put ids into the names of its timings`,
      );
    }
  }

  #checkRatios(agent: number, ratios: readonly RatioWindow[]): void {
    for (const { name } of ratios) {
      if (this.#ratios.take(name, agent)) continue;
      throw new WireError(
        `ratios have more than ${this.#ratios.size} different names, but an agent can have at most ${MAX_RATIOS}, and a run ${MAX_RUN_RATIOS}: a driver must not put ids into the names of its ratios`,
      );
    }
  }
}

function checkRows(rows: readonly RowFigures[], second: number): void {
  // An operation ends in the second of its window, and was not due before the run start.
  const limitUs = (second + 1 + SECONDS_AHEAD) * 1e6;
  let sent = 0;
  let received = 0;
  let samples = 0;
  for (const row of rows) {
    const { responseTime, serviceTime, sendDelay, bytesSent, bytesReceived, slowest = [], errorKinds } = row;
    checkDuration('response_time', responseTime, limitUs, second);
    checkDuration('service_time', serviceTime, limitUs, second);
    checkDuration('send_delay', sendDelay, limitUs, second);
    for (const { responseTimeUs, atUs } of slowest)
      checkAtMost('slowest', Math.max(responseTimeUs, atUs), limitUs, second);
    for (const { samples: failures = [] } of errorKinds) {
      for (const { atUs, durationUs } of failures) checkAtMost('samples', Math.max(atUs, durationUs), limitUs, second);
    }
    sent += bytesSent;
    received += bytesReceived;
    samples += countOf(responseTime);
  }
  checkSum('operations.bytes_sent', sent, MAX_BYTES);
  checkSum('operations.bytes_received', received, MAX_BYTES);
  checkSum('operations.response_time.counts', samples, MAX_WINDOW_COUNT);
}

function checkDuration(field: string, { maxUs }: EncodedHistogram, limitUs: number, second: number): void {
  if (maxUs > limitUs) throw new WireError(`operations.${field}.max_us is ${maxUs} in a window of second ${second}`);
}

function checkAtMost(field: string, us: number, limitUs: number, second: number): void {
  if (us > limitUs) throw new WireError(`operations.${field} has a time of ${us} µs in a window of second ${second}`);
}

function checkCounts(timings: Window['timings'], ratios: readonly RatioWindow[], checks: ScriptWindow['checks']): void {
  let timed = 0;
  let attempts = 0;
  let checked = 0;
  for (const { histogram } of timings) timed += countOf(histogram);
  for (const { of } of ratios) attempts += of;
  for (const { passes, fails } of checks) checked += passes + fails;
  checkSum('timings.histogram.counts', timed, MAX_WINDOW_COUNT);
  checkSum('ratios.of', attempts, MAX_WINDOW_COUNT);
  checkSum('script.checks', checked, MAX_WINDOW_COUNT);
}

function checkSum(field: string, sum: number, max: number): void {
  if (sum > max) throw new WireError(`${field} add up to ${sum} in one window: at most ${max} are believed`);
}

function samplesIn(rows: readonly RowFigures[]): number {
  let count = 0;
  for (const { errorKinds } of rows) for (const { samples } of errorKinds) count += samples?.length ?? 0;
  return count;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
