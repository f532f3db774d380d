import type { Command } from 'commander';
import { MAX_PLUGIN_TEXT } from '../../control/limits.ts';
import type { RunStore } from '../../control/store/run-store.ts';
import { processLookup } from '../../environment.ts';
import { errorMessage } from '../../error.ts';
import { PlanError } from '../../plan/problem.ts';
import type { ResolvedPlan } from '../../plan/resolve.ts';
import type { PlanSecrets } from '../../plan/secrets.ts';
import type { StepContext } from '../../plugin.ts';
import { clipped } from '../../text/printable.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { mayHoldRuns, noSuchRun, prepareStore } from '../files/store-location.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags, storeCommand } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';
import { withLifetime } from '../processes/lifetime.ts';

export function addCleanup(command: Command, run: (run: string, flags: StoreFlags) => Promise<void>): void {
  addStoreFlags(
    command
      .description('remove what `bench prepare` has made, or what a run left because its control was killed')
      .argument('<run>', 'id from `bench runs`'),
  )
    .addHelpText(
      'after',
      `
A run removes what it has made, also after Ctrl-C or a failure. Only when its control was killed, nobody was left to do so.
What \`bench prepare\` has made stays until this command removes it.
You can repeat this command. Set the variables that the plan refers to, as for the run. With --control, that control cleans
up, with its own variables.

Examples:
  bench cleanup v1stgxr8z5jd
  bench cleanup v1stgxr8z5jd --control control.example:7070`,
    )
    .action((id: string, flags: StoreFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      return run(id, flags);
    });
}

export async function runCleanup(runId: string, flags: StoreFlags, output: Output): Promise<ExitCode> {
  const { control, store } = flags;
  if (control !== undefined) {
    const { askControl } = await import('../client/stored-runs.ts');
    const { done, problems } = await askControl(control, (client) => client.cleanUpRun({ runId }), flags);
    for (const sentence of done) output.line(sentence);
    return cleanedUp(runId, problems, output, flags);
  }
  const { resolved, baseDirectory } = await planOfRun(runId, flags);
  return withLifetime(false, async ({ signal }) => {
    const drivers = [...resolved.drivers]
      .filter(([, { plugin }]) => plugin.cleanup !== undefined)
      .map(([name]) => name);
    const secrets = await secretsOf(resolved, drivers, baseDirectory);
    const { target, mask } = secrets;
    const said = (text: string) => clipped(mask.hide(text), MAX_PLUGIN_TEXT);
    const progress = (text: string) => output.line(said(text));
    const context: StepContext = { runId, target, baseDirectory, signal, progress };
    const problems: string[] = [];
    for (const [name, { plugin, options }] of resolved.drivers) {
      try {
        await plugin.cleanup?.(secrets.fill(options), context);
      } catch (error) {
        problems.push(said(`driver ${name}: ${errorMessage(error)}`));
      }
    }
    if (signal.aborted) throw new CommandError('The clean-up was stopped: run it again.', EXIT.aborted);
    if (problems.length === 0) await atStore(store, (opened) => opened.cleanedUp(runId));
    return cleanedUp(runId, problems, output, flags);
  });
}

/** @throws {CommandError} */
async function secretsOf(
  { plan }: ResolvedPlan,
  drivers: readonly string[],
  baseDirectory: string,
): Promise<PlanSecrets> {
  const { resolveSecrets } = await import('../../plan/secrets.ts');
  try {
    return resolveSecrets(
      plan,
      { target: drivers.length > 0, drivers, monitors: [], outputs: [] },
      processLookup(baseDirectory),
    );
  } catch (error) {
    throw new CommandError(errorMessage(error));
  }
}

function cleanedUp(runId: string, problems: readonly string[], output: Output, flags: StoreFlags): ExitCode {
  if (problems.length > 0) throw new CommandError(problems.join('\n'), EXIT.error, { hint: lastResort(runId, flags) });
  output.line(`Nothing of run ${runId} is left.`);
  return EXIT.pass;
}

/** What is left to do with a run that can never be cleaned up. */
function lastResort(runId: string, flags: StoreFlags): string {
  const command = storeCommand(['delete', runId, '--force'], flags);
  return `If that can never be mended, \`${command}\` deletes the run, and leaves there what it made`;
}

async function planOfRun(runId: string, flags: StoreFlags): Promise<{ resolved: ResolvedPlan; baseDirectory: string }> {
  const { store: file } = flags;
  if (!mayHoldRuns(file)) throw new CommandError(`There is no store ${file}: give it with --store.`);
  const stored = await atStore(file, (store) => store.plan(runId));
  if (stored === undefined) throw noSuchRun(runId, file);
  if (stored.isUnderWay)
    throw new CommandError(`Run ${runId} is under way: stop it first; it then cleans up by itself.`);
  const { parsePlan } = await import('../../plan/parse.ts');
  const { resolvePlan } = await import('../../plan/resolve.ts');
  const { loadDriver, loadUser } = await import('../../../plugins/loader/load.ts');
  const { readJson } = await import('../../control/store/stored-row.ts');
  const { plan, baseDirectory } = stored;
  try {
    const resolved = await resolvePlan(
      parsePlan(readJson(plan)),
      (use) => loadDriver(use, baseDirectory),
      (user) => loadUser(user, baseDirectory),
    );
    return { resolved, baseDirectory };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new CommandError(`The plan of run ${runId} can no longer be read: ${error.message}`, EXIT.error, {
      hint: lastResort(runId, flags),
    });
  }
}

async function atStore<Result>(file: string, work: (store: RunStore) => Promise<Result>): Promise<Result> {
  const { RunStore } = await import('../../control/store/run-store.ts');
  const store = await RunStore.open(await prepareStore(file));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
