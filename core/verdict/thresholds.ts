import { takesArrivals } from '../plan/load/load-model.ts';
import type { PlanProblem } from '../plan/problem.ts';
import type { ParsedPlan } from '../plan/schema.ts';
import type { Message } from '../text/message.ts';
import { type BaselineFigures, withFigure } from './baseline/baseline-figures.ts';
import { inUnitOfMonitor } from './baseline/monitor-limit.ts';
import {
  checkLevelCriterion,
  isOfLevels,
  isOfWholeSearch,
  type SearchedScenario,
  searchedScenario,
} from './capacity/level-criteria.ts';
import { isKnownAtTheEnd, type Metric, unitOf } from './criterion/metric.ts';
import { checkMonitor, type Selectable, select } from './criterion/select.ts';
import { ThresholdError } from './criterion/threshold-error.ts';
import { type Criterion, parseThreshold } from './criterion.ts';
import { DROPPED_DEFAULT, FOUND_DEFAULT, failureDefaults, LOST_DEFAULT } from './default-criteria.ts';

/** A threshold of a plan, ready for judging. */
export interface Threshold {
  readonly criterion: Criterion;
  readonly severity: 'fail' | 'warn';
  readonly abort: boolean;
  /** Do not abort before this much of the measured phase is over. */
  readonly delayUs: number;
  /** The plan does not have it: it applies by default. */
  readonly isDefault: boolean;
  /** What it is compared with: the name of a baseline, and its figure in the unit of the limit. */
  readonly baseline?: { readonly name: string; readonly value: number } | undefined;
}

/**
 * The thresholds of the plan, followed by those that apply by default. Only criteria on the measured phase replace them.
 *
 * - `error_rate < 1%`, unless the plan has a criterion on failed requests. Passes and checks of scripts are no requests;
 * - `journey <scenario> error_rate < 1%` for each scenario with a flow or a script, unless the plan has a criterion on failed
 *   passes of that scenario: all requests of a pass may succeed, and the pass fail, and the other way round;
 * - `lost == 0` if a driver compares acknowledged writes with stored rows, unless the plan limits `lost`;
 * - `dropped_rate <= 1%` if a scenario has an arrival rate, unless the plan limits `dropped` or `dropped_rate`.
 *
 * Where a load is searched, criteria on speed and failures are for its levels (capacity/level-criteria.ts): the run goes beyond them on
 * purpose. In their place is `max_rps > 0`, unless the plan limits `max_rps`.
 *
 * @param plan with thresholds that {@link checkThresholds} found nothing wrong with
 * @param reconciles whether a driver of the plan compares what it writes with what is stored
 * @param against the run's baseline; without one, a limit that follows from a baseline is not a number
 */
export function planThresholds(plan: ParsedPlan, reconciles: boolean, against?: BaselineFigures): Threshold[] {
  const thresholds = plan.thresholds
    .map((given): Threshold => {
      if (typeof given === 'string') return required(given, false);
      const { severity, abort, delay: delayUs = 0 } = given;
      return { criterion: parseThreshold(given.criterion), severity, abort, delayUs, isDefault: false };
    })
    .map((threshold) => {
      const criterion = inUnitOfMonitor(threshold.criterion, Object.keys(plan.monitors));
      return { ...threshold, criterion, ...limitedBy(criterion, against) };
    });
  const measured = thresholds.map(({ criterion }) => criterion).filter(({ phase }) => phase.name === 'measure');
  const limits = (...kinds: readonly Metric['kind'][]) => measured.some(({ metric }) => kinds.includes(metric.kind));
  if (searchedScenario(plan) !== undefined) {
    const ofRun = thresholds.filter(({ criterion }) => isOfWholeSearch(criterion));
    const own = [
      ...(!reconciles || limits('lost') ? [] : [LOST_DEFAULT]),
      ...(limits('max_rps') ? [] : [FOUND_DEFAULT]),
    ];
    return [...ofRun, ...own.map((text) => required(text, true))];
  }
  const hasArrivals = Object.values(plan.scenarios).some(takesArrivals);
  const defaults = [
    ...failureDefaults(measured, plan),
    ...(!reconciles || limits('lost') ? [] : [LOST_DEFAULT]),
    ...(!hasArrivals || limits('dropped', 'dropped_rate') ? [] : [DROPPED_DEFAULT]),
  ];
  return [...thresholds, ...defaults.map((text) => required(text, true))];
}

function limitedBy(criterion: Criterion, against: BaselineFigures | undefined): Partial<Threshold> {
  const value = against?.figures[criterion.text];
  if (criterion.limit.baseline === undefined || against === undefined || value === undefined) return {};
  return { criterion: withFigure(criterion, value), baseline: { name: against.name, value } };
}

function required(text: string, isDefault: boolean): Threshold {
  return { criterion: parseThreshold(text), severity: 'fail', abort: false, delayUs: 0, isDefault };
}

/**
 * Everything that is wrong with the thresholds of a plan.
 * @param monitors the names of the plan's monitors
 */
export function checkThresholds(
  plan: ParsedPlan,
  rows: readonly Selectable[],
  monitors: readonly string[],
): PlanProblem[] {
  const searched = searchedScenario(plan);
  return [
    ...(searched ? searchProblems(plan, searched, rows, monitors) : []),
    ...plan.thresholds.flatMap((given, i): PlanProblem[] => {
      const path = `thresholds[${i}]`;
      const text = typeof given === 'string' ? given : given.criterion;
      const where = typeof given === 'string' ? path : `${path}.criterion`;
      try {
        const criterion = inUnitOfMonitor(parseThreshold(text), monitors);
        checkMonitor(criterion, select(criterion, rows, monitors), monitors);
        if (criterion.phase.name === 'warmup' && (plan.warmup ?? 0) === 0) {
          throw new ThresholdError(text, criterion.phase.position, 'the plan has no warm-up: give it `warmup`');
        }
        if (criterion.metric.kind === 'max_rps' && searched === undefined) {
          throw new ThresholdError(text, 0, 'max_rps is what a search finds: give a scenario the executor find-max');
        }
        if (searched !== undefined && !isOfWholeSearch(criterion)) checkLevelCriterion(text, rows, monitors);
        if (searched !== undefined && typeof given !== 'string' && given.abort) {
          return [{ path: `${path}.abort`, message: 'a search goes beyond its criteria on purpose: remove this' }];
        }
        return typeof given === 'string' ? [] : abortProblems(path, criterion, given);
      } catch (error) {
        if (error instanceof ThresholdError) return [{ path: where, message: error.message }];
        throw error;
      }
    }),
  ];
}

/** What is wrong with the criteria of a search. */
function searchProblems(
  plan: ParsedPlan,
  { name, scenario: { until } }: SearchedScenario,
  rows: readonly Selectable[],
  monitors: readonly string[],
): PlanProblem[] {
  const path = `scenarios.${name}.until`;
  const problems = until.flatMap((text, i): PlanProblem[] => {
    try {
      const criterion = parseThreshold(text);
      checkMonitor(criterion, select(criterion, rows, monitors), monitors);
      checkLevelCriterion(text, rows, monitors);
      return [];
    } catch (error) {
      if (error instanceof ThresholdError) return [{ path: `${path}[${i}]`, message: error.message }];
      throw error;
    }
  });
  const isJudged = plan.thresholds.some((given) => isLevelThreshold(given));
  if (until.length > 0 || isJudged) return problems;
  const message =
    'is missing: say until when a level is good, such as [p95 < 200ms]; or give the plan such a threshold';
  return [{ path, message }];
}

function isLevelThreshold(given: ParsedPlan['thresholds'][number]): boolean {
  try {
    return isOfLevels(parseThreshold(typeof given === 'string' ? given : given.criterion));
  } catch (error) {
    if (error instanceof ThresholdError) return false;
    throw error;
  }
}

type WithAbort = Exclude<ParsedPlan['thresholds'][number], string>;

function abortProblems(path: string, criterion: Criterion, { abort, delay, severity }: WithAbort): PlanProblem[] {
  if (!abort) {
    return delay === undefined
      ? []
      : [{ path: `${path}.delay`, message: 'works only with abort: true; add that, or remove this' }];
  }
  const { metric, metricName, comparison, limit, windowSeconds } = criterion;
  const message =
    severity === 'warn'
      ? 'a warning cannot stop a run: use severity: fail'
      : isKnownAtTheEnd(metric) || criterion.check !== undefined
        ? `${metricName} is known only after the run, so it cannot stop it: remove abort`
        : unitOf(metric) === 'count' && windowSeconds === undefined && !canOnlyGetWorse(comparison, limit.value)
          ? `${metricName} grows during the run, so this fails from the start: add "for" and a duration, or remove abort`
          : undefined;
  return message === undefined ? [] : [{ path: `${path}.abort`, message }];
}

/** Whether a count that grows from 0 can only get worse: it passes at the start, and once it fails it stays so. */
function canOnlyGetWorse(comparison: Criterion['comparison'], limit: number): boolean {
  return comparison === '<' || comparison === '<=' || (comparison === '==' && limit === 0);
}

/** From this share on, a limit on failures lets so many pass that another limit was probably meant. */
const SUSPICIOUS_SHARE = 0.5;

/** A doubt about a threshold that is valid as it stands. */
export interface ThresholdWarning {
  /** Where in the plan, such as `thresholds[1]`. */
  readonly path: string;
  readonly message: Message;
}

/**
 * Upper limits of a share of failures that are written as a bare number of at least 0.5. `error_rate < 1` allows 100 % of
 * the requests to fail, and 1 % was probably meant.
 *
 * @param plan with thresholds that {@link checkThresholds} found nothing wrong with
 */
export function shareWarnings(plan: ParsedPlan): ThresholdWarning[] {
  return plan.thresholds.flatMap((given, i): ThresholdWarning[] => {
    const written = typeof given === 'string' ? given : given.criterion;
    const { text, metric, comparison, limit } = parseThreshold(written);
    const isShareOfFailures = metric.kind === 'error_rate' || metric.kind === 'dropped_rate';
    const isBare = !written.slice(limit.position).includes('%');
    if (
      limit.baseline !== undefined ||
      !isShareOfFailures ||
      !isBare ||
      !comparison.startsWith('<') ||
      limit.value < SUSPICIOUS_SHARE
    )
      return [];
    const id = `threshold.warning-share${metric.kind === 'dropped_rate' ? '-dropped' : ''}`;
    const params = { criterion: text, share: limit.value, percent: `${limit.value}%` };
    return [{ path: `thresholds[${i}]`, message: { id, params } }];
  });
}
