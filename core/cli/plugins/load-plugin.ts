import { loadDriver, loadMonitor, loadOutput, loadPlugin } from '../../../plugins/loader/load.ts';
import { builtinReports } from '../../../reports/builtin.ts';
import {
  type DriverPlugin,
  type MonitorPlugin,
  type OutputPlugin,
  PluginError,
  type ReportPlugin,
} from '../../plugin.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ListedKind } from './known-plugins.ts';

/** @throws {PluginError} as {@link loadPlugin} */
export function loadReport(reference: string, baseDirectory: string): Promise<ReportPlugin> {
  return loadPlugin('report', reference, baseDirectory, builtinReports);
}

type AnyPlugin = DriverPlugin | MonitorPlugin | OutputPlugin | ReportPlugin;

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
      return { kind, plugin: await load(reference, folder) };
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
