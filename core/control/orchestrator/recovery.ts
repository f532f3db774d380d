import type { HostFiles } from '../../bundle/host-files.ts';
import { openKeptBundle } from '../../bundle/open-bundle.ts';
import type { Clock } from '../../clock.ts';
import { errorMessage, unexpectedStack } from '../../error.ts';
import { replay } from '../ingest/replay.ts';
import { searchOf } from '../load/search-of.ts';
import { MonitorValues } from '../monitors/monitor-series.ts';
import { readCheckpoint } from '../run/checkpoint.ts';
import { NO_NOTES } from '../run/run-notes.ts';
import { type PluginLoaders, readSpec } from '../run/run-spec.ts';
import { startOnClock } from '../run/start-time.ts';
import { type NewRun, type RunStore, StoreError } from '../store/run-store.ts';
import { readJson } from '../store/stored-row.ts';
import type { ControlContext } from './control-context.ts';
import { newStart, type RunOrder } from './run-start.ts';

/**
 * Takes over the runs of control processes that are gone: first those under way, then those that waited. A run that cannot be
 * recovered fails.
 * @throws {StoreError} when the store cannot be read: it may be readable when control is started again
 */
export async function abandonedRuns(
  { store, clock, log, files }: Pick<ControlContext, 'store' | 'clock' | 'log' | 'files'>,
  loaders: PluginLoaders,
): Promise<RunOrder[]> {
  const orders: RunOrder[] = [];
  for (const stored of await store.takeAbandonedRuns()) {
    try {
      orders.push(await readStoredRun(stored, store, loaders, clock, files));
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const reason = `control ended while this run was under way, and a new control cannot go on with it: ${errorMessage(error)}`;
      await store.endRun(stored.runId, { state: 'failed', reason });
      log(`run ${stored.runId}: ${reason}`, { level: 'error', runId: stored.runId, stack: unexpectedStack(error) });
    }
  }
  return orders.sort((a, b) => Number(b.start.kind === 'recovered') - Number(a.start.kind === 'recovered'));
}

/**
 * Reads a run of a control process that is gone, so that this one can go on with it.
 * @throws {BenchError} when the plan or the checkpoint cannot be read, a {@link StoreError} when the store cannot
 */
async function readStoredRun(
  { runId, createdAt, plan, baseDirectory, checkpoint, notes = NO_NOTES }: NewRun,
  { measurements }: Pick<RunStore, 'measurements'>,
  loaders: PluginLoaders,
  clock: Clock,
  { bundles }: Pick<HostFiles, 'bundles'>,
): Promise<RunOrder> {
  const {
    started,
    command,
    bundle: entries,
    baseline,
    events,
    stop,
    leftBehind: _,
    ...policy
  } = readCheckpoint(checkpoint);
  const bundle = bundles && (await openKeptBundle(entries, baseDirectory, bundles));
  const source = { json: plan, baseDirectory, command, bundle, baseline };
  const spec = await readSpec(source, loaders).catch(async (error: unknown) => {
    await bundle?.close();
    throw error;
  });
  const order = { runId, createdAt, spec, policy, notes, stopped: stop };
  if (started === undefined) return { ...order, start: newStart(spec, stop !== undefined) };
  const monitorValues = new MonitorValues();
  let unreadable = 0;
  for (const { monitor, second, metrics } of await measurements.samples(runId)) {
    const values = readJson(metrics);
    if (values instanceof Object) monitorValues.add(monitor, second, values as Record<string, number>);
    else unreadable += 1;
  }
  const sessions = started.agents.map(({ name: agent, epoch }) => ({ agent, epoch }));
  const replayed = await replay(spec, runId, sessions, monitorValues, measurements, started.changes);
  const startUs = startOnClock(started.start, clock);
  const search = searchOf(spec, started.searched);
  const damage = { atUs: clock.nowUs() - startUs, text: `${unreadable} samples of monitors were damaged in the store` };
  const told = unreadable === 0 ? events : [...events, damage];
  return { ...order, start: { kind: 'recovered', ...replayed, started, startUs, events: told, monitorValues, search } };
}
