import process from 'node:process';
import { builtinReports } from '../../../reports/builtin.ts';
import { makeView } from '../../../reports/view.ts';
import type { ReportDesk } from '../../web/plan-desk.ts';
import { CommandError } from '../command-error.ts';
import { reportOptions } from '../files/report-files.ts';
import { loadReport } from '../plugins/load-plugin.ts';

/** Makes the reports that `bench report` makes: the same bytes for the same result. */
export const reportDesk: ReportDesk = {
  formats: Object.keys(builtinReports),
  async render(format, result, lang) {
    const plugin = await loadReport(format, process.cwd());
    const options = await reportOptions(format, plugin, {}, lang);
    if (options.issues !== undefined) throw new CommandError(`the report ${format} cannot be made without options`);
    return plugin.render(result, options.value);
  },
  view: makeView,
};
