import { errorMessage } from '../../error.ts';
import { optionProblems, type PlanProblem } from '../../plan/problem.ts';
import type { ResolvedPlan } from '../../plan/resolve.ts';
import type { MonitorPlugin, OutputPlugin } from '../../plugin.ts';
import type { CallPlugin } from '../../plugin-call.ts';
import { referencesIn } from '../../secrets/reference.ts';
import type { AnyPlugin } from '../plugins/load-plugin.ts';
import type { PluginCalls } from '../plugins/plugin-calls.ts';
import type { CheckedPlugin } from './files-of-plan.ts';
import type { PlanFile } from './plan-file.ts';
import { type PluginReference, pluginReferences } from './plugin-references.ts';

/** Whether a check has found problems. */
export function isFaulty<Result extends object>(
  checked: Result | readonly PlanProblem[],
): checked is readonly PlanProblem[] {
  return Array.isArray(checked);
}

/** The monitors and outputs that are right, plugins that cannot be loaded, and options that a plugin rejects. */
export async function checkedPlugins(
  calls: PluginCalls,
  { source, baseDirectory }: Pick<PlanFile, 'source' | 'baseDirectory'>,
  wanted: (reference: PluginReference) => boolean = () => true,
): Promise<{ readonly checked: readonly CheckedPlugin[]; readonly problems: readonly PlanProblem[] }> {
  const { loadDriver, loadMonitor, loadOutput } = await import('../../../plugins/loader/load.ts');
  const { loadReport } = await import('../plugins/load-plugin.ts');
  const loaders = { driver: loadDriver, monitor: loadMonitor, output: loadOutput, report: loadReport };
  const checked: CheckedPlugin[] = [];
  const problems: PlanProblem[] = [];
  // One after the other, so that it is known which one does not come back.
  for (const reference of pluginReferences(source).filter(wanted)) {
    const load = () => loaders[reference.kind](reference.use, baseDirectory);
    const one = await checkedPlugin(calls, reference, load);
    const { kind, use, optionsPath: path } = reference;
    if (isFaulty(one)) problems.push(...one);
    else if (kind === 'monitor') checked.push({ kind, use, path, ...one, plugin: one.plugin as MonitorPlugin });
    else if (kind === 'output') checked.push({ kind, use, path, ...one, plugin: one.plugin as OutputPlugin });
  }
  return { checked, problems };
}

/** A plugin whose options are right, with these, or what is wrong with it. */
async function checkedPlugin(
  calls: PluginCalls,
  { kind, use, path, optionsPath, options }: PluginReference,
  load: () => Promise<AnyPlugin>,
): Promise<{ readonly plugin: AnyPlugin; readonly options: unknown } | readonly PlanProblem[]> {
  try {
    const plugin = await calls.watch({ kind, use }, 'the module', load);
    const validate = () => plugin.options['~standard'].validate(options);
    const checked = await calls.call({ kind, use }, 'options.validate', validate);
    return checked.issues === undefined
      ? { plugin, options: checked.value }
      : optionProblems(optionsPath, checked.issues);
  } catch (error) {
    return [{ path, message: errorMessage(error) }];
  }
}

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
