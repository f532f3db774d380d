import { bundleToMessage } from '../../../proto/bundle-codec.ts';
import { TraceMode } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { OnAgentLoss, RunService, RunState, type Snapshot } from '../../../proto/gen/bench/v1/run_pb.ts';
import { createClient, type ServiceClient } from '../../../proto/rpc/adapter.ts';
import { RpcError } from '../../../proto/rpc/rpc-error.ts';
import { readRun } from '../../../proto/stored-run.ts';
import { ABORT_LIMIT_US } from '../../control/limits.ts';
import type { AgentPolicy } from '../../control/run/checkpoint.ts';
import { NO_NOTES, type RunNotes } from '../../control/run/run-notes.ts';
import { stateOfWire } from '../../control/run/run-state.ts';
import { errorMessage } from '../../error.ts';
import type { PlanInput } from '../../plan/schema.ts';
import type { RunResult } from '../../stats/result.ts';
import { clipped, printable } from '../../text/printable.ts';
import type { BaselineFigures } from '../../verdict/baseline/baseline-figures.ts';
import type { PlanBundle } from '../bundle/plan-bundle.ts';
import { sendContents } from '../bundle/send-contents.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { storedResult } from '../files/result-file.ts';
import { storeCommand } from '../flags/connection-flags.ts';
import { abortOf, type Lifetime } from '../processes/lifetime.ts';
import type { Caller } from './client-credentials.ts';
import { PendingStop } from './pending-stop.ts';

export type RunClient = ServiceClient<typeof RunService>;

export interface RunRequest {
  readonly plan: PlanInput;
  readonly baseDirectory: string;
  readonly bundle: PlanBundle;
  readonly agents: AgentPolicy;
  /** Default: none. */
  readonly notes?: RunNotes | undefined;
  /** The command line, for the report. */
  readonly command: string;
  /** What the plan's criteria are compared with. */
  readonly against: BaselineFigures | undefined;
}

/** What drivers are to prepare, without a load. */
export type PreparationRequest = Pick<RunRequest, 'plan' | 'baseDirectory' | 'bundle' | 'command'>;

/** Shows a run to the person who watches it. */
export interface RunWatcher {
  started(runId: string): void;
  activity(text: string): void;
  snapshot(snapshot: Snapshot): void;
  notice(text: string): void;
  /** An operation in full, as lines of text. */
  traced(text: string): void;
}

export type RunOutcome =
  | { readonly kind: 'finished'; readonly result: RunResult }
  /** Ended without a result. */
  | { readonly kind: 'failed'; readonly reason: string; readonly leftBehind: boolean }
  /** A preparation without a load has ended, and what it made is there. */
  | { readonly kind: 'prepared' };

/** Why a run has no result, as the end of a sentence. */
export function reasonWithoutResult(outcome: Exclude<RunOutcome, { kind: 'finished' }>): string {
  return outcome.kind === 'failed' ? outcome.reason : 'its drivers have prepared, and no load was asked for';
}

/** What a run waits for, where the name of its state does not say so. */
const WAITS: Readonly<Record<number, string>> = {
  [RunState.QUEUED]: 'queued behind another run',
  [RunState.WAITING_FOR_AGENTS]: 'waiting for agents',
};
const ON_LOSS = {
  rebalance: OnAgentLoss.REBALANCE,
  continue: OnAgentLoss.CONTINUE,
  abort: OnAgentLoss.ABORT,
} as const;
const TRACES = { all: TraceMode.ALL, failed: TraceMode.FAILED } as const;
const CALL_TIMEOUT_MS = 15_000;
/** The result of a long run has tens of megabytes. */
const RESULT_TIMEOUT_MS = 120_000;
/** How long a run waits for a control that is starting. */
const CONTROL_START_MS = 30_000;
/** How long a control that others have started may be away, and how often a new attempt is made. */
const CONTROL_AWAY_MS = 60_000;
const AWAY_PAUSE_MS = 500;
/** How long a run may take after the second Ctrl-C to abort operations, verify and clean up. */
const ABORT_LIMIT_MS = ABORT_LIMIT_US / 1000 + 12_000;

/** A run did not end on request, and nobody waits for it any longer. */
export class GivenUpError extends CommandError {}

/** For a caller that may come before control is there. */
export interface Patience {
  /** Ends the waiting early. */
  readonly signal: AbortSignal;
  /** Called once, when control cannot be reached at first. */
  readonly waiting: (reason: string) => void;
}

/**
 * @param caller what to show to control, instead of what is saved for that address
 * @param patience waits for up to 30 s for a control that is starting; without it one attempt is made
 * @throws {CommandError} when nothing answers there, or there is no certificate for it
 */
export async function connectControl(address: string, caller: Caller = {}, patience?: Patience): Promise<RunClient> {
  const { clientAccess } = await import('./client-credentials.ts');
  const access = await clientAccess(address, ['operator', 'viewer'], caller);
  const client = createClient(RunService, address, access, { keepalive: true });
  const endMs = performance.now() + CONTROL_START_MS;
  for (let isFirst = true; ; isFirst = false) {
    try {
      await client.listAgents({}, { timeoutMs: CALL_TIMEOUT_MS });
      return client;
    } catch (error) {
      if (patience === undefined || patience.signal.aborted || !mayBeStarting(error) || performance.now() >= endMs) {
        client.close();
        throw patience?.signal.aborted ? stoppedBefore(error) : controlError(address, error);
      }
      if (isFirst) patience.waiting(errorMessage(error));
      await new Promise((resolve) => setTimeout(resolve, AWAY_PAUSE_MS));
    }
  }
}

/** Asks control once, and closes the connection. @throws {CommandError} */
export async function askAndClose<T>(
  client: RunClient,
  address: string,
  ask: (client: RunClient) => Promise<T>,
): Promise<T> {
  try {
    return await ask(client);
  } catch (error) {
    throw controlError(address, error);
  } finally {
    client.close();
  }
}

/**
 * Sends what a plan names, and starts it.
 * @returns the run's id
 * @throws {CommandError} when control does not take it, or cannot be reached
 */
export async function startRun(
  client: RunClient,
  address: string,
  { plan, baseDirectory, bundle, agents, notes = NO_NOTES, command, against }: RunRequest,
): Promise<string> {
  const request = {
    plan: { json: JSON.stringify(plan), baseDirectory, bundle: bundleToMessage(bundle.entries) },
    ...agents,
    agentLabels: { ...agents.agentLabels },
    onAgentLoss: ON_LOSS[agents.onAgentLoss],
    trace: agents.trace === undefined ? TraceMode.UNSPECIFIED : TRACES[agents.trace],
    command,
    note: notes.note,
    tags: [...notes.tags],
    ...(against && { baseline: { ...against, runIds: [...against.runIds] } }),
  };
  try {
    await sendContents(client, bundle);
    return (await client.startRun(request, { timeoutMs: CALL_TIMEOUT_MS })).runId;
  } catch (error) {
    throw controlError(address, error);
  }
}

/**
 * The same for a preparation without a load.
 * @returns the id by which what it makes is removed
 * @throws {CommandError} as {@link startRun}
 */
export async function startPreparation(
  client: RunClient,
  address: string,
  { plan, baseDirectory, bundle, command }: PreparationRequest,
): Promise<string> {
  const json = JSON.stringify(plan);
  try {
    await sendContents(client, bundle);
    const request = { plan: { json, baseDirectory, bundle: bundleToMessage(bundle.entries) }, command };
    return (await client.preparePlan(request, { timeoutMs: CALL_TIMEOUT_MS })).runId;
  } catch (error) {
    throw controlError(address, error);
  }
}

/**
 * Begins a run and watches it to its end. The first request to end stops the run in order, the second aborts it.
 * @param begin starts it, and gives its id
 * @param privateStore the store of a control that was started for this run, and is not started again when it is gone
 * @throws {GivenUpError} when the run does not end on request
 * @throws {CommandError} when control is lost, or the run does not begin
 */
export async function conductRun(
  client: RunClient,
  address: string,
  begin: () => Promise<string>,
  watcher: RunWatcher,
  lifetime: Pick<Lifetime, 'signal' | 'ending' | 'forced'>,
  privateStore?: string,
): Promise<RunOutcome> {
  const runId = await begun(begin, lifetime, privateStore === undefined ? address : undefined);
  watcher.started(runId);
  const given = new AbortController();
  const stop = new PendingStop((request) => client.stopRun({ runId, ...request }, { timeoutMs: CALL_TIMEOUT_MS }));
  void lifetime.ending.then((reason) => {
    watcher.activity('stopping');
    stop.request(reason === 'interrupted' ? 'Ctrl-C' : 'bench run was stopped', false);
  });
  void abortOf(lifetime.forced).then(() => {
    stop.request('Ctrl-C, twice', true);
    setTimeout(() => given.abort(), ABORT_LIMIT_MS).unref();
  });
  const isPrivate = privateStore !== undefined;
  const patienceMs = isPrivate ? 0 : CONTROL_AWAY_MS;
  try {
    return await watchRun(client, runId, watcher, given.signal, { patienceMs, stop });
  } catch (error) {
    if (given.signal.aborted)
      throw isPrivate ? killedRun(runId, privateStore) : abandonedRun(runId, address, stop.isAcknowledged);
    if (stop.isRequested && isAway(error) && !isPrivate) throw abandonedRun(runId, address, false);
    throw controlError(address, error);
  }
}

/**
 * A request that may have begun the run is not cut off at the first request to end: the run is stopped when its id is there.
 * @param address of a control that does not end with this process
 */
async function begun(
  begin: () => Promise<string>,
  { signal, forced }: Pick<Lifetime, 'signal' | 'forced'>,
  address: string | undefined,
): Promise<string> {
  const givenUp = abortOf(forced).then(() => {
    const left =
      address === undefined
        ? STOPPED
        : `Control at ${address} has not said whether the run has begun: \`bench runs --control ${address}\` lists those that have.`;
    throw new GivenUpError(left, EXIT.aborted);
  });
  try {
    return await Promise.race([begin(), givenUp]);
  } catch (error) {
    throw signal.aborted && !(error instanceof GivenUpError) ? stoppedBefore(error) : error;
  }
}

/** @param cause what went wrong meanwhile, of which nobody who has ended the command wants to know */
function stoppedBefore(cause: unknown): CommandError {
  return new CommandError(STOPPED, EXIT.aborted, { cause });
}

const STOPPED = 'The run was stopped before it had begun.';

/** @param store the store of the run, as it was given to control */
export function killedRun(runId: string, store: string): GivenUpError {
  const within = `within ${ABORT_LIMIT_MS / 1000} s after it was aborted`;
  const killed = `Run ${runId} did not end ${within}, so its processes were killed and it has no result.`;
  if (store === ':memory:') return new GivenUpError(killed, EXIT.aborted);
  const cleanup = storeCommand(['cleanup', runId], { store });
  return new GivenUpError(`${killed} \`${cleanup}\` removes what it may have left in a database.`, EXIT.aborted);
}

/** @param isTold whether control has the request to abort the run */
function abandonedRun(runId: string, address: string, isTold: boolean): GivenUpError {
  const why = isTold ? `has not ended it ${ABORT_LIMIT_MS / 1000} s after the request` : 'cannot be reached';
  return new GivenUpError(
    `Run ${runId} goes on, because control at ${address} ${why}: \`bench stop ${runId} --control ${address}\` stops it.`,
  );
}

function isAway(error: unknown): boolean {
  return error instanceof RpcError && (error.code === 'UNAVAILABLE' || error.code === 'CANCELLED');
}

/** Where it is known what is wrong, waiting does not help. */
function mayBeStarting(error: unknown): boolean {
  return isAway(error) && (error as RpcError).hint === undefined;
}

export interface WatchTerms {
  /** How long control may be away before the watching fails. */
  readonly patienceMs?: number;
  /** Is told when control is away, and what state control reports. */
  readonly stop?: Pick<PendingStop, 'controlLost' | 'runIs'>;
}

/**
 * Watches a run to its end. It also waits while control is away, because a control that is started again goes on with the run.
 * @throws {RpcError} when it stays away, or the signal is aborted
 */
export async function watchRun(
  client: RunClient,
  runId: string,
  watcher: RunWatcher,
  signal: AbortSignal,
  { patienceMs = CONTROL_AWAY_MS, stop }: WatchTerms = {},
): Promise<RunOutcome> {
  let awaySinceMs: number | undefined;
  for (;;) {
    try {
      return await watch(client, runId, watcher, signal, (state) => {
        awaySinceMs = undefined;
        if (state !== undefined) void stop?.runIs(state);
      });
    } catch (error) {
      awaySinceMs ??= performance.now();
      if (!isAway(error) || signal.aborted || performance.now() - awaySinceMs >= patienceMs) throw error;
      stop?.controlLost();
      watcher.activity('control cannot be reached; the agents go on');
      await new Promise((resolve) => setTimeout(resolve, AWAY_PAUSE_MS));
    }
  }
}

async function watch(
  client: RunClient,
  runId: string,
  watcher: RunWatcher,
  signal: AbortSignal,
  heard: (state: RunState | undefined) => void,
): Promise<RunOutcome> {
  for await (const { event } of client.watchRun({ runId }, { signal })) {
    heard(event.case === 'state' ? event.value.state : undefined);
    if (event.case === 'snapshot') watcher.snapshot(event.value);
    if (event.case === 'notice') watcher.notice(event.value);
    if (event.case === 'traced') watcher.traced(event.value);
    if (event.case !== 'state') continue;
    const { state, reason, leftBehind } = event.value;
    if (state === RunState.FINISHED) return { kind: 'finished', result: await fetchResult(client, runId, signal) };
    if (state === RunState.FAILED) return { kind: 'failed', reason, leftBehind };
    if (state === RunState.PREPARED) return { kind: 'prepared' };
    const activity = WAITS[state] ?? stateOfWire(state) ?? 'running';
    watcher.activity([activity, reason].filter((part) => part !== '').join(': '));
  }
  throw new CommandError(`Control stopped reporting on run ${runId} before the run had ended.`);
}

/** @throws {CommandError} when there is no such run, or it has no result */
export async function fetchResult(client: RunClient, runId: string, signal?: AbortSignal): Promise<RunResult> {
  const { summary, resultJson } = await readRun(client.getRun({ runId }, { timeoutMs: RESULT_TIMEOUT_MS, signal }));
  if (resultJson === undefined) {
    throw new CommandError(`Run ${runId} has no result${summary.reason === '' ? '' : `: ${summary.reason}`}`);
  }
  return storedResult(resultJson, runId);
}

/** What a failed call to control says to the person who made it. Errors that did not come from the call stay as they are. */
export function controlError(address: string, error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const reason = printable(clipped(error.message));
  if (['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED'].includes(error.code)) {
    const hint = error.hint ?? 'start it with `bench control`, or give its address with --control';
    const advice = hint === '' ? '' : `: ${hint}`;
    return new CommandError(`Control at ${address} cannot be reached (${reason})${advice}.`, EXIT.error, {
      cause: error,
    });
  }
  return new CommandError(`Control at ${address} says: ${reason}`, EXIT.error, { cause: error });
}
