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

interface DeleteFlags extends StoreFlags {
  readonly force?: boolean;
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

Tags and notes are given by \`bench run --tag\` and \`--note\`, on the live page, or over the HTTP API.`,
    )
    .action((flags: RunsFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      return run(flags);
    });
}

export async function runRuns(flags: RunsFlags, output: Output): Promise<ExitCode> {
  const { listRuns } = await import('../client/stored-runs.ts');
  const { tag } = flags;
  const listed = await listRuns(flags);
  const runs = listed.filter(({ tags }) => tag === undefined || tags.includes(tag));
  const { runsTable } = await import('../view/listings.ts');
  const which = tag === undefined ? 'runs' : `runs with the tag ${printable(tag)}`;
  if (runs.length === 0) output.line(`There are no ${which} in ${flags.control ?? storeText(flags.store)}.`);
  else output.screen(runsTable(runs, output.columns(), output.paint));
  // A table that is too wide leaves reasons out, and a tag that cannot be read is none that was asked for.
  for (const { runId, reason, damaged } of listed) if (damaged) output.problem(printable(`Run ${runId}: ${reason}.`));
  return EXIT.pass;
}

export function addDelete(
  command: Command,
  run: (runIds: readonly string[], flags: DeleteFlags) => Promise<void>,
): void {
  addStoreFlags(
    command
      .description('delete stored runs that have ended, with their results')
      .argument('<run...>', 'ids from `bench runs`'),
  )
    .addOption(flag('--force', 'also when what their drivers made may still be there, and can never be removed'))
    .addHelpText(
      'after',
      `
A run that is part of a baseline stays, and so does one whose drivers may have left something elsewhere, because only its plan
tells how to remove that: \`bench cleanup\` does. Use --force where it cannot, for example because the database is gone.

Examples:
  bench delete v1stgxr8z5jd
  bench delete v1stgxr8z5jd --control control.example:7070`,
    )
    .action((runIds: readonly string[], flags: DeleteFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      return run(runIds, flags);
    });
}

export async function runDelete(runIds: readonly string[], flags: DeleteFlags, output: Output): Promise<ExitCode> {
  const { askStore, missingRun } = await import('../client/stored-runs.ts');
  const { RpcError } = await import('../../../proto/rpc/rpc-error.ts');
  const { force = false } = flags;
  await askStore(runIds[0] ?? '', flags, async (client) => {
    for (const runId of runIds) {
      await client.deleteRun({ runId, force }).catch(async (error: unknown) => {
        throw error instanceof RpcError && error.code === 'NOT_FOUND' ? await missingRun(runId, flags, error) : error;
      });
      output.line(`Run ${runId} is deleted.`);
    }
  });
  return EXIT.pass;
}
