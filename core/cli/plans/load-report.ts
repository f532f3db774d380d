import { loadPlugin } from '../../../plugins/loader/load.ts';
import { builtinReports } from '../../../reports/builtin.ts';
import type { ReportPlugin } from '../../plugin.ts';

/** @throws {PluginError} as `loadPlugin` */
export function loadReport(reference: string, baseDirectory: string): Promise<ReportPlugin> {
  return loadPlugin('report', reference, baseDirectory, builtinReports);
}
