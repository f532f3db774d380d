import { decodeWindow } from '../../proto/window-codec.ts';
import { RunTotals } from '../stats/merge.ts';
import { type Checkpoint, readCheckpoint, type Started } from './checkpoint.ts';
import type { RunOrder } from './live-run.ts';
import { type PluginLoaders, type RunSpec, readSpec, shapeOf } from './run-spec.ts';
import type { StoredSample } from './store/measurements.ts';
import type { NewRun, RunStore } from './store.ts';

/** What was stored of a run whose load another control process had started. */
export interface TakenUp extends Pick<Checkpoint, 'events' | 'stop'> {
  readonly started: Started;
  /** All stored windows, merged; the agents in the order of `started`. */
  readonly totals: RunTotals;
  /** How many they are. */
  readonly windows: number;
  readonly samples: readonly StoredSample[];
}

/**
 * Reads a run of a control process that is no more.
 * @throws an Error whose message says why it cannot go on
 */
export async function readStoredRun(
  { runId, createdAt, plan, baseDirectory, checkpoint }: NewRun,
  store: RunStore,
  loaders: PluginLoaders,
): Promise<RunOrder> {
  const { started, command, events, stop, ...terms } = readCheckpoint(checkpoint);
  const spec = await readSpec({ json: plan, baseDirectory, command }, loaders);
  if (started === undefined) return { runId, createdAt, spec, terms };
  const merged = await mergeStored(runId, started, spec, store);
  const takenUp = { started, events, stop, ...merged, samples: await store.measurements.samples(runId) };
  return { runId, createdAt, spec, terms, takenUp };
}

async function mergeStored(
  runId: string,
  { agents }: Started,
  spec: RunSpec,
  store: RunStore,
): Promise<Pick<TakenUp, 'totals' | 'windows'>> {
  const totals = new RunTotals(shapeOf(spec));
  const indices = new Map(agents.map(({ name, epoch }) => [sessionKey(name, epoch), totals.addAgent()]));
  let windows = 0;
  for await (const page of store.measurements.windows(runId)) {
    for (const { agent, epoch, seq, window } of page) {
      const index = indices.get(sessionKey(agent, epoch));
      if (index === undefined) continue;
      totals.add(index, seq, decodeWindow(window));
      windows += 1;
    }
  }
  return { totals, windows };
}

function sessionKey(agent: string, epoch: string): string {
  return JSON.stringify([agent, epoch]);
}
