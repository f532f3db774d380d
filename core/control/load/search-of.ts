import { highestLevel } from '../../plan/load/load-model.ts';
import type { SearchedLevel } from '../../stats/search/search-result.ts';
import { levelCriteriaOf, searchedScenario } from '../../verdict/capacity/level-criteria.ts';
import { MaxSearch } from '../../verdict/capacity/max-search.ts';
import { selectableRows } from '../../verdict/criterion/select.ts';
import { onlyNullDriver } from '../../verdict/validity/finding.ts';
import type { RunSpec } from '../run/run-spec.ts';

const PRECISION = 0.05;
const LEVEL_TIME_US = 30e6;
const CONFIRM_US = 60e6;

/**
 * The search of a plan with find-max; undefined for any other.
 * @param levels those that another control process has seen to their end
 */
export function searchOf(
  { plan, resolved, warmupUs }: Pick<RunSpec, 'plan' | 'resolved' | 'warmupUs'>,
  levels: readonly SearchedLevel[] = [],
): MaxSearch | undefined {
  const searched = searchedScenario(plan);
  const criteria = levelCriteriaOf(plan, selectableRows(resolved));
  if (searched === undefined || criteria === undefined) return undefined;
  const { name, scenario } = searched;
  const { of, from, precision = PRECISION, levelTime = LEVEL_TIME_US, confirm = CONFIRM_US } = scenario;
  const settings = {
    scenario: name,
    range: { of, from, to: highestLevel(scenario), precision },
    criteria,
    levelSeconds: Math.ceil(levelTime / 1e6),
    confirmSeconds: Math.ceil(confirm / 1e6),
    firstSecond: Math.ceil(warmupUs / 1e6),
    isOfGenerator: onlyNullDriver(resolved, plan),
  };
  return new MaxSearch(settings, levels);
}
