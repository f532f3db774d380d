import type { Command } from 'commander';
import { RunState, type RunSummary } from '../../../proto/gen/bench/v1/run_pb.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { DEFAULT_STORE, storeText } from '../files/store-location.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../flags/connection-flags.ts';
import type { Output, Paint } from '../output.ts';
import type { Column } from '../view/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Run', align: 'left', spare: 0 },
  { title: 'Started', align: 'left', spare: 2 },
  { title: 'Name', align: 'left', spare: 0, narrowest: 12 },
  { title: 'State', align: 'left', spare: 0 },
  { title: 'Why', align: 'left', spare: 1, narrowest: 20 },
];
const STATES: Readonly<Record<number, string>> = {
  [RunState.QUEUED]: 'queued',
  [RunState.WAITING_FOR_AGENTS]: 'waiting',
  [RunState.PREPARING]: 'preparing',
  [RunState.RUNNING]: 'running',
  [RunState.DRAINING]: 'draining',
  [RunState.VERIFYING]: 'verifying',
  [RunState.FAILED]: 'failed',
};

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
  if (runs.length === 0) output.line(`There are no runs in ${flags.control ?? storeText(flags.store)}.`);
  else output.screen(await runsTable(runs, output.columns(), output.paint));
  return EXIT.pass;
}

/** The verdict of a run that has one, else its state. */
async function runsTable(runs: readonly RunSummary[], columns: number, paint: Paint): Promise<string[]> {
  const { renderTable } = await import('../view/table.ts');
  const rows = runs.map(({ runId, name, state, createdAt, verdict, reason }) => ({
    cells: [runId, createdAt.slice(0, 19).replace('T', ' '), name, verdict || (STATES[state] ?? 'finished'), reason],
    isBad: verdict === 'fail' || verdict === 'invalid' || state === RunState.FAILED,
  }));
  return renderTable(COLUMNS, rows, columns, paint);
}
