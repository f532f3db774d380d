import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { DEFAULT_STORE, storeText } from '../files/store-location.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';

export function addRuns(command: Command, run: (flags: StoreFlags) => Promise<void>): void {
  addStoreFlags(command.description('list the stored runs'))
    .addHelpText(
      'after',
      `
Examples:
  bench runs                            the runs that \`bench run\` and \`bench control\` have stored in ./${DEFAULT_STORE}
  bench runs --control control.example:7070`,
    )
    .action((flags: StoreFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      return run(flags);
    });
}

export async function runRuns(flags: StoreFlags, output: Output): Promise<ExitCode> {
  const { listRuns } = await import('../client/stored-runs.ts');
  const runs = await listRuns(flags);
  const { runsTable } = await import('../view/listings.ts');
  if (runs.length === 0) output.line(`There are no runs in ${flags.control ?? storeText(flags.store)}.`);
  else output.screen(runsTable(runs, output.columns(), output.paint));
  return EXIT.pass;
}
