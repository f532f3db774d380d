import { takesArrivals } from '../../plan/load/load-model.ts';
import type { ParsedPlan, ParsedScenario, PlanInput } from '../../plan/schema.ts';
import { isOfLevels, isOfWholeSearch } from '../../verdict/capacity/level-criteria.ts';
import { parseThreshold } from '../../verdict/criterion.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/** How the greatest load is searched: what `bench find-max` is told. */
export interface SearchFlags {
  readonly until?: readonly string[];
  readonly of?: 'rate' | 'vus';
  readonly from?: number;
  readonly to?: number;
  /** Such as `5%`. */
  readonly precision?: string;
  readonly levelTime?: string;
  readonly confirm?: string;
  readonly maxDuration?: string;
  /** Requests per second. */
  readonly atLeast?: number;
  /** Requests per second. */
  readonly need?: number;
  readonly reserve?: number;
}

type ScenarioInput = PlanInput['scenarios'][string];
type ThresholdInput = NonNullable<PlanInput['thresholds']>[number];

/** What a scenario does; all other fields are its load. */
const WORK = ['operations', 'flow', 'user', 'data', 'onStart', 'onStop', 'onFailure', 'thinkTime', 'gracefulStop'];
const ARRIVALS = ['maxVus', 'arrivals'];

/**
 * The plan with the load of its scenario searched, and without what says nothing of a search.
 * @throws {CommandError} when it has several scenarios, and none of them is a search
 */
export function searchingPlan(
  plan: PlanInput,
  parsed: ParsedPlan,
  flags: SearchFlags,
): { readonly plan: PlanInput; readonly notices: readonly string[] } {
  const name = scenarioOf(parsed);
  const given = plan.scenarios[name] as ScenarioInput;
  const { atLeast, need, reserve } = flags;
  const { kept, notices } = thresholdsOf(plan.thresholds ?? []);
  const wanted = kept.filter((threshold) => atLeast === undefined || !/\bmax_rps\b/.test(textOf(threshold)));
  const asked = { ...plan.capacity, ...(need !== undefined && { need }), ...(reserve !== undefined && { reserve }) };
  if (asked.need === undefined && reserve !== undefined) {
    throw new CommandError('--reserve is for a need: add --need, such as --need 10000.', EXIT.invalidInput);
  }
  return {
    plan: {
      ...plan,
      scenarios: { ...plan.scenarios, [name]: searching(given, parsed.scenarios[name] as ParsedScenario, flags) },
      thresholds: [...wanted, ...(atLeast === undefined ? [] : [`max_rps >= ${atLeast}`])],
      ...(asked.need !== undefined && { capacity: { ...asked, need: asked.need } }),
    },
    notices,
  };
}

function scenarioOf({ scenarios }: ParsedPlan): string {
  const all = Object.entries(scenarios);
  const searched = all.find(([, { executor }]) => executor === 'find-max') ?? (all.length === 1 ? all[0] : undefined);
  if (searched !== undefined) return searched[0];
  throw new CommandError(
    `The plan has ${all.length} scenarios (${all.map(([name]) => name).join(', ')}): give the one whose load is to be searched the executor find-max.`,
    EXIT.invalidInput,
  );
}

function searching(given: ScenarioInput, parsed: ParsedScenario, flags: SearchFlags): ScenarioInput {
  const { until, from, to, precision, levelTime, confirm, maxDuration } = flags;
  const before = parsed.executor === 'find-max' ? Object.entries(given) : [];
  const of = flags.of ?? (takesArrivals(parsed) ? 'rate' : 'vus');
  const fields = of === 'rate' ? [...WORK.filter((field) => field !== 'thinkTime'), ...ARRIVALS] : WORK;
  const kept = Object.entries(given).filter(([field]) => fields.includes(field));
  const search = { until, from, to, precision, levelTime, confirm, maxDuration };
  return {
    ...Object.fromEntries(before),
    ...Object.fromEntries(kept),
    ...Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)),
    executor: 'find-max',
    of,
  } as ScenarioInput;
}

function textOf(threshold: ThresholdInput): string {
  return typeof threshold === 'string' ? threshold : threshold.criterion;
}

/** The thresholds that say something of a level or of the search; none of them stops it. */
function thresholdsOf(all: readonly ThresholdInput[]): { kept: ThresholdInput[]; notices: string[] } {
  const says = (threshold: ThresholdInput) => {
    const criterion = parseThreshold(textOf(threshold));
    return isOfLevels(criterion) || isOfWholeSearch(criterion);
  };
  const kept = all.filter(says).map((threshold): ThresholdInput => {
    if (typeof threshold === 'string') return threshold;
    const { abort: _, delay: __, ...rest } = threshold;
    return rest;
  });
  const left = all.filter((threshold) => !says(threshold)).map(textOf);
  return {
    kept,
    notices: left.length === 0 ? [] : [`Not judged, because a search goes through many loads: ${left.join('; ')}.`],
  };
}
