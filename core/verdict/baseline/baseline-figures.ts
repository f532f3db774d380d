import type { PlanProblem } from '../../plan/problem.ts';
import type { ParsedPlan, PlanInput } from '../../plan/schema.ts';
import type { BaselineReference, RunResult } from '../../stats/result.ts';
import { answerOf } from '../capacity/answer.ts';
import { loadDifferences, plannedDifferences } from '../compare/offered-load.ts';
import { type Selectable, select } from '../criterion/select.ts';
import { ThresholdError } from '../criterion/threshold-error.ts';
import { type Criterion, parseThreshold } from '../criterion.ts';
import { renderMessage } from '../messages/message.ts';
import { addTallies, measure, onlyFailures, tallyOfRun } from '../tally.ts';
import { inUnitOfMonitor } from './monitor-limit.ts';

/** Runs that another is compared with, and the name by which they were asked for. */
export interface Baseline {
  readonly name: string;
  /** At least one, of one load. */
  readonly runs: readonly RunResult[];
}

/** What criteria need of a baseline: its figure for each of them, by the text of the criterion, in the unit of its limit. */
export interface BaselineFigures extends BaselineReference {
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * The figures of a baseline for the criteria of a plan, all of its runs together; and all that is wrong: it has none for a
 * criterion, or offered another load than the plan.
 * @param plan the same as `input`, parsed
 */
export function baselineFigures(
  plan: ParsedPlan,
  input: PlanInput,
  baseline: Baseline,
): { readonly against: BaselineFigures; readonly problems: readonly PlanProblem[] } {
  const { name, runs } = baseline;
  const figures: Record<string, number> = {};
  const problems = loadProblems(input, baseline);
  for (const { path, criterion } of comparedCriteria(plan)) {
    const figure = figureOf(criterion, runs);
    if (typeof figure === 'number') figures[criterion.text] = figure;
    else problems.push({ path, message: refusal(criterion, `the baseline ${name} ${figure.why}`) });
  }
  return { against: { name, runIds: runs.map(({ runId }) => runId), figures }, problems };
}

/** The criteria that need a figure of a baseline and have none: the run has another baseline, or none. */
export function withoutFigure(plan: ParsedPlan, against: BaselineFigures | undefined): PlanProblem[] {
  return comparedCriteria(plan)
    .filter(({ criterion }) => !Number.isFinite(against?.figures[criterion.text]))
    .map(({ path, criterion }) => {
      const message = 'this is compared with a baseline, and the run has none: name one with `bench run --baseline`';
      return { path, message: refusal(criterion, message) };
    });
}

/** Reports show limits without rounding. */
const LIMIT_DIGITS = 4;

/**
 * The criterion with the limit that follows from the baseline's figure: rounded to four digits where something is added, and not
 * below 0.
 */
export function withFigure(criterion: Criterion, figure: number): Criterion {
  const { baseline } = criterion.limit;
  if (baseline === undefined) return criterion;
  const value = baseline.isShare ? figure * (1 + baseline.added) : figure + baseline.added;
  const shown = baseline.added === 0 ? value : Number(value.toPrecision(LIMIT_DIGITS));
  return { ...criterion, limit: { ...criterion.limit, value: Math.max(0, shown) } };
}

function comparedCriteria({
  thresholds,
  monitors,
}: ParsedPlan): { readonly path: string; readonly criterion: Criterion }[] {
  return thresholds.flatMap((given, i) => {
    const isText = typeof given === 'string';
    const criterion = inUnitOfMonitor(parseThreshold(isText ? given : given.criterion), Object.keys(monitors));
    if (criterion.limit.baseline === undefined) return [];
    return [{ path: isText ? `thresholds[${i}]` : `thresholds[${i}].criterion`, criterion }];
  });
}

function refusal({ text, limit }: Criterion, problem: string): string {
  return new ThresholdError(text, limit.position, problem).message;
}

function loadProblems(input: PlanInput, { name, runs }: Baseline): PlanProblem[] {
  const mend = 'their figures say nothing about the target: give both the same load, or name another baseline';
  const own = loadDifferences(runs).map((difference) => ({
    path: '',
    message: `the runs of the baseline ${name} cannot be compared with, since ${mend} (${renderMessage(difference, 'en')})`,
  }));
  const first = runs[0] as RunResult;
  const planned = plannedDifferences(input, first.plan).map(({ place, left, right }) => ({
    path: place,
    message: `is ${left} here and ${right} in the baseline ${name}, so ${mend}`,
  }));
  return [...own, ...planned];
}

/** @returns the figure in the unit of the criterion's limit, or why there is none, as the end of a sentence */
function figureOf(criterion: Criterion, runs: readonly RunResult[]): number | { readonly why: string } {
  if (criterion.metric.kind === 'max_rps') return foundBy(runs);
  const tallies = [];
  for (const run of runs) {
    const selection = selectedOf(criterion, run);
    const tally = selection && tallyOfRun(run, criterion, selection);
    if (tally === undefined || (measure(criterion.metric, tally)?.samples ?? 0) === 0)
      return { why: `has no samples of this (run ${run.runId}): name a baseline that has` };
    if (onlyFailures(criterion, tally))
      return { why: `has only failures of this (run ${run.runId}): name another baseline` };
    tallies.push(tally);
  }
  return measure(criterion.metric, addTallies(tallies))?.actual ?? { why: 'has no samples of this' };
}

/** What the searches of the runs found, on average. */
function foundBy(runs: readonly RunResult[]): number | { readonly why: string } {
  let sum = 0;
  for (const { runId, search } of runs) {
    const answer = search && answerOf(search);
    if (answer === undefined || !('held' in answer))
      return { why: `has found no load that its target takes (run ${runId}): name a baseline of find-max` };
    sum += answer.held.perSecond;
  }
  return sum / runs.length;
}

/** @returns undefined where the run has nothing of that name */
function selectedOf(criterion: Criterion, run: RunResult) {
  try {
    return select(criterion, rowsOf(run));
  } catch (error) {
    if (error instanceof ThresholdError) return undefined;
    throw error;
  }
}

/** The rows of a result as criteria select them: operations of its plan, then journeys, in the order of `tallyOfRun`. */
function rowsOf({ operations, journeys = [], plan }: RunResult): Selectable[] {
  const scenarios = Object.keys(plan.scenarios);
  const planned = operations.filter(({ fromScript }) => fromScript !== true);
  return [
    ...planned.map(({ name, scenario, tags }, index) => ({ index, name, scenarioName: scenario, tags })),
    ...journeys.map(({ name, scenario }, i) => ({
      index: planned.length + i,
      name,
      scenarioName: scenario,
      tags: {},
      isJourney: true,
      ...(plan.scenarios[scenario]?.user !== undefined && { scriptOf: scenarios.indexOf(scenario) }),
    })),
  ];
}
