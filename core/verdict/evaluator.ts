import type { ResolvedOperation } from '../plan/resolve.ts';
import type { Message, ThresholdResult } from '../stats/result.ts';
import type { SettledSecond } from '../stats/second.ts';
import { holds } from './comparison.ts';
import type { Criterion } from './criterion.ts';
import { renderMessage } from './messages/message.ts';
import { resultUnit } from './quantity.ts';
import type { LeanDraft } from './run-draft.ts';
import { type Selection, select } from './select.ts';
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

/** A threshold with `abort` that is broken now: the run should stop. */
export interface Breach {
  readonly criterion: string;
  /** The second that broke it. */
  readonly second: number;
  readonly actual: number;
  /** What happened, in a sentence: the reason for the stop. */
  readonly message: string;
}

/** The planned phases, in microseconds from the run start. */
export interface PlannedPhases {
  readonly warmupUs: number;
  /** Warm-up included. */
  readonly plannedUs: number;
}

/** A threshold followed through a run. */
interface Followed extends Threshold {
  readonly selection: Selection;
  readonly windows: SlidingWindows | undefined;
  sofar: Tally;
}

/** Judges the thresholds of one run: second by second for sliding windows and `abort`, at the end for all. */
export class ThresholdEvaluator {
  readonly #followed: readonly Followed[];
  readonly #phases: PlannedPhases;
  #lacksLateWindows = false;

  /** @param thresholds as `planThresholds` gave them, for a plan without problems */
  constructor(thresholds: readonly Threshold[], operations: readonly ResolvedOperation[], phases: PlannedPhases) {
    this.#phases = phases;
    this.#followed = thresholds.map((threshold) => ({
      ...threshold,
      selection: select(threshold.criterion, operations),
      windows: threshold.criterion.windowSeconds === undefined ? undefined : new SlidingWindows(threshold.criterion),
      sofar: EMPTY_TALLY,
    }));
  }

  /** It judges windows of several seconds. */
  get isSliding(): boolean {
    return this.#followed.some(({ windows }) => windows !== undefined);
  }

  /**
   * Takes the next second; seconds come once each and in order, and may have gaps.
   * @returns the thresholds with `abort` that this second breaks
   */
  observe(second: SettledSecond): readonly Breach[] {
    return this.#followed.flatMap((followed) => {
      const measured = this.#follow(followed, second);
      const { criterion, abort, delayUs } = followed;
      const measuredUs = (second.second + 1) * 1e6 - this.#phases.warmupUs;
      if (!abort || measured === undefined || measuredUs < delayUs) return [];
      if (holds(measured.actual, criterion.comparison, criterion.limit.value)) return [];
      return [breach(criterion, second.second, measured.actual)];
    });
  }

  /** Windows came of seconds that were observed, and cannot be judged: what slides over seconds cannot be concluded. */
  missLateWindows(): void {
    this.#lacksLateWindows = true;
  }

  /** Judges all, in the plan's order. */
  conclude(draft: LeanDraft): ThresholdResult[] {
    return this.#followed.map((followed) => {
      const { criterion, severity } = followed;
      const common = { criterion: criterion.text, severity };
      const outcome = this.#outcome(followed, draft);
      if ('id' in outcome) {
        return { ...common, status: 'invalid', reason: renderMessage(outcome, 'en'), message: outcome };
      }
      const limit = criterion.limit.value;
      const status = holds(outcome.actual, criterion.comparison, limit) ? 'pass' : 'fail';
      return { ...common, status, limit, unit: resultUnit(criterion), ...outcome };
    });
  }

  /** What the criterion comes to at the end of this second; undefined when that cannot be said or is not needed. */
  #follow(followed: Followed, second: SettledSecond): Measured | undefined {
    const { criterion, selection, windows, abort } = followed;
    if (windows === undefined && !abort) return undefined;
    const tally = tallyOfSecond(second, criterion, selection);
    const { warmupUs, plannedUs } = this.#phases;
    const isWarmup = criterion.phase.name === 'warmup';
    if (windows !== undefined) {
      const [fromUs, untilUs] = isWarmup ? [0, warmupUs] : [warmupUs, plannedUs];
      const isWhole = second.second * 1e6 >= fromUs && (second.second + 1) * 1e6 <= untilUs;
      return isWhole ? windows.add(second.second, tally) : undefined;
    }
    const endUs = (second.second + 1) * 1e6;
    const durationUs = isWarmup ? Math.min(endUs, warmupUs) : endUs - warmupUs;
    if (durationUs <= 0) return undefined;
    followed.sofar = { ...compacted(addTallies([followed.sofar, tally])), durationUs };
    return measure(criterion.metric, followed.sofar);
  }

  #outcome(
    { criterion, selection, windows }: Followed,
    draft: LeanDraft,
  ): (Measured & { worstSecond?: number }) | Message {
    const { metric } = criterion;
    if (metric.kind === 'lost' || metric.kind === 'extra') return reconciled(criterion, metric.kind, draft);
    if (windows !== undefined) {
      if (this.#lacksLateWindows) return { id: 'threshold.late-windows', params: {} };
      const isWarmup = criterion.phase.name === 'warmup';
      return windows.worst(isWarmup ? draft.warmupUs : draft.warmupUs + draft.measuredUs);
    }
    const tally = tallyOfRun(draft, criterion, selection);
    const measured = measure(metric, tally);
    const subject = criterion.subject?.name ?? '';
    if (measured === undefined) return { id: 'threshold.no-samples', params: { subject } };
    if (!holds(measured.actual, criterion.comparison, criterion.limit.value)) return measured;
    if (measured.samples === 0) return { id: 'threshold.no-samples', params: { subject } };
    if (onlyFailures(criterion, tally)) return { id: 'threshold.only-failures', params: { failures: tally.errors } };
    return measured;
  }
}

function reconciled(criterion: Criterion, kind: 'lost' | 'extra', draft: LeanDraft): Measured | Message {
  const { reconciliations, unverified = [] } = draft;
  if (reconciliations.length === 0) return { id: 'threshold.no-reconciliation', params: {} };
  const all = reconciliations.map(({ reconciliation }) => reconciliation);
  const actual = all.reduce((sum, reconciliation) => sum + reconciliation[kind], 0);
  const samples = all.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  // Rows that had not settled may still have come: a loss is then not proved, but a full table is.
  const unsettled = all.some(({ stable }) => !stable) && (actual > 0 || kind === 'extra');
  if (unsettled) return { id: 'threshold.unsettled', params: { rows: actual } };
  if (!holds(actual, criterion.comparison, criterion.limit.value)) return { actual, samples };
  if (unverified.length > 0) return { id: 'threshold.unverified', params: { names: unverified } };
  const failures = samples === 0 ? failedWrites(draft) : 0;
  return failures > 0 ? { id: 'threshold.nothing-acknowledged', params: { failures } } : { actual, samples };
}

/**
 * Requests of those operations of the reconciling drivers of which none succeeded. Where nothing was acknowledged, these
 * may be the writes; drivers that only read have none, but for an operation that fails throughout.
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
