import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSummary, StoredBaseline } from '../../../proto/gen/bench/v1/run_pb.ts';
import { RpcError } from '../../../proto/rpc/rpc-error.ts';
import { errorMessage } from '../../error.ts';
import type { RunResult } from '../../stats/result.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { mayHoldRuns, noSuchRun } from '../files/store-location.ts';
import type { StoreFlags } from '../flags/connection-flags.ts';
import { startLocalControl } from '../processes/local-control.ts';
import type { Caller } from './client-credentials.ts';
import { askAndClose, connectControl, controlError, fetchResult, type RunClient } from './run-client.ts';

export async function listRuns(flags: StoreFlags): Promise<readonly RunSummary[]> {
  if (flags.control === undefined && !mayHoldRuns(flags.store)) return [];
  return withControl(flags, async (client) => (await client.listRuns({})).runs);
}

export async function listBaselines(flags: StoreFlags): Promise<readonly StoredBaseline[]> {
  if (flags.control === undefined && !mayHoldRuns(flags.store)) return [];
  return withControl(flags, async (client) => (await client.listBaselines({})).baselines);
}

/** @throws {CommandError} when there is no such run, or it has no result */
export async function getRun(runId: string, flags: StoreFlags): Promise<RunResult> {
  return askStore(runId, flags, async (client) => {
    try {
      return await fetchResult(client, runId);
    } catch (error) {
      throw error instanceof RpcError && error.code === 'NOT_FOUND' ? await missingRun(runId, flags, error) : error;
    }
  });
}

/**
 * Asks the control that was named, or the store that must be there.
 * @param wanted what the user looks for in it
 * @throws {CommandError} when there is no store
 */
export async function askStore<T>(
  wanted: string,
  flags: StoreFlags,
  ask: (client: RunClient) => Promise<T>,
): Promise<T> {
  if (flags.control !== undefined || mayHoldRuns(flags.store)) return withControl(flags, ask);
  const missing = `There is no store ${flags.store}: give it with --store, or a control with --control.`;
  throw new CommandError(`${missing}${await fileHint(wanted)}`);
}

/** The message names the store instead of a control that was started only to read it. */
export async function missingRun(
  runId: string,
  { control, store }: StoreFlags,
  error: RpcError,
): Promise<CommandError> {
  const message = errorMessage(control === undefined ? noSuchRun(runId, store) : controlError(control, error));
  return new CommandError(`${message}${await fileHint(runId)}`, EXIT.error, { cause: error });
}

/** A hint for a user who has named a result file, or the folder of one, as if it were a run. */
export async function fileHint(runId: string): Promise<string> {
  const found = await stat(runId).catch(() => undefined);
  if (found?.isFile()) return ` There is a file ${runId}: give it with --from.`;
  const inside = join(runId, 'result.json');
  return existsSync(inside) ? ` The folder ${runId} holds a result: ${inside}.` : '';
}

/** Asks the control that was named, or one that is started on the store just for this question. */
async function withControl<T>(
  { control, store, credentials, tokenFile }: StoreFlags,
  ask: (client: RunClient) => Promise<T>,
): Promise<T> {
  if (control !== undefined) return askControl(control, ask, { credentials, tokenFile });
  const local = await startLocalControl(0, store);
  try {
    return await askControl(local.address, ask, local);
  } finally {
    await local.end();
  }
}

/** @throws {CommandError} */
export async function askControl<T>(
  address: string,
  ask: (client: RunClient) => Promise<T>,
  caller?: Caller,
): Promise<T> {
  return askAndClose(await connectControl(address, caller), address, ask);
}
