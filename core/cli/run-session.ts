import { createClient, type ServiceClient } from '../../proto/adapter.ts';
import { OnAgentLoss, RunService, RunState, type Snapshot } from '../../proto/gen/bench/v1/run_pb.ts';
import { RpcError } from '../../proto/rpc-error.ts';
import { readRun } from '../../proto/stored-run.ts';
import type { AgentTerms } from '../control/checkpoint.ts';
import type { PlanInput } from '../plan/schema.ts';
import type { RunResult } from '../stats/result.ts';
import { CommandError } from './command-error.ts';
import { abortOf, type Lifetime } from './lifetime.ts';
import { resultFrom } from './result-file.ts';

export type RunClient = ServiceClient<typeof RunService>;

export interface RunRequest {
  readonly plan: PlanInput;
  readonly baseDirectory: string;
  readonly agents: AgentTerms;
  /** The command line, for the report. */
  readonly command: string;
}

/** What the person who watches is told; each call stands for itself. */
export interface RunWatcher {
  started(runId: string): void;
  activity(text: string): void;
  snapshot(snapshot: Snapshot): void;
  notice(text: string): void;
}

export type RunOutcome =
  | { readonly kind: 'finished'; readonly result: RunResult }
  /** Ended without a result. */
  | { readonly kind: 'failed'; readonly reason: string };

const ACTIVITY: Readonly<Record<number, string>> = {
  [RunState.QUEUED]: 'queued behind another run',
  [RunState.WAITING_FOR_AGENTS]: 'waiting for agents',
  [RunState.PREPARING]: 'preparing',
  [RunState.RUNNING]: 'running',
  [RunState.DRAINING]: 'draining',
  [RunState.VERIFYING]: 'verifying',
};
const ON_LOSS = {
  rebalance: OnAgentLoss.REBALANCE,
  continue: OnAgentLoss.CONTINUE,
  abort: OnAgentLoss.ABORT,
} as const;
const CALL_TIMEOUT_MS = 15_000;
/** The result of a long run has tens of megabytes. */
const RESULT_TIMEOUT_MS = 120_000;
/** How long a control that others have started may be away, and how often it is looked for. */
const CONTROL_AWAY_MS = 60_000;
const AWAY_PAUSE_MS = 500;
/** After the second Ctrl-C the result gets this long to arrive. */
const ABORT_GRACE_MS = 5000;

/**
 * @param credentials folder with a certificate, instead of one that is kept for that address
 * @throws {CommandError} when nothing answers there, or no certificate is there for it
 */
export async function connectControl(address: string, credentials?: string): Promise<RunClient> {
  const { clientCredentials } = await import('./client-credentials.ts');
  const client = createClient(
    RunService,
    address,
    await clientCredentials(address, ['operator', 'viewer'], credentials),
  );
  try {
    await client.listAgents({}, { timeoutMs: CALL_TIMEOUT_MS });
    return client;
  } catch (error) {
    client.close();
    throw controlError(address, error);
  }
}

/**
 * Starts a run and watches it to its end. Being told to end stops the run: first in order, the second time at once.
 * @throws {CommandError} when control is lost on the way
 */
export async function conductRun(
  client: RunClient,
  address: string,
  { plan, baseDirectory, agents, command }: RunRequest,
  watcher: RunWatcher,
  lifetime: Pick<Lifetime, 'ending' | 'forced'>,
  patienceMs?: number,
): Promise<RunOutcome> {
  const { runId } = await client
    .startRun(
      {
        plan: { json: JSON.stringify(plan), baseDirectory },
        ...agents,
        agentLabels: { ...agents.agentLabels },
        onAgentLoss: ON_LOSS[agents.onAgentLoss],
        command,
      },
      { timeoutMs: CALL_TIMEOUT_MS },
    )
    .catch((error: unknown) => {
      throw controlError(address, error);
    });
  watcher.started(runId);
  const given = new AbortController();
  const stop = (abort: boolean, reason: string) =>
    client.stopRun({ runId, reason, abort }, { timeoutMs: CALL_TIMEOUT_MS }).catch(() => {});
  void lifetime.ending.then((reason) => {
    watcher.activity('stopping');
    void stop(false, reason === 'interrupted' ? 'Ctrl-C' : 'bench run was told to end');
  });
  void abortOf(lifetime.forced).then(() => {
    void stop(true, 'Ctrl-C, twice');
    setTimeout(() => given.abort(), ABORT_GRACE_MS).unref();
  });
  try {
    return await watchRun(client, runId, watcher, given.signal, patienceMs);
  } catch (error) {
    if (given.signal.aborted) return { kind: 'failed', reason: 'it was aborted' };
    throw controlError(address, error);
  }
}

/**
 * Watches a run to its end, also over times when control is away: it may be started again, and goes on with the run.
 * @param patienceMs how long it may be away
 * @throws {RpcError} when it stays away, or the signal is aborted
 */
export async function watchRun(
  client: RunClient,
  runId: string,
  watcher: RunWatcher,
  signal: AbortSignal,
  patienceMs = CONTROL_AWAY_MS,
): Promise<RunOutcome> {
  let awaySinceMs: number | undefined;
  for (;;) {
    try {
      return await watch(client, runId, watcher, signal, () => {
        awaySinceMs = undefined;
      });
    } catch (error) {
      awaySinceMs ??= Date.now();
      const isAway = error instanceof RpcError && (error.code === 'UNAVAILABLE' || error.code === 'CANCELLED');
      if (!isAway || signal.aborted || Date.now() - awaySinceMs >= patienceMs) throw error;
      watcher.activity('control is away; agents go on');
      await new Promise((resolve) => setTimeout(resolve, AWAY_PAUSE_MS));
    }
  }
}

async function watch(
  client: RunClient,
  runId: string,
  watcher: RunWatcher,
  signal: AbortSignal,
  heard: () => void,
): Promise<RunOutcome> {
  for await (const { event } of client.watchRun({ runId }, { signal })) {
    heard();
    if (event.case === 'snapshot') watcher.snapshot(event.value);
    if (event.case === 'notice') watcher.notice(event.value);
    if (event.case !== 'state') continue;
    const { state, reason } = event.value;
    if (state === RunState.FINISHED) return { kind: 'finished', result: await fetchResult(client, runId) };
    if (state === RunState.FAILED) return { kind: 'failed', reason };
    watcher.activity([ACTIVITY[state] ?? 'running', reason].filter((part) => part !== '').join(': '));
  }
  throw new Error('control ended the watch before the run');
}

/** @throws {CommandError} when the run is not there or has no result */
export async function fetchResult(client: RunClient, runId: string): Promise<RunResult> {
  const { summary, resultJson } = await readRun(client.getRun({ runId }, { timeoutMs: RESULT_TIMEOUT_MS }));
  if (resultJson === undefined) {
    throw new CommandError(`Run ${runId} has no result${summary.reason === '' ? '' : `: ${summary.reason}`}`);
  }
  return resultFrom(resultJson, `run ${runId}`);
}

export function controlError(address: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof RpcError && ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED'].includes(error.code)) {
    return new CommandError(
      `Control at ${address} cannot be reached (${reason}): start it with \`bench control\`, or give its address with --control.`,
    );
  }
  return new CommandError(`Control at ${address} says: ${reason}`);
}
