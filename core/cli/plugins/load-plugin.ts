import process from 'node:process';
import { loadDriver, loadMonitor, loadOutput, loadPlugin } from '../../../plugins/loader/load.ts';
import { builtinReports } from '../../../reports/builtin.ts';
import type { ControlOutput } from '../../control/outputs/run-outputs.ts';
import { processLookup } from '../../environment.ts';
import { errorMessage } from '../../error.ts';
import { formatProblem, optionProblems } from '../../plan/problem.ts';
import { filledWith } from '../../plan/secrets.ts';
import {
  type DriverPlugin,
  type MonitorPlugin,
  type OutputPlugin,
  PluginError,
  type ReportPlugin,
} from '../../plugin.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { OutToFlag } from '../flags/flags.ts';
import type { ListedKind } from './known-plugins.ts';
import { callingPlugins } from './plugin-calls.ts';

/** @throws {PluginError} as {@link loadPlugin} */
export function loadReport(reference: string, baseDirectory: string): Promise<ReportPlugin> {
  return loadPlugin('report', reference, baseDirectory, builtinReports);
}

export type AnyPlugin = DriverPlugin | MonitorPlugin | OutputPlugin | ReportPlugin;

/** A driver has all that a monitor has, so it is asked first. */
const LOADERS: readonly (readonly [ListedKind, (reference: string, folder: string) => Promise<AnyPlugin>])[] = [
  ['driver', loadDriver],
  ['report', loadReport],
  ['monitor', loadMonitor],
  ['output', loadOutput],
];

/**
 * Loads a plugin of which only the name is known.
 * @param folder that paths are relative to and where packages are looked for
 * @throws {CommandError} when it is not found, cannot be loaded or is no plugin
 */
export async function loadAny(
  reference: string,
  folder: string,
): Promise<{ readonly kind: ListedKind; readonly plugin: AnyPlugin }> {
  const problems: string[] = [];
  for (const [kind, load] of LOADERS) {
    try {
      return { kind, plugin: await watchedLoad(kind, reference, () => load(reference, folder)) };
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      problems.push(error.message);
    }
  }
  const isNone = problems.every((problem) => /is not an? (driver|report|monitor|output)|^unknown /.test(problem));
  throw new CommandError(
    isNone
      ? `"${reference}" is no driver, report, monitor or output; \`bench plugins\` lists those there are.`
      : (problems[0] ?? ''),
    EXIT.invalidInput,
  );
}

function watchedLoad<P>(kind: ListedKind, use: string, load: () => Promise<P>): Promise<P> {
  return callingPlugins((calls) => calls.watch({ kind, use }, 'the module', load));
}

/**
 * The outputs that a control gives all of its runs, with the values of what they refer to.
 * @throws {CommandError} when one is not found or refuses its options, or a secret has no value
 */
export async function controlOutputs(wanted: readonly OutToFlag[]): Promise<readonly ControlOutput[]> {
  const baseDirectory = process.cwd();
  const lookup = processLookup(baseDirectory);
  return Promise.all(
    wanted.map(async ({ use, url }): Promise<ControlOutput> => {
      try {
        const plugin = await watchedLoad('output', use, () => loadOutput(use, baseDirectory));
        const checked = await plugin.options['~standard'].validate(url === undefined ? {} : { url });
        const problems = optionProblems('', checked.issues ?? []).map(formatProblem);
        if (checked.issues !== undefined) throw new CommandError(problems.join('; '));
        const { value: options, mask } = filledWith(checked.value, lookup);
        return { name: use, plugin, options, hide: (text) => mask.hide(text) };
      } catch (error) {
        throw new CommandError(`--out-to ${use}: ${errorMessage(error)}`, EXIT.invalidInput);
      }
    }),
  );
}
