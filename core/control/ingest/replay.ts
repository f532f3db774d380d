import { setImmediate } from 'node:timers/promises';
import { RunTotals } from '../../stats/merge.ts';
import { type Breach, ThresholdEvaluator } from '../../verdict/evaluator.ts';
import { SILENCE_LIMIT_US } from '../limits.ts';
import type { MonitorValues } from '../monitors/monitor-series.ts';
import { type RunSpec, shapeOf } from '../run/run-spec.ts';
import type { AgentSession, Measurements } from '../store/measurements.ts';
import { inOrderOfSeconds, type ReadWindow } from './stored-windows.ts';

/** An agent may have been behind by this when its control ended, without being lost. */
const OPEN_SECONDS = SILENCE_LIMIT_US / 1e6;

/** What the windows of a run come to. */
export interface Replayed {
  /** The agents in the order of their sessions; all count as lost. The newest seconds are not settled. */
  readonly totals: RunTotals;
  /** Has seen the seconds that are settled. */
  readonly evaluator: ThresholdEvaluator;
  /** How many there were. */
  readonly windows: number;
  /** A threshold with `abort` that is broken. */
  readonly breach: Breach | undefined;
}

/** Merges and judges all windows that are stored of a run, as if each had come in time. */
export async function replay(
  spec: RunSpec,
  runId: string,
  sessions: readonly AgentSession[],
  monitors: MonitorValues,
  measurements: Pick<Measurements, 'windows'>,
): Promise<Replayed> {
  const shape = shapeOf(spec);
  const totals = new RunTotals(shape);
  const evaluator = evaluatorOf(spec);
  // Windows come in order: where an agent has none of a second, it was not there.
  for (const _ of sessions) totals.setPresence(totals.addAgent(), 'lost');
  const open: (readonly ReadWindow[])[] = [];
  const add = (ofSecond: readonly ReadWindow[]) => {
    for (const { session, seq, window } of ofSecond) totals.add(session, seq, window);
    windows += ofSecond.length;
  };
  let windows = 0;
  let breach: Breach | undefined;
  for await (const ofSecond of inOrderOfSeconds(measurements, runId, shape, sessions)) {
    for (const settled of totals.settle((second) => monitors.at(second))) breach ??= evaluator.observe(settled)[0];
    open.push(ofSecond);
    if (open.length > OPEN_SECONDS) add(open.shift() as readonly ReadWindow[]);
    // Control has other things to do meanwhile.
    await setImmediate();
  }
  for (const ofSecond of open) add(ofSecond);
  return { totals, evaluator, windows, breach };
}

export function evaluatorOf({ thresholds, resolved, warmupUs, plannedUs }: RunSpec): ThresholdEvaluator {
  return new ThresholdEvaluator(thresholds, resolved.operations, { warmupUs, plannedUs });
}
