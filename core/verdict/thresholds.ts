import { takesArrivals } from '../plan/load-model.ts';
import type { PlanProblem } from '../plan/problem.ts';
import type { ResolvedOperation } from '../plan/resolve.ts';
import type { ParsedPlan } from '../plan/schema.ts';
import { type Criterion, parseThreshold } from './criterion.ts';
import { isKnownAtTheEnd, unitOf } from './metric.ts';
import { checkMonitor, select } from './select.ts';
import { ThresholdError } from './threshold-error.ts';

/** A threshold of a plan, ready to be judged by. */
export interface Threshold {
  readonly criterion: Criterion;
  readonly severity: 'fail' | 'warn';
  readonly abort: boolean;
  /** Do not abort before this much of the measured phase is over. */
  readonly delayUs: number;
}

/** More than this share of arrivals that found no free virtual user: the offered load was not the planned one. */
const DROPPED_LIMIT = '1%';

/**
 * The plan's thresholds, and those that hold without being written: `lost == 0` where a driver compares acknowledged
 * writes with stored rows, and `dropped_rate <= 1%` where arrivals have a rate of their own. A plan that bounds
 * `lost` or `dropped`/`dropped_rate` itself does not get that one.
 *
 * @param plan with thresholds that {@link checkThresholds} found nothing wrong with
 * @param reconciles whether a driver of the plan has a `verify` step
 */
export function planThresholds(plan: ParsedPlan, reconciles: boolean): Threshold[] {
  const thresholds = plan.thresholds.map((given): Threshold => {
    if (typeof given === 'string') return always(given);
    const { severity, abort, delay: delayUs = 0 } = given;
    return { criterion: parseThreshold(given.criterion), severity, abort, delayUs };
  });
  const bounded = new Set<string>(thresholds.map(({ criterion }) => criterion.metric.kind));
  if (reconciles && !bounded.has('lost')) thresholds.push(always('lost == 0'));
  const hasArrivals = Object.values(plan.scenarios).some(takesArrivals);
  if (hasArrivals && !bounded.has('dropped') && !bounded.has('dropped_rate')) {
    thresholds.push(always(`dropped_rate <= ${DROPPED_LIMIT}`));
  }
  return thresholds;
}

function always(text: string): Threshold {
  return { criterion: parseThreshold(text), severity: 'fail', abort: false, delayUs: 0 };
}

/**
 * Everything that is wrong with a plan's thresholds.
 * @param monitors the names of the plan's monitors
 */
export function checkThresholds(
  plan: ParsedPlan,
  operations: readonly ResolvedOperation[],
  monitors: readonly string[],
): PlanProblem[] {
  return plan.thresholds.flatMap((given, i): PlanProblem[] => {
    const path = `thresholds[${i}]`;
    const text = typeof given === 'string' ? given : given.criterion;
    const where = typeof given === 'string' ? path : `${path}.criterion`;
    try {
      const criterion = parseThreshold(text);
      checkMonitor(criterion, select(criterion, operations, monitors), monitors);
      if (criterion.phase.name === 'warmup' && (plan.warmup ?? 0) === 0) {
        throw new ThresholdError(text, criterion.phase.position, 'the plan has no warm-up: give it `warmup`');
      }
      return typeof given === 'string' ? [] : abortProblems(path, criterion, given);
    } catch (error) {
      if (error instanceof ThresholdError) return [{ path: where, message: error.message }];
      throw error;
    }
  });
}

type WithAbort = Exclude<ParsedPlan['thresholds'][number], string>;

function abortProblems(path: string, criterion: Criterion, { abort, delay, severity }: WithAbort): PlanProblem[] {
  if (!abort) {
    return delay === undefined
      ? []
      : [{ path: `${path}.delay`, message: 'is only for abort: true; add it or remove this' }];
  }
  const { metric, metricName, comparison, limit, windowSeconds } = criterion;
  const message =
    severity === 'warn'
      ? 'a warning cannot stop a run: use severity: fail'
      : isKnownAtTheEnd(metric)
        ? `${metricName} is known only after the run and cannot stop it: remove abort`
        : unitOf(metric) === 'count' && windowSeconds === undefined && !canOnlyGetWorse(comparison, limit.value)
          ? `${metricName} grows during the run, so this is broken at its start: add "for" and a duration, or remove abort`
          : undefined;
  return message === undefined ? [] : [{ path: `${path}.abort`, message }];
}

/** Of a count that grows from 0: once broken, always broken, and not broken from the start. */
function canOnlyGetWorse(comparison: Criterion['comparison'], limit: number): boolean {
  return comparison === '<' || comparison === '<=' || (comparison === '==' && limit === 0);
}
