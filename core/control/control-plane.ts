import type { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import type { RunService } from '../../proto/gen/bench/v1/run_pb.ts';
import type { ServiceHandlers } from '../../proto/rpc/adapter.ts';
import type { HostFiles } from '../bundle/host-files.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { ANY_FILE } from '../secret-files.ts';
import type { AgentConnection } from './agents/agent-connection.ts';
import { AgentRegistry } from './agents/agent-registry.ts';
import { serveAgent } from './api/agent-service.ts';
import { contentOf } from './api/contents.ts';
import { Downloads } from './api/downloads.ts';
import { ResultDeliveries } from './api/result-delivery.ts';
import { runHandlers } from './api/run-service.ts';
import { DELIVERY_LIMIT_US } from './limits.ts';
import type { ObservedRun } from './orchestrator/run-lifecycle.ts';
import { RunQueue, type RunsWatcher } from './orchestrator/run-queue.ts';
import type { ControlOutput } from './outputs/run-outputs.ts';
import type { PluginLoaders } from './run/run-spec.ts';
import { CallerLog } from './security/caller-log.ts';
import { RunStore } from './store/run-store.ts';
import type { MetricsSink } from './telemetry/metrics-sink.ts';
import { countByState, type StateCounts } from './telemetry/state-counts.ts';

export interface ControlCoreOptions {
  /** SQLite file, or `:memory:`. */
  readonly store: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
  /** Whether this control serves one run and ends with it; any other goes on with runs whose control process is gone. */
  readonly isPrivate: boolean;
  /** Control's own `host:port`, for the commands that error messages advise. */
  readonly address: () => string;
  readonly loaders: PluginLoaders;
  /** Default: plans may name any file that this process may read, and nothing is sent with runs. */
  readonly files?: HostFiles;
  /** Outputs that all runs have, beside those of their plans. Default: none. */
  readonly outputs?: readonly ControlOutput[];
}

/** Control without its port: the handlers of its services, whatever carries their messages. */
export interface ControlCore {
  /**
   * Settles what other control processes have left behind; until this has resolved, every call waits. It is called once,
   * when nothing else can go wrong: a control that cannot be reached must not go on with runs.
   * @throws {StoreError}
   */
  begin(): Promise<void>;
  readonly agents: ServiceHandlers<typeof AgentService>;
  readonly runs: ServiceHandlers<typeof RunService>;
  /** A run that has not ended, for what shows it to others; undefined for any other. */
  observed(runId: string): ObservedRun | undefined;
  /** @returns ends it */
  watchRuns(watcher: RunsWatcher): () => void;
  /** Calls back whenever an agent has come or gone, or is free again. @returns ends it */
  watchAgents(changed: () => void): () => void;
  /** How many agents and runs are in each state now. */
  stateCounts(): StateCounts;
  /** Stops the runs, in order the first time and at once the second time; then closes the agents' streams and the store. */
  stop(reason: string): Promise<void>;
}

/** Opens the store and wires the parts of control. @throws {StoreError} when the store cannot be used */
export async function createControl(options: ControlCoreOptions): Promise<ControlCore> {
  const { clock, log, metrics, address, loaders } = options;
  const store = await RunStore.open(options.store);
  const registry = new AgentRegistry({ clock, log, metrics });
  const { isPrivate, files = { secrets: ANY_FILE }, outputs = [] } = options;
  const runs = new RunQueue({ registry, store, clock, log, metrics, address, isPrivate, files, outputs });
  const begun = Promise.withResolvers<void>();
  const deliveries = new ResultDeliveries(clock);
  const callers = new CallerLog(clock, log);
  const contentDownloads = new Downloads(clock);
  let closed: Promise<void> | undefined;
  const close = async () => {
    await deliveries.settled(DELIVERY_LIMIT_US);
    registry.close();
    await store.close();
  };
  return {
    async begin() {
      await store.measurements.dropLeftOver();
      for (const runId of await store.failAbandonedRuns('control ended while this run was under way')) {
        log(`run ${runId} was under way when control ended: it has failed`, { level: 'warn', runId });
      }
      if (!isPrivate) await runs.recover(loaders);
      begun.resolve();
    },
    agents: {
      async session(stream) {
        await begun.promise;
        await serveAgent(stream, { registry, clock, callers, metrics });
      },
      getContent({ runId, sha256 }, call) {
        // Other runs may have secrets in their files, and their hashes may be guessed.
        const bundle = registry.takesPart(call.certificate, runId) ? runs.bundleOf(runId) : undefined;
        return contentDownloads.inTurn(call, contentOf(bundle, sha256));
      },
    },
    runs: runHandlers({
      runs,
      registry,
      store,
      deliveries,
      loaders,
      files,
      clock,
      begun: begun.promise,
    }),
    observed: (runId) => runs.observed(runId),
    watchRuns: (watcher) => runs.watch(watcher),
    watchAgents: (changed) => registry.watch(changed),
    stateCounts: () => ({ agents: countByState(registry.connections, stateOf), runs: runs.stateCounts() }),
    async stop(reason) {
      deliveries.close();
      await runs.close(reason);
      closed ??= close();
      await closed;
    },
  };
}

function stateOf({ presence, listener }: AgentConnection): string {
  if (presence !== 'here') return presence;
  return listener === undefined ? 'idle' : 'running';
}
