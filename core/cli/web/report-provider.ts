import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { builtinReports } from '../../../reports/builtin.ts';
import { makeComparisonView } from '../../../reports/compare/view.ts';
import { readResult } from '../../../reports/read-result.ts';
import { makeView } from '../../../reports/view.ts';
import type { ReportFile } from '../../plugin.ts';
import type { RunResult } from '../../stats/result.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import type { ReportProvider } from '../../web/providers.ts';
import { CommandError } from '../command-error.ts';
import { COMPARISON_FORMATS, renderComparison } from '../files/comparison-files.ts';
import { reportOptions } from '../files/report-files.ts';
import { loadReport } from '../plugins/load-plugin.ts';

type Rendering = Promise<readonly ReportFile[]>;

/** Without the labels, which whoever shows it has. */
const shownComparison: ReportProvider['comparisonView'] = (comparison, lang) => {
  const { labels: _, ...shown } = makeComparisonView(comparison, lang);
  return shown;
};

/** Makes the reports that `bench report` makes: the same bytes for the same result. */
export class BuiltinReportProvider implements ReportProvider {
  readonly formats = Object.keys(builtinReports);
  readonly readResult = readResult;
  readonly view = makeView;
  readonly comparisonView = shownComparison;
  readonly comparisonFormats = COMPARISON_FORMATS;
  readonly renderComparison = renderComparison;
  /** By result, format and language: control has other things to do than to make what it has made. It goes with the result. */
  readonly #made = new WeakMap<RunResult, Map<string, Rendering>>();

  render(format: string, result: RunResult, lang: Lang): Rendering {
    const made = this.#made.get(result) ?? new Map<string, Rendering>();
    this.#made.set(result, made);
    const key = `${format} ${lang}`;
    const rendering = made.get(key) ?? render(format, result, lang);
    made.set(key, rendering);
    return rendering;
  }
}

async function render(format: string, result: RunResult, lang: Lang): Rendering {
  const plugin = await loadReport(format, process.cwd());
  const options = await reportOptions(format, plugin, {}, lang);
  if (options.issues !== undefined) throw new CommandError(`the report ${format} cannot be made without options`);
  // A large report takes more than a second, and whoever wants several must not keep control from its agents.
  await setImmediate();
  return plugin.render(result, options.value);
}
