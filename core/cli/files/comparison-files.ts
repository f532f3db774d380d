import type { ComparedRuns } from '../../../reports/compare/charts.ts';
import { comparisonJson, comparisonMarkdown } from '../../../reports/compare/documents.ts';
import { comparisonHtml } from '../../../reports/compare/html.ts';
import { comparisonJunit } from '../../../reports/compare/junit.ts';
import type { RunComparison } from '../../verdict/compare/run-comparison.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import type { ReportFlag } from '../flags/flags.ts';
import { type PlannedReport, type PlannedReports, placeReports, type ReportSettings } from './report-files.ts';

/** A comparison with the runs that it is of. */
export interface ComparisonOfRuns extends ComparedRuns {
  readonly comparison: RunComparison;
}

interface ComparisonReport {
  readonly file: string;
  readonly render: (comparison: RunComparison, lang: Lang, runs: ComparedRuns) => string;
}

/** By the names that reports of a run have for these formats. */
const REPORTS: Readonly<Record<string, ComparisonReport>> = {
  html: { file: 'comparison.html', render: comparisonHtml },
  markdown: { file: 'comparison.md', render: comparisonMarkdown },
  json: { file: 'comparison.json', render: comparisonJson },
  junit: { file: 'comparison.xml', render: comparisonJunit },
};

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
    const report = Object.hasOwn(REPORTS, name) ? REPORTS[name] : undefined;
    if (report === undefined) {
      const known = Object.keys(REPORTS).join(', ');
      problems.push(`--report: there is no report "${name}" of a comparison: choose from ${known}.`);
      return [];
    }
    const render = ({ comparison, ...runs }: ComparisonOfRuns) => [
      { name: report.file, content: report.render(comparison, settings.lang, runs) },
    ];
    return [{ name, render, path }];
  });
  return placeReports(reports, problems, ({ comparison }) => `comparison-${comparison.after[0]}`, settings);
}
