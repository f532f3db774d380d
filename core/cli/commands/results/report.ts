import process from 'node:process';
import type { Command } from 'commander';
import type { RunResult } from '../../../stats/result.ts';
import type { Lang } from '../../../verdict/messages/lang.ts';
import { CommandError } from '../../command-error.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { ReportAccess } from '../../files/report-path.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../../flags/connection-flags.ts';
import {
  flag,
  languageFlag,
  type ReportFlag,
  refuseUnused,
  reportAccessFlag,
  reports,
  runNames,
} from '../../flags/flags.ts';
import type { Output } from '../../output.ts';

interface ReportFlags extends StoreFlags {
  readonly from?: string;
  readonly baseline?: readonly string[];
  readonly report: readonly ReportFlag[];
  readonly out?: string;
  readonly lang?: Lang;
  readonly reportAccess: ReportAccess;
}

const DEFAULT_REPORTS: readonly ReportFlag[] = [{ use: 'markdown' }, { use: 'json' }];

export function addReport(command: Command, run: (run: string | undefined, flags: ReportFlags) => Promise<void>): void {
  addStoreFlags(
    command.description('write reports of a stored run, or of a result file').argument('[run]', 'id from `bench runs`'),
  )
    .addOption(flag('--from <file>', 'read this result.json instead of a stored run'))
    .addOption(
      flag('--report <name[=path]>', 'a report to write; repeatable')
        .argParser(reports)
        .default(undefined, 'markdown, json'),
    )
    .addOption(flag('-o, --out <folder>', 'folder for the reports (default: bench-reports/<run>)'))
    .addOption(
      flag(
        '--baseline <name|run|file>',
        'what to compare the run with; repeatable (default: its own baseline, where the store has the runs)',
      ).argParser(runNames),
    )
    .addOption(reportAccessFlag())
    .addOption(languageFlag())
    .addHelpText(
      'after',
      `
Examples:
  bench report V1StGXR8_Z5j
  bench report V1StGXR8_Z5j --report html=run.html
  bench report V1StGXR8_Z5j --baseline main
  bench report --from bench-reports/V1StGXR8_Z5j/result.json --report junit`,
    )
    .action((id: string | undefined, flags: ReportFlags, command: Command) => {
      const isOfFiles = flags.from !== undefined && flags.baseline === undefined;
      const unused = !isOfFiles ? [] : ['control', 'credentials', 'store'];
      for (const name of unused) refuseUnused(command, name, 'cannot be used with --from, which names a file.');
      if (!isOfFiles) refuseUnusedStoreFlags(flags, command);
      return run(id, flags);
    });
}

export async function runReport(run: string | undefined, flags: ReportFlags, output: Output): Promise<ExitCode> {
  if ((run === undefined) === (flags.from === undefined)) {
    throw new CommandError(
      'Give either the id of a run (`bench runs` lists the runs) or --from with a result file.',
      EXIT.invalidInput,
    );
  }
  const { planReports, writeReports } = await import('../../files/report-files.ts');
  const planned = await planReports(flags.report ?? DEFAULT_REPORTS, process.cwd(), flags);
  const { loadResultFile } = await import('../../files/result-file.ts');
  const { getRun } = await import('../../client/stored-runs.ts');
  const read = flags.from === undefined ? await getRun(run as string, flags) : loadResultFile(flags.from);
  const result = await comparedResult(read, flags, output);
  const { written, problems } = await writeReports(result, planned);
  for (const file of written) output.line(file);
  for (const problem of problems) output.problem(`bench: ${problem}`);
  return problems.length === 0 ? EXIT.pass : EXIT.error;
}

/** With what the comparison with a baseline comes to: the one that is named, or else the run's own. */
async function comparedResult(result: RunResult, flags: ReportFlags, output: Output): Promise<RunResult> {
  const own = flags.from === undefined && result.comparison === undefined ? result.baseline : undefined;
  const names = flags.baseline ?? own?.runIds;
  if (names === undefined) return result;
  const { loadBaseline } = await import('../../client/named-runs.ts');
  const { withComparison } = await import('../../../verdict/baseline/before-and-after.ts');
  try {
    const { name, runs } = await loadBaseline(names, flags);
    const baseline = { name: flags.baseline === undefined ? (own?.name ?? name) : name, runIds: idsOf(runs) };
    return withComparison(runs, { ...result, baseline });
  } catch (error) {
    if (flags.baseline !== undefined || !(error instanceof CommandError)) throw error;
    output.problem(
      `The report does not compare the run with its baseline ${own?.name}, whose runs are not in this store: name its file with --baseline.`,
    );
    return result;
  }
}

function idsOf(runs: readonly RunResult[]): string[] {
  return runs.map(({ runId }) => runId);
}
