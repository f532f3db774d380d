import { errorMessage } from '../../error.ts';
import { formatPath, type PlanProblem } from '../../plan/problem.ts';
import { optionsProblem, type ResolvedPlan } from '../../plan/resolve.ts';
import type { MonitorPlugin } from '../../plugin.ts';
import type { CallPlugin } from '../../plugin-call.ts';

/** The files that a plan's drivers, monitors and scenarios read, and what is wrong with that. */
export interface FilesOfPlan {
  /** Relative to the plan's folder or absolute, each once; some hold references such as `${env:NAME}`. */
  readonly names: readonly string[];
  readonly problems: readonly PlanProblem[];
}

/** A monitor of a plan whose options are right. */
export interface CheckedMonitor {
  readonly use: string;
  /** Path of its options in the plan. */
  readonly path: string;
  readonly plugin: Pick<MonitorPlugin, 'files'>;
  /** As its schema returned them. */
  readonly options: unknown;
}

/**
 * Asks the plugins of a plan which files they read, and drivers what they find in theirs.
 * @param monitors those of the plan
 * @param baseDirectory the plan's folder
 * @param refusalOf why a file may not be named; of a driver that names such a one, nothing is told of what is in its files
 */
export async function filesOfPlan(
  { plan, drivers }: ResolvedPlan,
  monitors: readonly CheckedMonitor[],
  baseDirectory: string,
  call: CallPlugin,
  refusalOf: (name: string) => string | undefined = () => undefined,
): Promise<FilesOfPlan> {
  const names = new Set<string>();
  const problems: PlanProblem[] = [];
  /** @returns whether all of them may be read */
  const add = (path: string, found: readonly string[] = []): boolean => {
    for (const name of found) names.add(name);
    const refused = found.flatMap((name) => refusalOf(name) ?? []);
    problems.push(...refused.map((message) => ({ path, message })));
    return refused.length === 0;
  };
  const { target = '' } = plan;
  for (const [name, { plugin, options }] of drivers) {
    const driver = { kind: 'driver', use: plan.drivers[name]?.use ?? name } as const;
    const path = formatPath(['drivers', name, 'options']);
    try {
      const found = await call(driver, 'files', () => plugin.files?.(options, target, baseDirectory));
      if (!add(path, found)) continue;
      const wrong = await call(driver, 'problems', () => plugin.problems?.(options, baseDirectory));
      problems.push(...(wrong ?? []).map((issue) => optionsProblem(name, issue)));
    } catch (error) {
      problems.push({ path, message: errorMessage(error) });
    }
  }
  for (const { use, path, plugin, options } of monitors) {
    try {
      add(path, await call({ kind: 'monitor', use }, 'files', () => plugin.files?.(options, target)));
    } catch (error) {
      problems.push({ path, message: errorMessage(error) });
    }
  }
  for (const [scenario, { data }] of Object.entries(plan.scenarios)) {
    for (const [set, { file }] of Object.entries(data))
      add(formatPath(['scenarios', scenario, 'data', set, 'file']), [file]);
  }
  return { names: [...names], problems };
}
