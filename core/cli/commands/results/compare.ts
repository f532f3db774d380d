import type { Command } from 'commander';
import type { Lang } from '../../../verdict/messages/lang.ts';
import { CommandError } from '../../command-error.ts';
import { EXIT, type ExitCode, exitCodeOfComparison } from '../../exit-codes.ts';
import type { ReportAccess } from '../../files/report-path.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../../flags/connection-flags.ts';
import {
  flag,
  languageFlag,
  percentage,
  type ReportFlag,
  reportAccessFlag,
  reports,
  runNames,
} from '../../flags/flags.ts';
import type { Output } from '../../output.ts';

interface CompareFlags extends StoreFlags {
  readonly baseline?: readonly string[];
  readonly tolerance: number;
  readonly force?: boolean;
  readonly report?: readonly ReportFlag[];
  readonly out?: string;
  readonly lang?: Lang;
  readonly reportAccess: ReportAccess;
}

export function addCompare(
  command: Command,
  run: (runs: readonly string[], flags: CompareFlags) => Promise<void>,
): void {
  addStoreFlags(
    command
      .description('compare runs of one plan: what became better, what worse, and how sure that is')
      .argument(
        '<run|file...>',
        'ids of stored runs, or result.json files; without --baseline: one before and one after',
      ),
  )
    .addOption(
      flag(
        '--baseline <name|run|file>',
        'what to compare with, from before: a baseline or a run; repeatable',
      ).argParser(runNames),
    )
    .addOption(
      flag('--tolerance <percent>', 'the smallest change that matters; more failures always do')
        .argParser(percentage)
        .default(0, '0%'),
    )
    .addOption(flag('--force', 'compare runs that offered different loads, or whose measurement cannot be trusted'))
    .addOption(
      flag('--report <name[=path]>', 'html, markdown, json or junit: a report to write; repeatable').argParser(reports),
    )
    .addOption(flag('-o, --out <folder>', 'folder for the reports (default: bench-reports/comparison-<run>)'))
    .addOption(reportAccessFlag())
    .addOption(languageFlag())
    .addHelpText(
      'after',
      `
Examples:
  bench compare V1StGXR8_Z5j aB3dEfGh1jKl
  bench compare before/result.json after/result.json --tolerance 5%
  bench compare after-1.json after-2.json after-3.json --baseline before-1.json,before-2.json,before-3.json
  bench compare V1StGXR8_Z5j --baseline main --report html=changed.html
  bench compare after/result.json --baseline before/result.json --report markdown=pr.md --report junit

Exit codes: 0 nothing got worse beyond the tolerance, 99 something did, 104 the runs cannot be compared,
120 the measurement of a run cannot be trusted.`,
    )
    .action((runs: readonly string[], flags: CompareFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      return run(runs, flags);
    });
}

export async function runCompare(names: readonly string[], flags: CompareFlags, output: Output): Promise<ExitCode> {
  const { before, after } = sidesOf(names, flags.baseline);
  const lang = flags.lang ?? 'en';
  const { planComparisonReports } = await import('../../files/comparison-files.ts');
  const planned = await planComparisonReports(flags.report ?? [], { ...flags, lang });
  const { loadSides } = await import('../../client/named-runs.ts');
  const [{ runs: befores }, { runs: afters }] = await loadSides([before, after], flags);
  const { loadObstacles } = await import('../../../verdict/compare/offered-load.ts');
  const { renderMessage } = await import('../../../verdict/messages/message.ts');
  const [difference] = loadObstacles([...befores, ...afters]);
  if (difference !== undefined && flags.force !== true) {
    throw new CommandError(
      `These runs did not offer the same load, so their figures say nothing about the target: ${renderMessage(difference, 'en')} Compare runs of the same load, or add --force.`,
      EXIT.invalidInput,
    );
  }
  const { compareRuns } = await import('../../../verdict/compare/compare-runs.ts');
  const { makeComparisonView } = await import('../../../../reports/compare/view.ts');
  const { writeReports } = await import('../../files/report-files.ts');
  const { comparisonScreen } = await import('../../view/comparison.ts');
  const comparison = compareRuns(befores, afters, { tolerance: flags.tolerance, trustsAll: flags.force === true });
  const { written, problems } = await writeReports({ comparison, before: befores, after: afters }, planned);
  output.screen(comparisonScreen(makeComparisonView(comparison, lang), written, output.columns(), output.paint));
  for (const problem of problems) output.problem(`bench: ${problem}`);
  return problems.length === 0 ? exitCodeOfComparison(comparison) : EXIT.error;
}

function sidesOf(names: readonly string[], baseline: readonly string[] | undefined) {
  if (baseline !== undefined) return { before: baseline, after: names };
  const [before, after, ...others] = names as [string, ...string[]];
  if (after === undefined)
    throw new CommandError(
      `${before} has nothing to be compared with: name the run before it with --baseline.`,
      EXIT.invalidInput,
    );
  if (others.length > 0)
    throw new CommandError(
      `Which of the ${names.length} runs are from before? Name them with --baseline.`,
      EXIT.invalidInput,
    );
  return { before: [before], after: [after] };
}
