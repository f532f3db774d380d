import { existsSync, statSync } from 'node:fs';
import { RpcError } from '../../../proto/rpc/rpc-error.ts';
import type { RunResult } from '../../stats/result.ts';
import type { Baseline } from '../../verdict/baseline/baseline-figures.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { loadRunsFile } from '../files/result-file.ts';
import { storeText } from '../files/store-location.ts';
import type { StoreFlags } from '../flags/connection-flags.ts';
import { fetchResult, type RunClient } from './run-client.ts';
import { askStore, fileHint } from './stored-runs.ts';

/** Whether a name on the command line is that of a file, and not of something in a store, which may be called like a folder. */
export function isFileName(name: string): boolean {
  return /[/\\]|\.json$/.test(name) || (existsSync(name) && !statSync(name).isDirectory());
}

/**
 * Runs by names from the command line: files of results and baselines, baselines of the store, and ids of its runs.
 * @throws {CommandError} for a name that stands for nothing, and for a run that is given twice
 */
export async function loadBaseline(names: readonly string[], flags: StoreFlags): Promise<Baseline> {
  const [baseline] = await loadSides([names], flags);
  return baseline;
}

/** As {@link loadBaseline} for each list of names. The store is asked once, because that may start a control on it. */
export async function loadSides<const Sides extends readonly (readonly string[])[]>(
  sides: Sides,
  flags: StoreFlags,
): Promise<{ [Place in keyof Sides]: Baseline }> {
  const stored = sides.flat().find((name) => !isFileName(name));
  const load = async (client?: RunClient) => {
    const loaded: Baseline[] = [];
    for (const names of sides) loaded.push(await loadSide(names, flags, client));
    refuseTheSame(loaded.flatMap(({ runs }) => runs));
    return loaded as { [Place in keyof Sides]: Baseline };
  };
  return stored === undefined ? load() : askStore(stored, flags, load);
}

/** @param client of the store; undefined where all names are those of files */
async function loadSide(names: readonly string[], flags: StoreFlags, client?: RunClient): Promise<Baseline> {
  const called: string[] = [];
  const runs: RunResult[] = [];
  for (const name of names) {
    const read = client === undefined || isFileName(name) ? loadRunsFile(name) : await stored(name, flags, client);
    called.push(read.name ?? name);
    runs.push(...read.runs);
  }
  return { name: called.join(', '), runs };
}

/** A baseline of the store, or one of its runs. */
async function stored(name: string, flags: StoreFlags, client: RunClient): Promise<Baseline> {
  const { baselines } = await client.listBaselines({});
  const runIds = baselines.find((baseline) => baseline.name === name)?.runIds ?? [name];
  if (runIds.length === 0) {
    throw new CommandError(
      `The baseline ${name} in ${placeOf(flags)} is damaged: set it again with \`bench baseline set\`, or take it away with \`bench baseline remove\`.`,
      EXIT.invalidInput,
    );
  }
  const runs: RunResult[] = [];
  for (const runId of runIds) {
    runs.push(
      await fetchResult(client, runId).catch(async (error: unknown) => {
        throw error instanceof RpcError && error.code === 'NOT_FOUND' ? await missing(name, flags, error) : error;
      }),
    );
  }
  return { name, runs };
}

async function missing(name: string, flags: StoreFlags, cause: RpcError): Promise<CommandError> {
  return new CommandError(
    `There is no run and no baseline ${name} in ${placeOf(flags)}: \`bench runs\` and \`bench baseline list\` list them.${await fileHint(name)}`,
    EXIT.invalidInput,
    { cause },
  );
}

function placeOf({ control, store }: StoreFlags): string {
  return control ?? storeText(store);
}

/** A run beside itself would not differ, and twice on a side it would look surer than it is. */
function refuseTheSame(runs: readonly RunResult[]): void {
  const ids = runs.map(({ runId }) => runId);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice === undefined) return;
  throw new CommandError(`The run ${twice} is given twice: give each run once.`, EXIT.invalidInput);
}
