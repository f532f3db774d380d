import { builtinDrivers, builtinMonitors, builtinOutputs } from '../../../plugins/builtin.ts';
import type { PluginKind } from '../../../plugins/loader/check-export.ts';
import { pluginFile } from '../../../plugins/loader/load.ts';
import { errorMessage } from '../../error.ts';
import { type BundleEntry, bundleProblem } from '../../plan/bundle.ts';
import type { ResolvedPlan } from '../../plan/resolve.ts';
import { referencesIn } from '../../secrets/reference.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { RunnablePlan } from '../plans/checked-plan.ts';
import { bundleModule, endBundling } from './bundle-module.ts';
import { hashedFile, sha256Of } from './hashed-file.ts';

/** What a plan names, ready to be sent. */
export interface PlanBundle {
  readonly entries: readonly BundleEntry[];
  /** The content of each entry by its hash: in memory, or as the path of a file. */
  readonly contents: ReadonlyMap<string, Uint8Array | string>;
}

/** An entry with its content, in memory or as the path of a file. */
interface Gathered {
  readonly entry: BundleEntry;
  readonly content: Uint8Array | string;
}

interface NamedModule {
  readonly kind: PluginKind;
  readonly reference: string;
  /** Names of the plugins of this kind that are built in. */
  readonly builtin: readonly string[];
}

/**
 * Gathers what a plan names: the code that is not built in, each with what it imports in one module, and the files of which
 * drivers, monitors and scripts say that they read them.
 * @param isRemote whether the run is for agents that others have started, where a file may be that is not here
 * @throws {CommandError} with all that cannot be sent
 */
export async function planBundle(
  { resolved, baseDirectory, files }: Pick<RunnablePlan, 'resolved' | 'baseDirectory' | 'files'>,
  isRemote: boolean,
): Promise<PlanBundle> {
  const gathered: Gathered[] = [];
  const problems: string[] = [];
  const gather = async (found: Promise<Gathered | undefined>) => {
    try {
      const one = await found;
      if (one !== undefined) gathered.push(one);
    } catch (error) {
      problems.push(errorMessage(error));
    }
  };
  const modules = modulesOf(resolved);
  for (const module of modules) await gather(moduleOf(module, baseDirectory));
  if (modules.length > 0) await endBundling();
  for (const name of files) {
    // Each host looks such a path up itself.
    if (referencesIn(name).length === 0) await gather(fileOf(name, baseDirectory, isRemote));
  }
  const entries = gathered.map(({ entry }) => entry);
  const problem = bundleProblem(entries);
  if (problem !== undefined) problems.push(`The run cannot be started: ${problem}.`);
  if (problems.length > 0) throw new CommandError(problems.join('\n'), EXIT.invalidInput);
  return { entries, contents: new Map(gathered.map(({ entry, content }) => [entry.sha256, content])) };
}

async function moduleOf({ kind, reference, builtin }: NamedModule, baseDirectory: string): Promise<Gathered> {
  try {
    const content = await bundleModule(pluginFile(kind, reference, baseDirectory, builtin), baseDirectory);
    const sha256 = sha256Of(content);
    return { entry: { kind: 'module', name: reference, sha256, bytes: content.length }, content };
  } catch (error) {
    throw new CommandError(`The ${kind} "${reference}" cannot be sent to agents: ${errorMessage(error)}.`, EXIT.error, {
      cause: error,
    });
  }
}

async function fileOf(name: string, baseDirectory: string, mayLack: boolean): Promise<Gathered | undefined> {
  try {
    const file = await hashedFile(name, baseDirectory);
    if (file === undefined && mayLack) return undefined;
    if (file === undefined) throw new CommandError('there is no such file');
    const { path, sha256, bytes } = file;
    return { entry: { kind: 'file', name, sha256, bytes }, content: path };
  } catch (error) {
    throw new CommandError(`The plan's file ${name} cannot be read: ${errorMessage(error)}.`, EXIT.error, {
      cause: error,
    });
  }
}

/** The plugins, shapes and scripts of a plan that are not built in. */
function modulesOf({ plan, drivers }: ResolvedPlan): NamedModule[] {
  const [driverNames, monitorNames] = [Object.keys(builtinDrivers), Object.keys(builtinMonitors)];
  const named: NamedModule[] = [...drivers.keys()].map((alias) => {
    return { kind: 'driver', reference: plan.drivers[alias]?.use ?? alias, builtin: driverNames };
  });
  for (const [name, { use = name }] of Object.entries(plan.monitors)) {
    named.push({ kind: 'monitor', reference: use, builtin: monitorNames });
  }
  for (const [name, { use = name }] of Object.entries(plan.outputs)) {
    named.push({ kind: 'output', reference: use, builtin: Object.keys(builtinOutputs) });
  }
  for (const scenario of Object.values(plan.scenarios)) {
    if (scenario.executor === 'shape') named.push({ kind: 'shape', reference: scenario.shape, builtin: [] });
    if (scenario.user !== undefined) named.push({ kind: 'script', reference: scenario.user, builtin: [] });
  }
  const sent = named.filter(({ reference, builtin }) => !builtin.includes(reference));
  return [...new Map(sent.map((module) => [module.reference, module])).values()];
}
