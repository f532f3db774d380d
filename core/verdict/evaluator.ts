import type { ThresholdResult } from '../stats/result.ts';
import type { SettledSecond } from '../stats/second.ts';
import type { Phase } from '../stats/window.ts';
import type { Message } from '../text/message.ts';
import { answerOf } from './capacity/answer.ts';
import { otherLoadExcuse } from './compare/offered-load.ts';
import { holds } from './comparison.ts';
import { unitOf } from './criterion/metric.ts';
import { type Selectable, type Selection, select } from './criterion/select.ts';
import type { Criterion } from './criterion.ts';
import {
  CalmSeconds,
  FAILURE_METRICS,
  generatorDelay,
  lateExcuse,
  STALL_US,
  STALLED_METRICS,
  throughputExcuse,
  timeoutExcuse,
  withoutTimeouts,
} from './generator-fault.ts';
import { renderMessage } from './messages/message.ts';
import { missingLoadExcuse, unfinishedExcuse, wantsMore } from './missing-load.ts';
import { resultUnit } from './quantity.ts';
import type { LeanDraft } from './run-draft.ts';
import { SlidingWindows } from './sliding.ts';
import {
  addTallies,
  compacted,
  EMPTY_TALLY,
  type Measured,
  measure,
  onlyFailures,
  type Tally,
  tallyOfRun,
  tallyOfSecond,
} from './tally.ts';
import type { Threshold } from './thresholds.ts';

/** A threshold with `abort` that fails now: the run should stop. */
export interface Breach {
  readonly criterion: string;
  /** The second in which it failed. */
  readonly second: number;
  readonly actual: number;
  /** What happened, in a sentence. It becomes the reason of the stop. */
  readonly message: string;
}

/** The planned phases, in microseconds from the run start. */
export interface PlannedPhases {
  readonly warmupUs: number;
  /** Warm-up included. */
  readonly plannedUs: number;
}

/** A threshold and what was measured for it so far. */
interface Followed extends Threshold {
  readonly selection: Selection;
  readonly windows: SlidingWindows | undefined;
  /** For a criterion without windows. */
  readonly calm: CalmSeconds;
  /** For `abort` without windows. */
  sofar: Tally;
  /** Seconds in which the generator stalled, or a part of the load was not offered, are not part of it. */
  exemptUs: number;
}

/** Judges the thresholds of one run: second by second for sliding windows and `abort`, at the end for all. */
export class ThresholdEvaluator {
  readonly #followed: readonly Followed[];
  readonly #phases: PlannedPhases;
  /** When the load ends, as far as is known. */
  #endUs: number;
  #lacksLateWindows = false;
  /** The last second in which the generator stalled. */
  #stalledSecond = Number.NEGATIVE_INFINITY;
  /** The last second of whose load a part was not offered. */
  #shortSecond = Number.NEGATIVE_INFINITY;

  /** @param thresholds as `planThresholds` gave them, for a plan without problems */
  constructor(thresholds: readonly Threshold[], rows: readonly Selectable[], phases: PlannedPhases) {
    this.#phases = phases;
    this.#endUs = phases.plannedUs;
    this.#followed = thresholds.map((threshold) => ({
      ...threshold,
      selection: select(threshold.criterion, rows),
      windows: threshold.criterion.windowSeconds === undefined ? undefined : new SlidingWindows(threshold.criterion),
      calm: new CalmSeconds(),
      sofar: EMPTY_TALLY,
      exemptUs: 0,
    }));
  }

  /** Whether a criterion is judged in windows of several seconds. */
  get isSliding(): boolean {
    return this.#followed.some(({ windows }) => windows !== undefined);
  }

  /**
   * Takes the next second. Seconds come once each and in order, and may have gaps. A second in which the generator stalled,
   * and the one after it, into which its late requests fall, abort no run: they say little about the target.
   * @param lacksLoad whether a part of its load was not offered: it was paused, or an agent was lost
   * @returns the thresholds with `abort` that fail with this second
   */
  observe(second: SettledSecond, lacksLoad = false): readonly Breach[] {
    if (lacksLoad) this.#shortSecond = second.second;
    if (second.loopLagUs >= STALL_US) this.#stalledSecond = second.second;
    return this.#followed.flatMap((followed) => {
      const measured = this.#follow(followed, second);
      const { criterion, selection, abort, delayUs } = followed;
      const measuredUs = (second.second + 1) * 1e6 - this.#phases.warmupUs;
      if (!abort || measured === undefined || measuredUs < delayUs || isVoid(selection, second.ratios)) return [];
      if (holds(measured.actual, criterion.comparison, criterion.limit.value)) return [];
      return [breach(criterion, second.second, measured.actual)];
    });
  }

  /** The load ends earlier than planned. @param atUs since the run start */
  endLoad(atUs: number): void {
    this.#endUs = Math.min(this.#endUs, atUs);
  }

  /** Samples arrived late for seconds that were judged already: criteria with windows cannot be concluded. */
  missLateWindows(): void {
    this.#lacksLateWindows = true;
  }

  /** Judges all thresholds, in the order of the plan. */
  conclude(draft: LeanDraft): ThresholdResult[] {
    return this.#followed.map((followed) => {
      const { criterion, severity, isDefault, baseline } = followed;
      const common = { criterion: criterion.text, severity, ...(isDefault && { isDefault }) };
      const outcome = this.#outcome(followed, draft);
      if ('id' in outcome) {
        return { ...common, status: 'invalid', reason: renderMessage(outcome, 'en'), message: outcome };
      }
      const limit = criterion.limit.value;
      const status = holds(outcome.actual, criterion.comparison, limit) ? 'pass' : 'fail';
      return { ...common, status, limit, unit: resultUnit(criterion), ...(baseline && { baseline }), ...outcome };
    });
  }

  /** The figure of the criterion at the end of this second; undefined where there is none, or none that may abort. */
  #follow(followed: Followed, second: SettledSecond): Measured | undefined {
    const { criterion, selection, windows, abort } = followed;
    const isNearStall = second.second - this.#stalledSecond <= (criterion.windowSeconds ?? 1);
    const lacksLoad = second.second - this.#shortSecond < (criterion.windowSeconds ?? 1);
    const isExempt = (STALLED_METRICS.has(criterion.metric.kind) && isNearStall) || (wantsMore(criterion) && lacksLoad);
    const { warmupUs } = this.#phases;
    const isWarmup = criterion.phase.name === 'warmup';
    const [fromUs, untilUs] = isWarmup ? [0, warmupUs] : [warmupUs, this.#endUs];
    const endUs = (second.second + 1) * 1e6;
    const isWhole = second.second * 1e6 >= fromUs && endUs <= untilUs;
    const tally = tallyOfSecond(second, criterion, selection, isWhole);
    if (windows !== undefined) {
      if (isAfterLoad(criterion, selection, second, untilUs)) windows.addAfter(second.second, tally, second.loopLagUs);
      const measured = isWhole ? windows.add(second.second, tally, second.loopLagUs) : undefined;
      return isExempt ? undefined : measured;
    }
    followed.calm.add(tally, isNearStall);
    // A rate is that of whole seconds of load: what ends after it is no part of it.
    if (!abort || (criterion.metric.kind === 'rps' && !isWhole)) return undefined;
    if (isExempt) {
      followed.exemptUs += 1e6;
      return undefined;
    }
    const durationUs = endUs - 1e6 * Math.ceil(fromUs / 1e6) - followed.exemptUs;
    if (durationUs <= 0) return undefined;
    followed.sofar = {
      ...compacted(addTallies([followed.sofar, isNearStall ? withoutTimeouts(tally) : tally])),
      durationUs,
    };
    return generatorDelay(criterion, followed.sofar) === undefined
      ? measure(criterion.metric, followed.sofar)
      : undefined;
  }

  #outcome(
    { criterion, selection, windows, calm }: Followed,
    draft: LeanDraft,
  ): (Measured & { worstSecond?: number }) | Message {
    const { metric } = criterion;
    const otherLoad = otherLoadExcuse(criterion, draft);
    if (otherLoad !== undefined) return otherLoad;
    if (metric.kind === 'max_rps') return searched(criterion, draft);
    if (metric.kind === 'lost' || metric.kind === 'extra') return reconciled(criterion, metric.kind, draft);
    if (selection.kind === 'ratio') {
      const missing = whyNoRatio(selection, criterion.phase.name, draft);
      if (missing !== undefined) return missing;
    }
    if (windows !== undefined) {
      if (this.#lacksLateWindows) return { id: 'threshold.late-windows', params: {} };
      const isWarmup = criterion.phase.name === 'warmup';
      const untilUs = isWarmup ? draft.warmupUs : draft.warmupUs + draft.measuredUs;
      return windows.worst(untilUs, missingLoadExcuse(criterion, draft));
    }
    const tally = tallyOfRun(draft, criterion, selection);
    const measured = measure(metric, tally);
    if (measured === undefined) return noSamples(criterion);
    const excuse =
      unfinishedExcuse(criterion, measured.actual, draft) ??
      lateExcuse(criterion, tally) ??
      missingLoadExcuse(criterion, draft)(measured) ??
      throughputExcuse(criterion, selection, measured.actual, draft) ??
      calm.excuse(criterion, measured.actual) ??
      timeoutExcuse(criterion, tally, calm.stalledTimeouts);
    if (excuse !== undefined) return excuse;
    if (!holds(measured.actual, criterion.comparison, criterion.limit.value)) return measured;
    if (measured.samples === 0) return noSamples(criterion);
    if (onlyFailures(criterion, tally)) {
      const what = criterion.journey === undefined ? 'failures' : 'failed-passes';
      return { id: `threshold.only-${what}`, params: { failures: tally.errors } };
    }
    return measured;
  }
}

/**
 * Whether the second belongs to what was under way at the end of the load, for a criterion on times or failures. What is cut off in the
 * very second of the end had no time to be answered, and is no failure.
 */
function isAfterLoad(
  { phase, metric, comparison }: Criterion,
  selection: Selection,
  { second }: SettledSecond,
  untilUs: number,
) {
  if (phase.name === 'warmup' || !('indices' in selection)) return false;
  if (unitOf(metric) === 'value') return comparison.startsWith('<') && second * 1e6 >= untilUs;
  return FAILURE_METRICS.has(metric.kind) && second > untilUs / 1e6;
}

/** What a target takes at least is enough to pass, and never to fail. */
function searched({ comparison, limit }: Criterion, { search }: LeanDraft): Measured | Message {
  const answer = search && answerOf(search);
  if (answer === undefined || answer.kind === 'unknown') return { id: 'threshold.no-level', params: {} };
  const actual = answer.kind === 'never' ? 0 : answer.held.perSecond;
  const samples = answer.kind === 'never' ? 0 : Math.round(actual * answer.held.seconds);
  if (answer.kind === 'least' && !holds(actual, comparison, limit.value)) {
    return { id: 'threshold.at-least', params: { actual, limit: limit.value, unit: 'perSecond' } };
  }
  return { actual, samples };
}

function noSamples({ subject, journey }: Criterion): Message {
  if (journey !== undefined) return { id: 'threshold.no-passes', params: {} };
  return { id: 'threshold.no-samples', params: { subject: subject?.name ?? '' } };
}

function isVoid(selection: Selection, ratios: SettledSecond['ratios'] = []): boolean {
  return (
    selection.kind === 'ratio' &&
    ratios.some(({ name, voidReason }) => name === selection.name && voidReason !== undefined)
  );
}

/** Why a ratio says nothing; undefined where it does. */
function whyNoRatio(
  { name }: Extract<Selection, { kind: 'ratio' }>,
  phase: Phase,
  { ratios = [] }: LeanDraft,
): Message | undefined {
  const own = ratios.find((ratio) => ratio.name === name);
  if (own?.voidReason !== undefined) return { id: 'threshold.void', params: { reason: own.voidReason } };
  if (own !== undefined && own.phases[phase].of > 0) return undefined;
  const counted = ratios.filter(({ phases }) => phases[phase].of > 0).map((ratio) => ratio.name);
  if (counted.length === 0) return { id: 'threshold.nothing-counted', params: {} };
  return { id: 'threshold.nothing-counted-but', params: { names: counted } };
}

function reconciled(criterion: Criterion, kind: 'lost' | 'extra', draft: LeanDraft): Measured | Message {
  const { reconciliations, unverified = [] } = draft;
  if (reconciliations.length === 0) return { id: 'threshold.no-reconciliation', params: {} };
  const all = reconciliations.map(({ reconciliation }) => reconciliation);
  const actual = all.reduce((sum, reconciliation) => sum + reconciliation[kind], 0);
  const samples = all.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  // Rows may still have appeared after the last count: missing rows prove nothing then, but a complete table does.
  const unsettled = all.some(({ stable }) => !stable) && (actual > 0 || kind === 'extra');
  if (unsettled) return { id: 'threshold.unsettled', params: { rows: actual } };
  if (!holds(actual, criterion.comparison, criterion.limit.value)) return { actual, samples };
  if (unverified.length > 0) return { id: 'threshold.unverified', params: { names: unverified } };
  const failures = samples === 0 ? failedWrites(draft) : 0;
  return failures > 0 ? { id: 'threshold.nothing-acknowledged', params: { failures } } : { actual, samples };
}

/**
 * The number of requests of operations that never succeeded, in the drivers that reconcile. If nothing was acknowledged,
 * these may have been the writes.
 */
function failedWrites({ operations, reconciliations }: LeanDraft): number {
  const drivers = new Set(reconciliations.map(({ driver }) => driver));
  return operations
    .filter(({ driver }) => drivers.has(driver))
    .map(({ phases: { warmup, measure } }) => ({
      requests: warmup.requests + measure.requests,
      errors: warmup.errors + measure.errors,
    }))
    .reduce((sum, { requests, errors }) => sum + (errors === requests ? errors : 0), 0);
}

function breach(criterion: Criterion, second: number, actual: number): Breach {
  const unit = resultUnit(criterion);
  const params = { criterion: criterion.text, actual, limit: criterion.limit.value, unit, second };
  return { criterion: criterion.text, second, actual, message: renderMessage({ id: 'threshold.abort', params }, 'en') };
}
