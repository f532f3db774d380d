import type { Command } from 'commander';
import { printable } from '../../text/printable.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { DEFAULT_STORE, storeText } from '../files/store-location.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../flags/connection-flags.ts';
import { flag } from '../flags/flags.ts';
import type { Output } from '../output.ts';

interface RunsFlags extends StoreFlags {
  readonly tag?: string;
}

export function addRuns(command: Command, run: (flags: RunsFlags) => Promise<void>): void {
  addStoreFlags(command.description('list the stored runs, with their tags and notes'))
    .addOption(flag('--tag <tag>', 'only runs that have this tag'))
    .addHelpText(
      'after',
      `
Examples:
  bench runs                            the runs that \`bench run\` and \`bench control\` have stored in ./${DEFAULT_STORE}
  bench runs --control control.example:7070
  bench runs --tag nightly

Tags and notes are written on the live page or over the HTTP API.`,
    )
    .action((flags: RunsFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      return run(flags);
    });
}

export async function runRuns(flags: RunsFlags, output: Output): Promise<ExitCode> {
  const { listRuns } = await import('../client/stored-runs.ts');
  const { tag } = flags;
  const runs = (await listRuns(flags)).filter(({ tags }) => tag === undefined || tags.includes(tag));
  const { runsTable } = await import('../view/listings.ts');
  const which = tag === undefined ? 'runs' : `runs with the tag ${printable(tag)}`;
  if (runs.length === 0) output.line(`There are no ${which} in ${flags.control ?? storeText(flags.store)}.`);
  else output.screen(runsTable(runs, output.columns(), output.paint));
  return EXIT.pass;
}
