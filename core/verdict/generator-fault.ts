import { takesArrivals } from '../plan/load/load-model.ts';
import { parsePlan } from '../plan/parse.ts';
import { SparseTotal } from '../stats/totals/sparse-total.ts';
import type { Message } from '../text/message.ts';
import { holds } from './comparison.ts';
import { type Metric, unitOf } from './criterion/metric.ts';
import type { Selection } from './criterion/select.ts';
import type { Criterion } from './criterion.ts';
import { wantsMore } from './missing-load.ts';
import { resultUnit } from './quantity.ts';
import type { LeanDraft } from './run-draft.ts';
import { addTallies, EMPTY_TALLY, measure, type OfRows, selectedColumns, type Tally } from './tally.ts';

/*
 * Criteria that fail only because of the load generator. They say nothing about the target, so they are not judged; the
 * messages say what the figure would have been otherwise.
 */

/** Less delay than this is the operating system's scheduling, and does not excuse the target. */
const MIN_GENERATOR_DELAY_US = 20_000;
/** A generator that was blocked for this long shaped the second more than the target did. */
export const STALL_US = 250_000;
/** Virtual users that wait for the generator for less of their time than this do what they would do anyway. */
const MIN_WAITING_SHARE = 0.02;

/** Metrics that a stall of the generator can make fail: it sends and reads late, and too little. */
export const STALLED_METRICS: ReadonlySet<Metric['kind']> = new Set<Metric['kind']>([
  ...(['percentile', 'max', 'min', 'mean', 'rps', 'requests', 'dropped', 'dropped_rate'] as const),
]);

/** Metrics to which requests count as failures that timed out while the generator stood still, and passes that had such a one. */
export const FAILURE_METRICS: ReadonlySet<Metric['kind']> = new Set<Metric['kind']>([
  'errors',
  'error_rate',
  'availability',
]);

/** One second of what a criterion is judged on. */
export interface JudgedSecond {
  readonly tally: Tally;
  /** The generator stalled in it, or in the one before: then its late requests fall into this one. */
  readonly isStalled: boolean;
}

/**
 * For a criterion on response times that fails although the service times of the same samples pass: the difference is the
 * time for which the generator kept requests waiting, and not the target's.
 *
 * @returns undefined where the criterion passes, or fails because of the target too
 */
export function generatorDelay(
  { journey, metric, comparison, limit }: Criterion,
  tally: Tally,
): { readonly actual: number; readonly service: number; readonly delayUs: number } | undefined {
  // The service time of a journey leaves out the pauses that the plan wants, so the difference is not the generator's.
  if (journey !== undefined) return undefined;
  if (tally.serviceTimes.length === 0 || !comparison.startsWith('<') || unitOf(metric) !== 'value') return undefined;
  const actual = measure(metric, tally)?.actual;
  const service = measure(metric, { ...tally, durations: tally.serviceTimes })?.actual;
  if (actual === undefined || service === undefined) return undefined;
  if (holds(actual, comparison, limit.value) || !holds(service, comparison, limit.value)) return undefined;
  const delayUs = actual - service;
  return delayUs >= MIN_GENERATOR_DELAY_US ? { actual, service, delayUs } : undefined;
}

/** {@link generatorDelay} as the reason why the criterion is not judged. */
export function lateExcuse(criterion: Criterion, tally: Tally): Message | undefined {
  const late = generatorDelay(criterion, tally);
  if (late === undefined) return undefined;
  return { id: 'threshold.generator-late', params: { ...late, limit: criterion.limit.value, unit: 'us' } };
}

/**
 * For a criterion that fails over some seconds, and passes over those of them in which the generator did not stall; also
 * where there are no such seconds.
 *
 * @param actual over all of the seconds
 */
export function stallExcuse(
  criterion: Criterion,
  actual: number,
  seconds: readonly JudgedSecond[],
): Message | undefined {
  const others = seconds.filter(({ isStalled }) => !isStalled);
  const rest = addTallies(others.map(({ tally }) => tally));
  return excuseBy(criterion, actual, rest, { stalled: seconds.length - others.length, seconds: seconds.length });
}

/**
 * {@link stallExcuse} by sums.
 * @param rest of the seconds in which the generator did not stall
 */
function excuseBy(
  criterion: Criterion,
  actual: number,
  rest: Tally,
  { stalled, seconds }: { readonly stalled: number; readonly seconds: number },
): Message | undefined {
  const { metric, comparison, limit } = criterion;
  if (!STALLED_METRICS.has(metric.kind) || stalled === 0 || holds(actual, comparison, limit.value)) return undefined;
  const params = { actual, limit: limit.value, unit: resultUnit(criterion), stalled };
  const measured = measure(metric, rest)?.actual;
  if (measured === undefined) return { id: 'threshold.generator-stalled-only', params };
  // A count of fewer seconds is a smaller count.
  const otherwise = unitOf(metric) === 'count' ? (measured * seconds) / (seconds - stalled) : measured;
  if (!holds(otherwise, comparison, limit.value)) return undefined;
  return { id: 'threshold.generator-stalled', params: { ...params, seconds, otherwise } };
}

/** The same as if the requests that timed out had not been made. */
export function withoutTimeouts(tally: Tally): Tally {
  const { requests, errors, timeouts } = tally;
  return { ...tally, requests: requests - timeouts, errors: errors - timeouts, timeouts: 0 };
}

/**
 * For a criterion on failures that fails only because of requests that timed out in seconds in which the generator stalled, or
 * in the one after: it gives up late, and may not have read an answer that was there. A pass that such a request has failed
 * counts where it ended then.
 *
 * @param all that it is judged on
 * @param timeouts in those seconds
 */
export function timeoutExcuse(criterion: Criterion, all: Tally, timeouts: number): Message | undefined {
  const { journey, metric, comparison, limit } = criterion;
  if (!FAILURE_METRICS.has(metric.kind) || timeouts === 0) return undefined;
  const actual = measure(metric, all)?.actual;
  if (actual === undefined || holds(actual, comparison, limit.value)) return undefined;
  const params = { actual, limit: limit.value, unit: resultUnit(criterion), timeouts };
  const otherwise = measure(metric, withoutTimeouts({ ...all, timeouts }))?.actual;
  if (otherwise === undefined) return { id: 'threshold.generator-stalled-only', params };
  if (!holds(otherwise, comparison, limit.value)) return undefined;
  const id = journey === undefined ? 'threshold.generator-timeouts' : 'threshold.generator-timeouts-in-passes';
  return { id, params: { ...params, otherwise } };
}

/**
 * The durations that a criterion selects in the seconds of its phase in which the load generator did not stall. A generator
 * that stands still reads answers late too, so in the others even service times are longer than the target's.
 */
export class CalmSeconds {
  readonly #durations = new SparseTotal();
  #stalled = 0;
  #seconds = 0;
  #stalledTimeouts = 0;

  /** Takes the next second. Seconds without durations do not count. */
  add({ durations, timeouts }: Pick<Tally, 'durations' | 'timeouts'>, isStalled: boolean): void {
    if (isStalled) this.#stalledTimeouts += timeouts;
    if (durations.every(({ indices }) => indices.length === 0)) return;
    this.#seconds++;
    if (isStalled) this.#stalled++;
    else for (const duration of durations) this.#durations.add(duration);
  }

  /** Requests that timed out in the other seconds. */
  get stalledTimeouts(): number {
    return this.#stalledTimeouts;
  }

  /** @param actual over all seconds. @returns undefined also for a criterion on anything but durations */
  excuse(criterion: Criterion, actual: number): Message | undefined {
    if (this.#stalled === 0 || unitOf(criterion.metric) !== 'value') return undefined;
    const rest = { ...EMPTY_TALLY, durations: [this.#durations.encode()] };
    return excuseBy(criterion, actual, rest, { stalled: this.#stalled, seconds: this.#seconds });
  }
}

/**
 * For a criterion that wants more requests than there were in its whole phase, and would have got them from a generator
 * that keeps up: from the rate of the seconds in which it did not stall, or from virtual users that need not wait for it.
 *
 * @param actual over the whole phase
 */
export function throughputExcuse(
  criterion: Criterion,
  selection: Selection,
  actual: number,
  draft: LeanDraft,
): Message | undefined {
  const { comparison, limit } = criterion;
  if (!wantsMore(criterion) || !('indices' in selection) || holds(actual, comparison, limit.value)) return undefined;
  const stalled = stallExcuse(criterion, actual, secondsOf(criterion, selection, draft));
  if (stalled !== undefined) return stalled;
  const share = waitingShare(criterion, draft);
  const otherwise = actual / (1 - share);
  if (share < MIN_WAITING_SHARE || share >= 1 || !holds(otherwise, comparison, limit.value)) return undefined;
  const unit = resultUnit(criterion);
  return { id: 'threshold.generator-slow', params: { actual, limit: limit.value, unit, share, otherwise } };
}

function secondsOf({ phase }: Criterion, selection: OfRows, draft: LeanDraft): JudgedSecond[] {
  const { timeline, warmupUs, measuredUs } = draft;
  const rows = selectedColumns(selection, draft);
  const [fromUs, untilUs] = phase.name === 'warmup' ? [0, warmupUs] : [warmupUs, warmupUs + measuredUs];
  const stalls = (second: number) => (timeline.loopLagUs[second] ?? 0) >= STALL_US;
  return timeline.vus.flatMap((_, second) => {
    if (second * 1e6 < fromUs || (second + 1) * 1e6 > untilUs) return [];
    const requests = rows.reduce((sum, row) => sum + (row?.requests[second] ?? 0), 0);
    const tally = { ...EMPTY_TALLY, durationUs: 1e6, requests };
    return [{ tally, isStalled: stalls(second) || stalls(second - 1) }];
  });
}

/**
 * The share of their time for which virtual users waited until the generator sent what was due. Where they decide how much
 * is sent, they would have made 1 ÷ (1 − share) times as many requests without it. Where arrivals or a pacing decide, a late
 * request is not a missing one: 0.
 */
function waitingShare({ phase }: Criterion, { plan, timeline, operations, warmupUs, measuredUs }: LeanDraft): number {
  const scenarios = Object.values(parsePlan(plan).scenarios);
  const isPaced = scenarios.some((scenario) => {
    const think = 'thinkTime' in scenario ? scenario.thinkTime : undefined;
    return takesArrivals(scenario) || (typeof think === 'object' && 'pacing' in think);
  });
  if (isPaced) return 0;
  const [fromUs, untilUs] = phase.name === 'warmup' ? [0, warmupUs] : [warmupUs, warmupUs + measuredUs];
  // Only the highest number of each second is known. The higher of two gives the smaller share.
  const aliveUs = timeline.vus.reduce((sum, vus, second) => {
    if (second * 1e6 < fromUs || second * 1e6 >= untilUs) return sum;
    return sum + 1e6 * Math.max(vus, timeline.vus[second - 1] ?? 0);
  }, 0);
  const delayUs = operations.reduce((sum, { phases }) => {
    const { responseTime, serviceTime } = phases[phase.name];
    return sum + responseTime.sumUs - serviceTime.sumUs;
  }, 0);
  return aliveUs === 0 ? 0 : delayUs / aliveUs;
}
