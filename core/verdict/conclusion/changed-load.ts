import { type LoadChange, pausesOf } from '../../plan/load/load-change.ts';
import type { Message } from '../../text/message.ts';
import { holds } from '../comparison.ts';
import type { Criterion } from '../criterion.ts';
import { resultUnit } from '../quantity.ts';
import type { LeanDraft } from '../run-draft.ts';
import type { Measured } from '../tally.ts';

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
function pausedBetween(changes: readonly LoadChange[], fromUs: number, untilUs: number): number {
  return pausesOf(changes).reduce(
    (sum, pause) => sum + Math.max(0, Math.min(pause.toUs, untilUs) - Math.max(pause.fromUs, fromUs)),
    0,
  );
}

/** Whether the load was paused for a part of this second, or of the one before: users may need a moment to go on. */
export function isNearPause(changes: readonly LoadChange[], second: number): boolean {
  return changes.length > 0 && pausedBetween(changes, (second - 1) * 1e6, (second + 1) * 1e6) > 0;
}

/** Whether a criterion wants more requests than a load that lacks a part can make. */
export function wantsMore({ metric, comparison }: Criterion): boolean {
  return (metric.kind === 'rps' || metric.kind === 'requests') && comparison.startsWith('>');
}

/** Of the load of the stretch, the time for which it was not offered because agents were lost: half of them for 4 s are 2 s. */
function lostBetween(agents: LeanDraft['agents'], fromUs: number, untilUs: number): number {
  return agents
    .flatMap(({ missing }) => missing)
    .reduce((sum, { fromSecond, toSecond, share }) => {
      return sum + share * Math.max(0, Math.min(toSecond * 1e6, untilUs) - Math.max(fromSecond * 1e6, fromUs));
    }, 0);
}

/**
 * For a criterion that wants more requests than there were, and would have got them at the same pace from a load that nobody
 * paused and of which no agent was lost.
 * @param measured in its whole phase, or in a window
 */
export function missingLoadExcuse(
  criterion: Criterion,
  { actual, firstSecond }: Measured & { readonly firstSecond?: number },
  { loadChanges, agents, warmupUs, measuredUs }: LeanDraft,
): Message | undefined {
  const { phase, comparison, limit, windowSeconds = 0 } = criterion;
  if (!wantsMore(criterion) || holds(actual, comparison, limit.value)) return undefined;
  const ofPhase = phase.name === 'warmup' ? [0, warmupUs] : [warmupUs, warmupUs + measuredUs];
  const ofWindow = firstSecond !== undefined && [firstSecond * 1e6, (firstSecond + windowSeconds) * 1e6];
  const [fromUs = 0, untilUs = 0] = ofWindow || ofPhase;
  const pausedUs = pausedBetween(loadChanges, fromUs, untilUs);
  const lostUs = lostBetween(agents, fromUs, untilUs);
  if (pausedUs + lostUs === 0) return undefined;
  const offeredUs = untilUs - fromUs - pausedUs - lostUs;
  const otherwise = (actual * (untilUs - fromUs)) / offeredUs;
  if (offeredUs > 0 && !holds(otherwise, comparison, limit.value)) return undefined;
  const params = { actual, limit: limit.value, unit: resultUnit(criterion) };
  if (pausedUs > 0) return { id: 'threshold.paused', params: { ...params, pausedUs } };
  return { id: 'threshold.agents-away', params: { ...params, share: lostUs / (untilUs - fromUs) } };
}
