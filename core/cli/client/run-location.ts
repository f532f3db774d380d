import { RpcError } from '../../../proto/rpc/rpc-error.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { findLocalRun, forgetLocalRun } from '../files/local-runs.ts';
import { DEFAULT_CONTROL, type RunConnectionFlags } from '../flags/connection-flags.ts';
import { askAndClose, connectControl, type RunClient } from './run-client.ts';

/**
 * Connects to the control that has a run: the one that was named; else the private control of a `bench run` of this user on
 * this host; else the shared control of this host.
 * @returns the client, and how it was connected
 * @throws {CommandError}
 */
export async function connectControlOf(
  runId: string,
  flags: RunConnectionFlags,
): Promise<{ readonly client: RunClient; readonly address: string }> {
  const { control, ...others } = flags;
  const local = control === undefined ? findLocalRun(runId) : undefined;
  const address = local?.address ?? control ?? DEFAULT_CONTROL;
  try {
    return { client: await connectControl(address, local ?? others), address };
  } catch (error) {
    const isAway =
      error instanceof CommandError && error.cause instanceof RpcError && error.cause.code === 'UNAVAILABLE';
    if (control !== undefined || !isAway) throw error;
    if (local !== undefined) await forgetLocalRun(runId);
    throw new CommandError(
      local === undefined
        ? `No \`bench run\` of this user on this host has the run ${runId}, and no control listens on ${DEFAULT_CONTROL}: name the control of the run with --control.`
        : `Run ${runId} is not going on any more, because its \`bench run\` has ended. \`bench runs\` says how it ended.`,
      EXIT.error,
      { cause: error },
    );
  }
}

/** As `askControl`, for the control that has a run. @throws {CommandError} */
export async function askControlOf<T>(
  runId: string,
  flags: RunConnectionFlags,
  ask: (client: RunClient) => Promise<T>,
): Promise<T> {
  const { client, address } = await connectControlOf(runId, flags);
  return askAndClose(client, address, ask);
}
