import { errorMessage } from '../../error.ts';
import type { PlanProblem } from '../../plan/problem.ts';
import type { ResolvedPlan } from '../../plan/resolve.ts';
import type { CallPlugin } from '../../plugin-call.ts';
import { referencesIn } from '../../secrets/reference.ts';

/**
 * What drivers of a plan cannot do with its target. One that is missing may still be given with the run, and one with references
 * is known only where the run takes place.
 */
export async function targetProblems({ plan, drivers }: ResolvedPlan, call: CallPlugin): Promise<PlanProblem[]> {
  const { target = '' } = plan;
  if (target === '' || referencesIn(target).length > 0) return [];
  const takers = new Map<string, string[]>();
  for (const [name, { plugin, options }] of drivers) {
    const driver = { kind: 'driver', use: plan.drivers[name]?.use ?? name } as const;
    const judge = () => plugin.targetProblem?.(options, target);
    const problem = await call(driver, 'targetProblem', judge).catch(errorMessage);
    if (problem !== undefined) takers.set(problem, [...(takers.get(problem) ?? []), name]);
  }
  return [...takers].map(([problem, names]) => {
    const what = names.length === 1 ? 'driver' : 'drivers';
    return { path: 'target', message: `${problem} (${what} ${names.join(', ')})` };
  });
}
