import type { Command } from 'commander';
import type { RunResult } from '../../../stats/result.ts';
import { BASELINE_NAME_RULE, isBaselineName } from '../../../verdict/baseline/baseline-name.ts';
import { CommandError } from '../../command-error.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../../flags/connection-flags.ts';
import { flag } from '../../flags/flags.ts';
import type { Output } from '../../output.ts';
import type { Column } from '../../view/table.ts';

interface SetFlags extends StoreFlags {
  readonly file?: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'Baseline', align: 'left', spare: 0, narrowest: 12 },
  { title: 'Set', align: 'left', spare: 1 },
  { title: 'Runs', align: 'left', spare: 0, narrowest: 20 },
];

/** `bench baseline` with its commands. */
export function addBaseline(command: Command, output: Output, exitWith: (code: ExitCode) => void): void {
  command
    .description('name runs that others are compared with: `bench run --baseline`, `bench compare --baseline`')
    .addHelpText(
      'after',
      `
Examples:
  bench baseline set main V1StGXR8_Z5j
  bench baseline list
  bench baseline remove main`,
    );
  addStoreFlags(
    command
      .command('set')
      .description('give one run or several of the same plan a name, in place of those that had it')
      .argument('<name>', BASELINE_NAME_RULE)
      .argument('<run...>', 'ids of stored runs; with --file also result.json files'),
  )
    .addOption(flag('--file <file>', 'keep the baseline with its results in this file and not in the store, as for CI'))
    .addHelpText(
      'after',
      `
Examples:
  bench baseline set main V1StGXR8_Z5j
  bench baseline set main before/1/result.json before/2/result.json before/3/result.json --file baseline.json
  bench run plan.yaml --baseline baseline.json`,
    )
    .action(async (name: string, runs: readonly string[], flags: SetFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      exitWith(await runSet(name, runs, flags, output));
    });
  addStoreFlags(command.command('list').description('list the baselines')).action(
    async (flags: StoreFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      exitWith(await runList(flags, output));
    },
  );
  addStoreFlags(
    command.command('remove').description('take a name away; its runs stay').argument('<name>', 'of a baseline'),
  ).action(async (name: string, flags: StoreFlags, command: Command) => {
    refuseUnusedStoreFlags(flags, command);
    exitWith(await runRemove(name, flags, output));
  });
}

async function runSet(
  name: string,
  runs: readonly string[],
  { file, ...flags }: SetFlags,
  output: Output,
): Promise<ExitCode> {
  if (!isBaselineName(name))
    throw new CommandError(`The name of a baseline has ${BASELINE_NAME_RULE}`, EXIT.invalidInput);
  const { isFileName, loadBaseline } = await import('../../client/named-runs.ts');
  if (file === undefined) {
    const ofFile = runs.find(isFileName);
    if (ofFile !== undefined)
      throw new CommandError(
        `${ofFile} is a file, and a store keeps baselines of its own runs: give their ids (\`bench runs\` lists them), or keep the baseline in a file with --file.`,
        EXIT.invalidInput,
      );
  }
  const baseline = await loadBaseline(runs, flags);
  await refuseOtherLoads(baseline.runs);
  if (file !== undefined) {
    const { baselineFile } = await import('../../../../reports/read-result.ts');
    const { writeNewFile } = await import('../../files/new-file.ts');
    await writeNewFile(file, baselineFile(name, baseline.runs), true);
    output.line(file);
    return EXIT.pass;
  }
  const { askStore } = await import('../../client/stored-runs.ts');
  const runIds = baseline.runs.map(({ runId }) => runId);
  await askStore(name, flags, (client) => client.setBaseline({ name, runIds }));
  output.line(`The baseline ${name}: ${runIds.join(', ')}`);
  return EXIT.pass;
}

/** @throws {CommandError} when the runs did not offer the same load */
async function refuseOtherLoads(runs: readonly RunResult[]): Promise<void> {
  const { loadDifferences } = await import('../../../verdict/compare/offered-load.ts');
  const { renderMessage } = await import('../../../verdict/messages/message.ts');
  const [difference] = loadDifferences(runs);
  if (difference === undefined) return;
  throw new CommandError(
    `Nothing can be compared with these runs: ${renderMessage(difference, 'en')} Give runs of one load that nobody changed.`,
    EXIT.invalidInput,
  );
}

async function runList(flags: StoreFlags, output: Output): Promise<ExitCode> {
  const { listBaselines } = await import('../../client/stored-runs.ts');
  const { storeText } = await import('../../files/store-location.ts');
  const baselines = await listBaselines(flags);
  const { renderTable } = await import('../../view/table.ts');
  const rows = baselines.map(({ name, setAt, runIds }) => {
    return { cells: [name, setAt.slice(0, 19).replace('T', ' '), runIds.join(', ')] };
  });
  if (rows.length === 0) output.line(`There are no baselines in ${flags.control ?? storeText(flags.store)}.`);
  else output.screen(renderTable(COLUMNS, rows, output.columns(), output.paint));
  return EXIT.pass;
}

async function runRemove(name: string, flags: StoreFlags, output: Output): Promise<ExitCode> {
  const { askStore } = await import('../../client/stored-runs.ts');
  const { RpcError } = await import('../../../../proto/rpc/rpc-error.ts');
  const { storeText } = await import('../../files/store-location.ts');
  await askStore(name, flags, (client) =>
    client.removeBaseline({ name }).catch((error: unknown) => {
      if (!(error instanceof RpcError && error.code === 'NOT_FOUND')) throw error;
      const place = flags.control ?? storeText(flags.store);
      throw new CommandError(`There is no baseline ${name} in ${place}: \`bench baseline list\` lists them.`);
    }),
  );
  output.line(`The baseline ${name} is removed; its runs are still there.`);
  return EXIT.pass;
}
