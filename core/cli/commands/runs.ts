import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { DEFAULT_STORE, storeText } from '../files/store-location.ts';
import { address, credentialsFlag, flag } from '../flags/flags.ts';
import type { Output } from '../output.ts';

export interface StoreFlags {
  readonly control?: string;
  readonly credentials?: string;
  readonly store: string;
}

/** Where stored runs are looked for. */
export function addStoreFlags(command: Command): Command {
  return command
    .addOption(flag('--control <host:port>', 'ask the control that runs there').argParser(address))
    .addOption(credentialsFlag())
    .addOption(flag('--store <file|url>', 'read the store, when there is no control').default(DEFAULT_STORE));
}

export function addRuns(command: Command, run: (flags: StoreFlags) => Promise<void>): void {
  addStoreFlags(command.description('list the runs that are kept'))
    .addHelpText(
      'after',
      `
Examples:
  bench runs                            those that \`bench run\` and \`bench control\` have kept in ./${DEFAULT_STORE}
  bench runs --control 10.0.0.5:7070`,
    )
    .action(run);
}

export async function runRuns(flags: StoreFlags, output: Output): Promise<ExitCode> {
  const { listRuns } = await import('../client/stored-runs.ts');
  const { runsTable } = await import('../view/runs-table.ts');
  const runs = await listRuns(flags);
  if (runs.length === 0) output.line(`No runs are kept in ${flags.control ?? storeText(flags.store)}.`);
  else for (const line of runsTable(runs, output.columns(), output.paint)) output.line(line);
  return EXIT.pass;
}
