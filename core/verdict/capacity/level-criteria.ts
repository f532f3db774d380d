import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import { isKnownAtTheEnd, type Metric } from '../criterion/metric.ts';
import { quoteName, type Selectable, type Selection, select } from '../criterion/select.ts';
import { ThresholdError } from '../criterion/threshold-error.ts';
import { type Criterion, parseThreshold } from '../criterion.ts';
import { DROPPED_DEFAULT, failureDefaults } from '../default-criteria.ts';

/** The scenario of a plan whose greatest load is searched. */
export type SearchScenario = Extract<ParsedScenario, { executor: 'find-max' }>;

/** A criterion with what it selects in the plan of its level. */
export interface LevelCriterion {
  readonly criterion: Criterion;
  readonly selection: Selection;
}

/** What a level is judged by. */
export interface LevelCriteria {
  readonly all: readonly LevelCriterion[];
  /** All requests of the scenario. */
  readonly requests: LevelCriterion;
  /** What an arrival becomes: a pass, or a request where there is no flow and no script. */
  readonly iterations: LevelCriterion;
}

/** What a level can be judged by: what gets worse as the load grows. Throughput is what is searched, and counts grow with the time. */
const OF_LEVELS: ReadonlySet<Metric['kind']> = new Set<Metric['kind']>([
  ...(['percentile', 'max', 'min', 'mean', 'error_rate', 'availability', 'dropped_rate'] as const),
]);

export interface SearchedScenario {
  readonly name: string;
  readonly scenario: SearchScenario;
}

/** The scenario that is searched; a plan has at most one. */
export function searchedScenario({ scenarios }: Pick<ParsedPlan, 'scenarios'>): SearchedScenario | undefined {
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (scenario.executor === 'find-max') return { name, scenario };
  }
  return undefined;
}

/** Whether levels of a search can be judged by this criterion. */
export function isOfLevels(criterion: Criterion): boolean {
  return whyNotOfLevels(criterion) === undefined;
}

/**
 * Whether it says something of a run with a search as a whole, which goes beyond what its target takes on purpose. A ratio does:
 * how good answers are is not a matter of how many are asked for.
 */
export function isOfWholeSearch({ metric, phase }: Criterion): boolean {
  return isKnownAtTheEnd(metric) || metric.kind === 'ratio' || phase.name === 'warmup';
}

/**
 * What each level of a plan's search is judged by: its own criteria, the plan's thresholds as far as they can be judged on a level,
 * and, unless one of these is about it, that less than 1 % of the requests and passes fail and at most 1 % of the arrivals are dropped.
 *
 * @param plan that {@link searchProblems} found nothing wrong with
 */
export function levelCriteriaOf(plan: ParsedPlan, rows: readonly Selectable[]): LevelCriteria | undefined {
  const searched = searchedScenario(plan);
  if (searched === undefined) return undefined;
  const { name } = searched;
  const own = rows.filter(({ scenarioName }) => scenarioName === name);
  const selected = (criterion: Criterion, among: readonly Selectable[]): LevelCriterion => {
    return { criterion, selection: select(criterion, among) };
  };
  return {
    all: judgedCriteria(plan, searched).map((criterion) => selected(criterion, rows)),
    requests: selected(parseThreshold(`scenario:${quoteName(name)} p95 < 1s`), rows),
    iterations: selected(parseThreshold(DROPPED_DEFAULT), own),
  };
}

/** Those that are written, and those that apply by default. */
export function judgedCriteria(plan: ParsedPlan, { name, scenario }: SearchedScenario): Criterion[] {
  const given = criterionTexts(plan, scenario).map(parseThreshold).filter(isOfLevels);
  const limitsDropped = given.some(({ metric }) => metric.kind === 'dropped_rate');
  const defaults = [
    ...failureDefaults(given, { scenarios: { [name]: scenario } }),
    ...(scenario.of === 'vus' || limitsDropped ? [] : [DROPPED_DEFAULT]),
  ];
  return [...given, ...defaults.map(parseThreshold)];
}

function criterionTexts({ thresholds }: ParsedPlan, { until }: SearchScenario): string[] {
  const required = thresholds.flatMap((given) => {
    if (typeof given === 'string') return [given];
    return given.severity === 'fail' ? [given.criterion] : [];
  });
  return [...new Set([...until, ...required])];
}

/**
 * What is wrong with a criterion of a search.
 * @throws {ThresholdError} when it cannot be read, or cannot be judged on a level
 */
export function checkLevelCriterion(text: string, rows: readonly Selectable[], monitors: readonly string[]): void {
  const criterion = parseThreshold(text);
  select(criterion, rows, monitors);
  const wrong = whyNotOfLevels(criterion);
  if (wrong !== undefined) throw new ThresholdError(text, 0, wrong);
}

function whyNotOfLevels({ metric, metricName, check, phase, limit, windowSeconds }: Criterion): string | undefined {
  if (limit.baseline !== undefined) return 'levels are not compared with a baseline: write the limit itself';
  if (windowSeconds !== undefined) return 'each level is judged as a whole: leave out "for"';
  if (check !== undefined) return 'checks are judged at the end of the run, not for each level';
  if (phase.name !== 'measure') return 'levels are no part of the warm-up';
  if (metric.kind === 'ratio') return 'a ratio is judged over the whole search: write it under thresholds';
  if (OF_LEVELS.has(metric.kind)) return undefined;
  return `${metricName} does not get worse with the load alone: use a share or a duration, such as error_rate or p95`;
}
