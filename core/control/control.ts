import type { ServiceHandlers } from '../../proto/adapter.ts';
import type { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import type { RunService } from '../../proto/gen/bench/v1/run_pb.ts';
import { serveAgent } from './agent-session.ts';
import { Deliveries } from './deliveries.ts';
import { DELIVERY_LIMIT_US } from './limits.ts';
import { Roster } from './roster.ts';
import { runHandlers } from './run-service.ts';
import type { PluginLoaders } from './run-spec.ts';
import { Runs } from './runs.ts';
import { RunStore } from './store.ts';
import type { Time } from './time.ts';

export interface ControlCoreOptions extends PluginLoaders {
  /** SQLite file, or `:memory:`. */
  readonly store: string;
  readonly time: Time;
  readonly log: (line: string) => void;
  /** Go on with runs whose control process is no more; else they have failed. */
  readonly takesUpRuns: boolean;
  /** Control's own `host:port`, for advice. */
  readonly address: () => string;
}

/** Control without its port: the handlers of its services over whatever carries them. */
export interface ControlCore {
  readonly agents: ServiceHandlers<typeof AgentService>;
  readonly runs: ServiceHandlers<typeof RunService>;
  /** Stops the runs, in order the first time and at once the second time; then closes the agents' streams and the store. */
  stop(reason: string): Promise<void>;
}

/** @throws {StoreError} */
export async function createControl(options: ControlCoreOptions): Promise<ControlCore> {
  const { time, log, address } = options;
  const store = await RunStore.open(options.store);
  const surroundings = { time, log };
  const roster = new Roster(surroundings);
  const runs = new Runs({ roster, store, time, log, address });
  if (options.takesUpRuns) await runs.takeUp(options);
  else {
    const abandoned = await store.failAbandonedRuns('control ended while this run was under way');
    for (const runId of abandoned) log(`run ${runId} was under way when control ended: it has failed`);
  }
  const deliveries = new Deliveries(time);
  let closed: Promise<void> | undefined;
  const close = async () => {
    await deliveries.settled(DELIVERY_LIMIT_US);
    roster.close();
    await store.close();
  };
  return {
    agents: { session: (stream) => serveAgent(stream, roster, surroundings) },
    runs: runHandlers({ runs, roster, store, deliveries, loaders: options, time }),
    async stop(reason) {
      deliveries.close();
      await runs.close(reason);
      closed ??= close();
      await closed;
    },
  };
}
