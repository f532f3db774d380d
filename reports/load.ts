import type { ReportPlugin } from '../core/plugin.ts';
import { loadPlugin } from '../plugins/load.ts';
import { builtinReports } from './builtin.ts';

/** @throws {PluginError} as `loadPlugin` */
export function loadReport(reference: string, baseDirectory: string): Promise<ReportPlugin> {
  return loadPlugin('report', reference, baseDirectory, builtinReports);
}
