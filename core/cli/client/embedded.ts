/** What programs import from `@bench/toolkit/client`, to run plans from their own code. This is public API. */

import { DEFAULT_AGENTS_TIMEOUT_US, DEFAULT_LOSS_TOLERANCE } from '../../agent-limits.ts';
import type { AgentPolicy } from '../../control/run/checkpoint.ts';
import type { PlanInput } from '../../plan/schema.ts';
import type { RunResult } from '../../stats/result.ts';
import { planBundle } from '../bundle/plan-bundle.ts';
import { CommandError } from '../command-error.ts';
import { checkedPlan } from '../plans/checked-plan.ts';
import { loadPlanFile, objectPlan } from '../plans/plan-file.ts';
import { startLocalControl } from '../processes/local-control.ts';
import { connectControl, controlError, type RunClient, reasonWithoutResult, startRun, watchRun } from './run-client.ts';

export { BenchError } from '../../error.ts';
export type { PlanInput } from '../../plan/schema.ts';
export type * from '../../stats/result.ts';

export interface ConnectOptions {
  /** A folder with `ca.pem`, `cert.pem` and `cert.key`, instead of what `bench join` has saved for that control. */
  readonly credentials?: string;
  /** A file with the token of a control on loopback, instead of the one that control has left for this user. */
  readonly tokenFile?: string;
}

export interface LocalOptions {
  /** How many agent processes generate the load; 1 without it. */
  readonly agents?: number;
  /** Where runs are kept, as for `bench run --store`; nowhere after {@link BenchClient.close} without it. */
  readonly store?: string;
}

/** What replaces parts of a plan, as the flags of `bench run` of these names do. */
export interface StartOptions {
  /** Values of the parameters that the plan declares. */
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** A URL, instead of the plan's target. */
  readonly host?: string;
  readonly seed?: number;
  /** With `duration`, the load is this many virtual users, all the time. */
  readonly vus?: number;
  /** Such as `90s`. */
  readonly duration?: string;
  /** How many agents the run waits for; those that are there without it. */
  readonly expectAgents?: number;
  /** Takes only agents with these labels. */
  readonly agentLabels?: Readonly<Record<string, string>>;
  /** What to remember of the run, and labels by which it is found later. */
  readonly note?: string;
  readonly tags?: readonly string[];
}

/** One operation of a run that goes on, or all of them together: its scenario is empty then. Times are response times. */
export interface ProgressRow {
  readonly scenario: string;
  readonly name: string;
  readonly requests: number;
  readonly errors: number;
  /** In the last complete second. */
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

/** Where a run is, about once a second. */
export interface Progress {
  readonly elapsedUs: number;
  readonly plannedUs: number;
  readonly isWarmup: boolean;
  readonly vus: number;
  /** One for each operation, then all together. */
  readonly rows: readonly ProgressRow[];
  /** Why the measurement could not be trusted, if it ended now. */
  readonly warnings: readonly string[];
}

/** Called while a run goes on, each one as often as there is something to say. */
export interface Follower {
  /** What the run does, such as `waiting for agents`. */
  activity?(text: string): void;
  progress?(progress: Progress): void;
  /** What happened, such as that an agent was lost. */
  notice?(text: string): void;
}

/** A run on a control. It goes on when nobody follows it. */
export interface Run {
  /** As `bench runs` lists it. */
  readonly id: string;
  /**
   * Waits for the end of the run. While control is away it waits for up to a minute, because a control that is started again
   * goes on with its runs.
   * @param signal ends the waiting, and not the run
   * @returns what was measured, also when the run was stopped early
   * @throws {BenchError} when the run ends without a result, or control stays away
   */
  follow(follower?: Follower, signal?: AbortSignal): Promise<RunResult>;
  /**
   * Ends the load in order; `follow` then returns what was measured.
   * @param options.abort cuts off operations in flight too
   * @throws {BenchError} when control cannot be told
   */
  stop(options?: { readonly abort?: boolean }): Promise<void>;
}

/** Runs plans on one control. */
export interface BenchClient {
  /** `host:port` of the control. */
  readonly address: string;
  /**
   * Checks a plan, sends what it names, and starts it or lets it wait for the run before it.
   * @param plan its file, or the plan itself, whose relative paths then start in the folder that this process works in
   * @throws {BenchError} with all that is wrong with the plan, or what control says
   */
  start(plan: string | PlanInput, options?: StartOptions): Promise<Run>;
  /** A run that was started before, by whomever. Whether there is one is known when it is followed. */
  run(id: string): Run;
  /** Closes the connection, and ends a control that {@link startLocal} has started, with its runs. */
  close(): Promise<void>;
}

const CALL_TIMEOUT_MS = 15_000;

/**
 * Connects to a control that is there, as `bench run --control` does.
 * @param address `host:port`
 * @throws {BenchError} when nothing answers there, or there is no certificate for it
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<BenchClient> {
  return clientOf(await connectControl(address, options), address, 0, async () => {});
}

/**
 * Starts a control and agents on this host, as `bench run` does: processes that end with `close`, and with this process.
 * @throws {BenchError} when they do not start
 */
export async function startLocal({ agents = 1, store = ':memory:' }: LocalOptions = {}): Promise<BenchClient> {
  const local = await startLocalControl(agents, store);
  try {
    return clientOf(await connectControl(local.address, local), local.address, agents, () => local.end());
  } catch (error) {
    await local.end();
    throw error;
  }
}

/** @param agents how many a run waits for that does not say it; 0: those that are there */
function clientOf(client: RunClient, address: string, agents: number, end: () => Promise<void>): BenchClient {
  const run = (id: string): Run => ({
    id,
    async follow(follower = {}, signal = new AbortController().signal) {
      try {
        const outcome = await watchRun(client, id, watcherOf(follower), signal);
        if (outcome.kind === 'finished') return outcome.result;
        throw new CommandError(`The run did not take place: ${reasonWithoutResult(outcome)}`);
      } catch (error) {
        throw signal.aborted ? signal.reason : controlError(address, error);
      }
    },
    async stop({ abort = false } = {}) {
      try {
        await client.stopRun(
          { runId: id, reason: 'a program has asked for it', abort },
          { timeoutMs: CALL_TIMEOUT_MS },
        );
      } catch (error) {
        throw controlError(address, error);
      }
    },
  });
  return {
    address,
    run,
    async start(plan, options = {}) {
      const { params = {}, expectAgents = agents, agentLabels = {}, note = '', tags = [], ...overrides } = options;
      const file = typeof plan === 'string' ? await loadPlanFile(plan) : objectPlan('The plan', process.cwd(), plan);
      const param = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
      const runnable = await checkedPlan(file, { ...overrides, param }, {});
      const bundle = await planBundle(runnable, agents === 0);
      const policy: AgentPolicy = {
        expectAgents,
        agentLabels,
        agentsTimeoutUs: DEFAULT_AGENTS_TIMEOUT_US,
        lossTolerance: DEFAULT_LOSS_TOLERANCE,
        onAgentLoss: 'rebalance',
        elastic: false,
      };
      const { input, baseDirectory } = runnable;
      const notes = { note, tags };
      const request = { plan: input, baseDirectory, bundle, agents: policy, notes, command: '', against: undefined };
      return run(await startRun(client, address, request));
    },
    async close() {
      client.close();
      await end();
    },
  };
}

function watcherOf({ activity, progress, notice }: Follower): Parameters<typeof watchRun>[2] {
  return {
    started() {},
    activity: (text) => activity?.(text),
    snapshot({ elapsedUs, plannedUs, warmup, vus, rows, warnings }) {
      progress?.({ elapsedUs, plannedUs, isWarmup: warmup, vus, rows: rows.map(rowOf), warnings });
    },
    notice: (text) => notice?.(text),
    traced() {},
  };
}

/** Without the fields that a message has beside those of its kind. */
function rowOf({ scenario, name, requests, errors, requestsPerSecond, p50Us, p95Us, p99Us, maxUs }: ProgressRow) {
  return { scenario, name, requests, errors, requestsPerSecond, p50Us, p95Us, p99Us, maxUs };
}
