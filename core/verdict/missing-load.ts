import type { MissingLoad } from '../stats/result.ts';
import type { Message } from '../text/message.ts';
import { holds } from './comparison.ts';
import { pausedBetween } from './conclusion/changed-load.ts';
import { unitOf } from './criterion/metric.ts';
import type { Criterion } from './criterion.ts';
import { resultUnit } from './quantity.ts';
import type { LeanDraft } from './run-draft.ts';
import type { Measured } from './tally.ts';

/*
 * Criteria that fail only because a part of the load was not offered. As with faults of the generator (generator-fault.ts), they say
 * nothing about the target, and are not judged.
 */

/** Whether a criterion wants more requests than a load that lacks a part can make. */
export function wantsMore({ metric, comparison }: Criterion): boolean {
  return (metric.kind === 'rps' || metric.kind === 'requests') && comparison.startsWith('>');
}

/** Of the load of the stretch, the time for which it was not offered because agents were lost: half of them for 4 s are 2 s. */
function lostBetween(missing: readonly MissingLoad[], fromUs: number, untilUs: number): number {
  return missing.reduce((sum, { fromSecond, toSecond, share }) => {
    return sum + share * Math.max(0, Math.min(toSecond * 1e6, untilUs) - Math.max(fromSecond * 1e6, fromUs));
  }, 0);
}

/**
 * For a criterion that wants more requests than there were, and would have got them at the same pace from a load that nobody
 * paused and of which no agent was lost.
 * @returns asked with what was measured in the whole phase, or in a window
 */
export function missingLoadExcuse(
  criterion: Criterion,
  { loadChanges, agents, warmupUs, measuredUs }: LeanDraft,
): (measured: Measured & { readonly firstSecond?: number }) => Message | undefined {
  const { phase, comparison, limit, windowSeconds = 0 } = criterion;
  if (!wantsMore(criterion)) return () => undefined;
  // A long run has many windows, and they are judged anew each second.
  const missing = agents.flatMap((agent) => agent.missing);
  if (loadChanges.length + missing.length === 0) return () => undefined;
  const ofPhase: readonly [number, number] =
    phase.name === 'warmup' ? [0, warmupUs] : [warmupUs, warmupUs + measuredUs];
  return ({ actual, firstSecond }) => {
    if (holds(actual, comparison, limit.value)) return undefined;
    const [fromUs, untilUs] =
      firstSecond === undefined ? ofPhase : [firstSecond * 1e6, (firstSecond + windowSeconds) * 1e6];
    const pausedUs = pausedBetween(loadChanges, fromUs, untilUs);
    const lostUs = lostBetween(missing, fromUs, untilUs);
    if (pausedUs + lostUs === 0) return undefined;
    const offeredUs = untilUs - fromUs - pausedUs - lostUs;
    const otherwise = (actual * (untilUs - fromUs)) / offeredUs;
    if (offeredUs > 0 && !holds(otherwise, comparison, limit.value)) return undefined;
    const params = { actual, limit: limit.value, unit: resultUnit(criterion) };
    if (pausedUs > 0) return { id: 'threshold.paused', params: { ...params, pausedUs } };
    return { id: 'threshold.agents-away', params: { ...params, share: lostUs / (untilUs - fromUs) } };
  };
}

/**
 * For a criterion that wants a higher count than the measured phase has come to, of a load that has not taken its whole course: the
 * rest of it would have been counted too.
 * @param actual in the whole phase
 */
export function unfinishedExcuse(
  { metric, phase, comparison, limit }: Criterion,
  actual: number,
  { ending }: Pick<LeanDraft, 'ending'>,
): Message | undefined {
  if (ending.kind === 'completed' || phase.name !== 'measure' || unitOf(metric) !== 'count') return undefined;
  const mayStillHold = comparison.startsWith('>') || (comparison === '==' && actual < limit.value);
  if (!mayStillHold || holds(actual, comparison, limit.value)) return undefined;
  return { id: 'threshold.unfinished', params: { actual, unit: 'count' } };
}
