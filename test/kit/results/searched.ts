import type { PlanInput } from '../../../core/plan/schema.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import { buildResult } from './results.ts';
import { runSearch, SimulatedTarget, searchPlan } from './simulated-target.ts';

export interface SearchedRun {
  readonly runId?: string;
  /** Requests per second that the target takes. */
  readonly limit: number;
  /** The highest level that is tried. */
  readonly to?: number;
  readonly plan?: Partial<PlanInput>;
}

/** The result of a run that searched the greatest load of a target. */
export function searchedResult({ runId, limit, to, plan = {} }: SearchedRun): RunResult {
  const range = { of: 'rate' as const, from: 100, to: to ?? 100_000, precision: 0.05 };
  const { search, seconds } = runSearch(new SimulatedTarget(limit), { range });
  const found = search.result();
  const stretches = found.levels.map(({ fromSecond, perSecond, level, p95Us }, i) => {
    const until = found.levels[i + 1]?.fromSecond ?? seconds;
    const ms = { 0: 4, 0.5: 5, 0.95: p95Us / 1e3, 1: 2 * (p95Us / 1e3) };
    return {
      seconds: until - fromSecond,
      vus: Math.ceil(level / 20),
      operations: { get: { perSecond: Math.round(perSecond), ms } },
    };
  });
  const id = runId === undefined ? {} : { runId };
  return buildResult({ ...id, plan: searchPlan({}, plan), stretches, search: found, types: { get: 'GET' } });
}
