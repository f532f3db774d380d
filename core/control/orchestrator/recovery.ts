import type { Clock } from '../../clock.ts';
import { replay } from '../ingest/replay.ts';
import { MonitorValues } from '../monitors/monitor-series.ts';
import { readCheckpoint } from '../run/checkpoint.ts';
import { type PluginLoaders, readSpec } from '../run/run-spec.ts';
import { startOnClock } from '../run/start-time.ts';
import type { NewRun, RunStore } from '../store/run-store.ts';
import { newStart, type RunOrder } from './run-start.ts';

/**
 * Reads a run of a control process that is gone, so that this one can go on with it.
 * @throws {BenchError} when the plan or the checkpoint cannot be read, a {@link StoreError} when the store cannot
 */
export async function readStoredRun(
  { runId, createdAt, plan, baseDirectory, checkpoint }: NewRun,
  { measurements }: Pick<RunStore, 'measurements'>,
  loaders: PluginLoaders,
  clock: Clock,
): Promise<RunOrder> {
  const { started, command, events, stop, ...policy } = readCheckpoint(checkpoint);
  const spec = await readSpec({ json: plan, baseDirectory, command }, loaders);
  const order = { runId, createdAt, spec, policy, stopped: stop };
  if (started === undefined) return { ...order, start: newStart(spec, stop !== undefined) };
  const monitorValues = new MonitorValues();
  for (const { monitor, second, metrics } of await measurements.samples(runId)) {
    monitorValues.add(monitor, second, JSON.parse(metrics) as Record<string, number>);
  }
  const sessions = started.agents.map(({ name: agent, epoch }) => ({ agent, epoch }));
  const replayed = await replay(spec, runId, sessions, monitorValues, measurements);
  const startUs = startOnClock(started.start, clock);
  return { ...order, start: { kind: 'recovered', ...replayed, started, startUs, events, monitorValues } };
}
