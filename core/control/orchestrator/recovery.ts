import { type Replayed, replay } from '../ingest/replay.ts';
import { MonitorValues } from '../monitors/monitor-series.ts';
import { type Checkpoint, readCheckpoint, type Started } from '../run/checkpoint.ts';
import { type PluginLoaders, readSpec } from '../run/run-spec.ts';
import type { NewRun, RunStore } from '../store/run-store.ts';
import type { RunOrder } from './run-lifecycle.ts';

/** What was stored of a run whose load another control process had started. */
export interface RecoveredRun extends Replayed, Pick<Checkpoint, 'events'> {
  readonly started: Started;
  readonly monitors: MonitorValues;
}

/**
 * Reads a run of a control process that is no more.
 * @throws an Error whose message says why it cannot go on
 */
export async function readStoredRun(
  { runId, createdAt, plan, baseDirectory, checkpoint }: NewRun,
  { measurements }: Pick<RunStore, 'measurements'>,
  loaders: PluginLoaders,
): Promise<RunOrder> {
  const { started, command, events, stop, ...policy } = readCheckpoint(checkpoint);
  const spec = await readSpec({ json: plan, baseDirectory, command }, loaders);
  const order = { runId, createdAt, spec, policy, stopped: stop };
  if (started === undefined) return order;
  const monitors = new MonitorValues();
  for (const { monitor, second, metrics } of await measurements.samples(runId)) {
    monitors.add(monitor, second, JSON.parse(metrics) as Record<string, number>);
  }
  const sessions = started.agents.map(({ name: agent, epoch }) => ({ agent, epoch }));
  const replayed = await replay(spec, runId, sessions, monitors, measurements);
  return { ...order, recovered: { ...replayed, started, events, monitors } };
}
