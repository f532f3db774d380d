import { errorMessage } from '../../error.ts';
import { formatPath, type PlanProblem } from '../../plan/problem.ts';
import { optionsProblem, type ResolvedPlan } from '../../plan/resolve.ts';
import type { HostPlugin, MonitorPlugin, OutputPlugin } from '../../plugin.ts';
import type { CallPlugin, NamedPlugin } from '../../plugin-call.ts';

/** The files that a plan's drivers, monitors and scenarios read, and what is wrong with that. */
export interface FilesOfPlan {
  /** Relative to the plan's folder or absolute, each once; some hold references such as `${env:NAME}`. */
  readonly names: readonly string[];
  readonly problems: readonly PlanProblem[];
}

/** A monitor or an output of a plan whose options are right. */
export type CheckedPlugin = {
  readonly use: string;
  /** Path of its options in the plan. */
  readonly path: string;
  /** As its schema returned them. */
  readonly options: unknown;
} & (
  | { readonly kind: 'monitor'; readonly plugin: Pick<MonitorPlugin, 'files' | 'hostFiles'> }
  | { readonly kind: 'output'; readonly plugin: Pick<OutputPlugin, 'hostFiles'> }
);

/**
 * Asks the plugins of a plan which files they read, and drivers what they find in theirs.
 * @param others its monitors and outputs
 * @param baseDirectory the plan's folder
 * @param refusalOf why a file may not be named; of a driver that names such a one, nothing is told of what is in its files. Undefined
 *   where the plan is that of the user who runs this process
 */
export async function filesOfPlan(
  { plan, drivers }: ResolvedPlan,
  others: readonly CheckedPlugin[],
  baseDirectory: string,
  call: CallPlugin,
  refusalOf?: (name: string) => string | undefined,
): Promise<FilesOfPlan> {
  const { target = '' } = plan;
  const names = new Set<string>();
  const problems: PlanProblem[] = [];
  /** @returns whether all of them may be read */
  const add = (path: string, sent: readonly string[] = [], onHost: readonly string[] = []): boolean => {
    for (const name of sent) names.add(name);
    const refused = [...sent, ...onHost].flatMap((name) => refusalOf?.(name) ?? []);
    problems.push(...refused.map((message) => ({ path, message })));
    return refused.length === 0;
  };
  /** They are only judged. */
  const hostFilesOf = async (asked: NamedPlugin, plugin: Pick<HostPlugin<unknown>, 'hostFiles'>, options: unknown) =>
    refusalOf === undefined ? [] : call(asked, 'hostFiles', () => plugin.hostFiles?.(options, target));
  for (const [name, { plugin, options }] of drivers) {
    const driver = { kind: 'driver', use: plan.drivers[name]?.use ?? name } as const;
    const path = formatPath(['drivers', name, 'options']);
    try {
      const sent = await call(driver, 'files', () => plugin.files?.(options, target, baseDirectory));
      if (!add(path, sent, await hostFilesOf(driver, plugin, options))) continue;
      const wrong = await call(driver, 'problems', () => plugin.problems?.(options, baseDirectory));
      problems.push(...(wrong ?? []).map((issue) => optionsProblem(name, issue)));
    } catch (error) {
      problems.push({ path, message: errorMessage(error) });
    }
  }
  for (const { kind, use, path, plugin, options } of others) {
    const asked = { kind, use };
    try {
      const sent = kind === 'monitor' ? await call(asked, 'files', () => plugin.files?.(options, target)) : [];
      add(path, sent, await hostFilesOf(asked, plugin, options));
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
