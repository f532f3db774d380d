import { comparisonJson, comparisonMarkdown } from '../../../reports/compare/documents.ts';
import { comparisonHtml } from '../../../reports/compare/html.ts';
import { comparisonJunit } from '../../../reports/compare/junit.ts';
import type { ReportFile } from '../../plugin.ts';
import type { ComparedRuns, ComparisonOfRuns } from '../../verdict/compare/compare-runs.ts';
import type { RunComparison } from '../../verdict/compare/run-comparison.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import type { ReportFlag } from '../flags/flags.ts';
import { type PlannedReport, type PlannedReports, placeReports, type ReportSettings } from './report-files.ts';

interface ComparisonReport {
  readonly file: string;
  readonly render: (comparison: RunComparison, lang: Lang, runs: ComparedRuns) => string | Promise<string>;
}

/** By the names that reports of a run have for these formats. */
const REPORTS: Readonly<Record<string, ComparisonReport>> = {
  html: { file: 'comparison.html', render: comparisonHtml },
  markdown: { file: 'comparison.md', render: comparisonMarkdown },
  json: { file: 'comparison.json', render: comparisonJson },
  junit: { file: 'comparison.xml', render: comparisonJunit },
};

export const COMPARISON_FORMATS: readonly string[] = Object.keys(REPORTS);

/** @param format one of {@link COMPARISON_FORMATS} */
export async function renderComparison(
  format: string,
  { comparison, ...runs }: ComparisonOfRuns,
  lang: Lang,
): Promise<ReportFile> {
  const { file, render } = REPORTS[format] as ComparisonReport;
  return { name: file, content: await render(comparison, lang, runs) };
}

/**
 * Checks the names and paths of reports of a comparison.
 * @throws {CommandError} that lists all problems
 */
export function planComparisonReports(
  wanted: readonly ReportFlag[],
  settings: ReportSettings & { readonly lang: Lang },
): Promise<PlannedReports<ComparisonOfRuns>> {
  const problems: string[] = [];
  const reports = wanted.flatMap(({ use: name, path }): PlannedReport<ComparisonOfRuns>[] => {
    if (!COMPARISON_FORMATS.includes(name)) {
      const known = COMPARISON_FORMATS.join(', ');
      problems.push(`--report: there is no report "${name}" of a comparison: choose from ${known}.`);
      return [];
    }
    return [{ name, render: async (runs) => [await renderComparison(name, runs, settings.lang)], path }];
  });
  return placeReports(reports, problems, ({ comparison }) => `comparison-${comparison.after[0]}`, settings);
}
