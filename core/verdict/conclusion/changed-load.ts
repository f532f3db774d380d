import { type LoadChange, pausesOf } from '../../plan/load/load-change.ts';
import type { Message } from '../../text/message.ts';
import type { LeanDraft } from '../run-draft.ts';

/** What operators did to the load while the run went on, for the conclusion. */
export function changedLoad({ loadChanges, warmupUs, measuredUs }: LeanDraft): Message[] {
  const changes = loadChanges.filter(({ kind }) => kind === 'level').length;
  const pausedUs = pausedBetween(loadChanges, warmupUs, warmupUs + measuredUs);
  return [
    ...(pausedUs > 0 ? [{ id: 'conclusion.paused', params: { pausedUs, measuredUs } }] : []),
    ...(changes > 0 ? [{ id: 'conclusion.load-changed', params: { changes } }] : []),
  ];
}

/** Microseconds of the stretch in which the load was paused. */
export function pausedBetween(changes: readonly LoadChange[], fromUs: number, untilUs: number): number {
  return pausesOf(changes).reduce(
    (sum, pause) => sum + Math.max(0, Math.min(pause.toUs, untilUs) - Math.max(pause.fromUs, fromUs)),
    0,
  );
}

/** Whether the load was paused for a part of this second, or of the one before: users may need a moment to go on. */
export function isNearPause(changes: readonly LoadChange[], second: number): boolean {
  return changes.length > 0 && pausedBetween(changes, (second - 1) * 1e6, (second + 1) * 1e6) > 0;
}
