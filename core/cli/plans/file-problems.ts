import type { PlanProblem } from '../../plan/problem.ts';
import { optionsProblem, type ResolvedPlan } from '../../plan/resolve.ts';
import type { CallPlugin } from '../../plugin-call.ts';

/**
 * What the files say that drivers of a plan name, where that forbids a run.
 * @param baseDirectory the plan's folder
 * @param refusalOf why a file may not be named; nothing is told then of what is in the files of its driver
 */
export async function fileProblems(
  { plan, drivers }: ResolvedPlan,
  baseDirectory: string,
  call: CallPlugin,
  refusalOf: (name: string) => string | undefined = () => undefined,
): Promise<PlanProblem[]> {
  const problems: PlanProblem[] = [];
  for (const [name, { plugin, options }] of drivers) {
    const named = { kind: 'driver', use: plan.drivers[name]?.use ?? name } as const;
    if (plugin.problems === undefined) continue;
    const names = await call(named, 'files', () => plugin.files?.(options, plan.target ?? '', baseDirectory));
    const refused = (names ?? []).flatMap((file) => refusalOf(file) ?? []);
    if (refused.length > 0) {
      problems.push(...refused.map((message) => optionsProblem(name, { message })));
      continue;
    }
    const found = await call(named, 'problems', () => plugin.problems?.(options, baseDirectory));
    problems.push(...(found ?? []).map((issue) => optionsProblem(name, issue)));
  }
  return problems;
}
