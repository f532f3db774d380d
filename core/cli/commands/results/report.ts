import process from 'node:process';
import type { Command } from 'commander';
import type { Lang } from '../../../verdict/messages/lang.ts';
import { CommandError } from '../../command-error.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { ReportAccess } from '../../files/report-path.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../../flags/connection-flags.ts';
import { flag, languageFlag, type ReportFlag, refuseUnused, reportAccessFlag, reports } from '../../flags/flags.ts';
import type { Output } from '../../output.ts';

interface ReportFlags extends StoreFlags {
  readonly from?: string;
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
    .addOption(reportAccessFlag())
    .addOption(languageFlag())
    .addHelpText(
      'after',
      `
Examples:
  bench report V1StGXR8_Z5j
  bench report V1StGXR8_Z5j --report html=run.html
  bench report --from bench-reports/V1StGXR8_Z5j/result.json --report junit`,
    )
    .action((id: string | undefined, flags: ReportFlags, command: Command) => {
      const unused = flags.from === undefined ? [] : ['control', 'credentials', 'store'];
      for (const name of unused) refuseUnused(command, name, 'cannot be used with --from, which names a file.');
      if (flags.from === undefined) refuseUnusedStoreFlags(flags, command);
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
  const result = flags.from === undefined ? await getRun(run as string, flags) : loadResultFile(flags.from);
  const { written, problems } = await writeReports(result, planned);
  for (const file of written) output.line(file);
  for (const problem of problems) output.problem(`bench: ${problem}`);
  return problems.length === 0 ? EXIT.pass : EXIT.error;
}
