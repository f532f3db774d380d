import type { MessageInitShape } from '@bufbuild/protobuf';
import { bundleFromMessage } from '../../../proto/bundle-codec.ts';
import { TraceMode } from '../../../proto/gen/bench/v1/agent_pb.ts';
import {
  type ChangeLoadRequest,
  OnAgentLoss,
  type RunService,
  type RunSummarySchema,
  type StartRunRequest,
} from '../../../proto/gen/bench/v1/run_pb.ts';
import { RpcError, type ServiceHandlers } from '../../../proto/rpc/adapter.ts';
import { CallerTurns } from '../../../proto/rpc/caller-turns.ts';
import { runMessages } from '../../../proto/stored-run.ts';
import { DEFAULT_AGENTS_TIMEOUT_US, DEFAULT_LOSS_TOLERANCE } from '../../agent-limits.ts';
import type { HostFiles } from '../../bundle/host-files.ts';
import { type BundleStore, type OpenBundle, openKeptBundle } from '../../bundle/open-bundle.ts';
import type { Clock } from '../../clock.ts';
import { BenchError } from '../../error.ts';
import type { BundleEntry } from '../../plan/bundle.ts';
import { PlanError } from '../../plan/problem.ts';
import { oneLine } from '../../text/printable.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import { areLabels, LABEL_RULE } from '../agents/join-request.ts';
import { LoadChangeError, type LoadChangeRequest } from '../load/load-change-request.ts';
import { cleanUpAfter } from '../orchestrator/preparation.ts';
import type { FoundRun, RunQueue } from '../orchestrator/run-queue.ts';
import type { AgentPolicy } from '../run/checkpoint.ts';
import { NO_NOTES, type RunNotes } from '../run/run-notes.ts';
import { type PluginLoaders, type RunSpec, readNewSpec } from '../run/run-spec.ts';
import { isEnded, wireState } from '../run/run-state.ts';
import { type RunStore, type StoredRun, StoreError } from '../store/run-store.ts';
import { baselineHandlers, baselineOf } from './baselines.ts';
import { Uploads } from './contents.ts';
import { Downloads } from './downloads.ts';
import type { ResultDeliveries } from './result-delivery.ts';
import { notesOf, storedRunHandlers, unreadablePlan } from './stored-runs.ts';

export interface RunServiceContext {
  readonly runs: RunQueue;
  readonly registry: AgentRegistry;
  readonly store: RunStore;
  readonly deliveries: ResultDeliveries;
  readonly loaders: PluginLoaders;
  readonly files: HostFiles;
  readonly clock: Clock;
  /** Resolves when the runs that other control processes left are known; until then every call waits. */
  readonly begun: Promise<void>;
}

const MAX_COMMAND_CHARACTERS = 2000;
/** Of one caller: each has every second of the run encoded for it. */
const MAX_WATCHES = 200;

/** Handlers of the calls that the command line, CI and dashboards make. */
export function runHandlers({
  runs,
  registry,
  store,
  deliveries,
  loaders,
  files,
  clock,
  begun,
}: RunServiceContext): ServiceHandlers<typeof RunService> {
  const { bundles } = files;
  const downloads = new Downloads(clock);
  const watches = new CallerTurns(MAX_WATCHES);
  const uploads = bundles && new Uploads(bundles.cache);
  const found = async (runId: string): Promise<FoundRun> => {
    await begun;
    const run = await runs.find(runId);
    if (run) return run;
    throw new RpcError(
      'NOT_FOUND',
      `there is no run ${oneLine(runId, 40)}: list the runs with \`bench runs\`, or over HTTP with GET /api/v1/runs`,
    );
  };
  const started = async (
    { plan, command, baseline }: Pick<StartRunRequest, 'plan' | 'command'> & Pick<RunSpec, 'baseline'>,
    policy: AgentPolicy,
    notes: RunNotes,
  ) => {
    const { json, baseDirectory, bundle: entries } = plan ?? { json: '', baseDirectory: '', bundle: [] };
    const bundle = bundles && (await openedBundle(bundleFromMessage(entries), baseDirectory, bundles));
    try {
      const commandLine = oneLine(command, MAX_COMMAND_CHARACTERS);
      const spec = await readNewSpec({ json, baseDirectory, command: commandLine, bundle, baseline }, loaders);
      return { runId: await runs.start(spec, policy, notes) };
    } catch (error) {
      await bundle?.close();
      if (error instanceof PlanError) throw new RpcError('INVALID_ARGUMENT', error.message);
      if (error instanceof BenchError && error.code === 'queue_full') {
        throw new RpcError('RESOURCE_EXHAUSTED', error.message, { cause: error });
      }
      throw error;
    }
  };
  return {
    async sendContents(stream) {
      await begun;
      if (uploads === undefined) throw new RpcError('FAILED_PRECONDITION', 'this control takes no code and no files');
      await uploads.receive(stream);
    },

    ...baselineHandlers({ store, found, clock, begun }),
    ...storedRunHandlers({ runs, store, found }),

    async startRun({ plan, command, baseline, note, tags, ...policy }) {
      await begun;
      if (!areLabels(policy.agentLabels)) throw new RpcError('INVALID_ARGUMENT', `a run can ask for ${LABEL_RULE}`);
      const notes = notesOf({ note, tags });
      return started({ plan, command, baseline: baselineOf(baseline) }, policyOf(policy), notes);
    },

    async preparePlan({ plan, command }) {
      await begun;
      return started({ plan, command, baseline: undefined }, PREPARATION, NO_NOTES);
    },

    async *watchRun({ runId }, call) {
      const { summary, live } = await found(runId);
      if (live) {
        if (!watches.begin(call)) {
          throw new RpcError('RESOURCE_EXHAUSTED', `${MAX_WATCHES} watches from there are open: end some of them`);
        }
        deliveries.watchBegins();
        try {
          yield* live.watch(call.signal);
        } finally {
          watches.end(call);
          deliveries.watchEnds(runId, live.summary.state === 'finished');
        }
      } else {
        const { state, reason } = summary;
        const leftBehind = await runs.hasLeftBehind(summary);
        yield { event: { case: 'state', value: { state: wireState(state), reason, leftBehind } } };
        if (isEnded({ kind: state })) return;
        throw belongsElsewhere(runId);
      }
    },

    async stopRun({ runId, reason, abort }) {
      const { summary, live } = await found(runId);
      if (isEnded({ kind: summary.state })) {
        throw new RpcError('FAILED_PRECONDITION', `run ${runId} has ended already`);
      }
      if (live === undefined) throw belongsElsewhere(runId);
      await runs.stop(live, oneLine(reason), abort);
      return {};
    },

    async changeLoad({ runId, change }) {
      const { summary, live } = await found(runId);
      if (live === undefined && !isEnded({ kind: summary.state })) throw belongsElsewhere(runId);
      try {
        if (live === undefined) throw new LoadChangeError(`it is ${summary.state}`);
        return { atUs: await live.changeLoad(changeRequestOf(change)) };
      } catch (error) {
        if (!(error instanceof LoadChangeError)) throw error;
        throw new RpcError('FAILED_PRECONDITION', `the load of run ${runId} cannot be changed: ${error.message}`);
      }
    },

    async listRuns() {
      await begun;
      return { runs: (await runs.list()).map(summaryOf) };
    },

    async *getRun({ runId }, call) {
      const { summary, live } = await found(runId);
      const unsaved = live?.unsavedResult;
      const messages = runMessages(summaryOf(summary), unsaved === undefined ? store.result(runId) : [unsaved]);
      yield* downloads.inTurn(call, messages);
      if (!call.signal.aborted) deliveries.fetched(runId);
    },

    async cleanUpRun({ runId }) {
      const { summary, live } = await found(runId);
      const stored = await store.plan(runId);
      const isLive = live !== undefined && !isEnded({ kind: summary.state });
      if (stored === undefined || stored.isUnderWay || isLive) {
        throw new RpcError(
          'FAILED_PRECONDITION',
          `run ${runId} is under way: stop it first; it then cleans up by itself`,
        );
      }
      try {
        return await cleanUpAfter(runId, stored, { store, loaders, files, clock });
      } catch (error) {
        if (!(error instanceof BenchError) || error instanceof StoreError) throw error;
        throw new RpcError('FAILED_PRECONDITION', unreadablePlan(runId, error));
      }
    },

    listAgents() {
      const agents = registry.connections
        .filter(({ presence }) => presence === 'here')
        .map(({ name, environment, listener, labels }) => {
          return { name, environment, runId: listener?.runId ?? '', labels: { ...labels } };
        });
      return { agents };
    },
  };
}

/** @throws {RpcError} when control does not take it, or lacks a content */
async function openedBundle(
  entries: readonly BundleEntry[],
  baseDirectory: string,
  bundles: BundleStore,
): Promise<OpenBundle> {
  try {
    return await openKeptBundle(entries, baseDirectory, bundles);
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const code = error.code === 'cache_unusable' ? 'RESOURCE_EXHAUSTED' : 'FAILED_PRECONDITION';
    throw new RpcError(code, `the run cannot be started: ${error.message}`, { cause: error });
  }
}

function belongsElsewhere(runId: string): RpcError {
  return new RpcError('FAILED_PRECONDITION', `run ${runId} belongs to another control that uses the same store`);
}

function summaryOf({
  runId,
  name,
  state,
  createdAt,
  verdict,
  reason,
  note,
  tags,
  isDamaged: damaged = false,
}: StoredRun): MessageInitShape<typeof RunSummarySchema> {
  return { runId, name, state: wireState(state), createdAt, verdict, reason, note, tags: [...tags], damaged };
}

const ON_AGENT_LOSS: Readonly<Record<OnAgentLoss, AgentPolicy['onAgentLoss']>> = {
  [OnAgentLoss.UNSPECIFIED]: 'rebalance',
  [OnAgentLoss.REBALANCE]: 'rebalance',
  [OnAgentLoss.CONTINUE]: 'continue',
  [OnAgentLoss.ABORT]: 'abort',
};

const TRACES: Readonly<Partial<Record<TraceMode, AgentPolicy['trace']>>> = {
  [TraceMode.ALL]: 'all',
  [TraceMode.FAILED]: 'failed',
};

/** A preparation needs no agents. */
const PREPARATION: AgentPolicy = {
  preparesOnly: true,
  expectAgents: 0,
  agentsTimeoutUs: DEFAULT_AGENTS_TIMEOUT_US,
  onAgentLoss: 'rebalance',
  elastic: false,
  agentLabels: {},
  lossTolerance: DEFAULT_LOSS_TOLERANCE,
};

function policyOf(
  request: Omit<StartRunRequest, 'plan' | 'command' | 'baseline' | 'note' | 'tags' | '$typeName' | '$unknown'>,
): AgentPolicy {
  const { expectAgents, agentsTimeoutUs, onAgentLoss, elastic, agentLabels, lossTolerance, trace } = request;
  const isTimeout = agentsTimeoutUs > 0 && agentsTimeoutUs <= Number.MAX_SAFE_INTEGER;
  const isTolerance = lossTolerance !== undefined && lossTolerance >= 0 && lossTolerance <= 1;
  return {
    expectAgents,
    agentsTimeoutUs: isTimeout ? agentsTimeoutUs : DEFAULT_AGENTS_TIMEOUT_US,
    onAgentLoss: ON_AGENT_LOSS[onAgentLoss] ?? 'rebalance',
    elastic,
    agentLabels,
    lossTolerance: isTolerance ? lossTolerance : DEFAULT_LOSS_TOLERANCE,
    trace: TRACES[trace],
  };
}

function changeRequestOf(change: ChangeLoadRequest['change']): LoadChangeRequest {
  if (change.case === undefined) throw new RpcError('INVALID_ARGUMENT', 'the request does not say what to change');
  if (change.case !== 'level') return { kind: change.case };
  const { scenario, level, spawnRate } = change.value;
  if (level.case === undefined)
    throw new RpcError('INVALID_ARGUMENT', 'the request gives no level: neither vus nor rate');
  const how = spawnRate === 0 ? {} : { spawnRate };
  return { kind: 'level', scenario: oneLine(scenario, 80), of: level.case, level: level.value, ...how };
}
