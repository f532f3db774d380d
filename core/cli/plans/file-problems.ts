import type { PlanProblem } from '../../plan/problem.ts';
import { optionsProblem, type ResolvedPlan } from '../../plan/resolve.ts';
import type { CallPlugin } from '../../plugin-call.ts';

/**
 * What the files say that drivers of a plan name, where that forbids a run.
 * @param baseDirectory the plan's folder
 */
export async function fileProblems(
  { plan, drivers }: ResolvedPlan,
  baseDirectory: string,
  call: CallPlugin,
): Promise<PlanProblem[]> {
  const problems: PlanProblem[] = [];
  for (const [name, { plugin, options }] of drivers) {
    const named = { kind: 'driver', use: plan.drivers[name]?.use ?? name } as const;
    const found = await call(named, 'problems', () => plugin.problems?.(options, baseDirectory));
    problems.push(...(found ?? []).map((issue) => optionsProblem(name, issue)));
  }
  return problems;
}
