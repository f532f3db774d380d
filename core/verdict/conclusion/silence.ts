import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { measuredOf, measuredSeconds } from '../measured.ts';

/** A shorter silence is that of a few slow requests. */
const MIN_SECONDS = 2;
/** A silence that is this many times the median response time is none between two requests. */
const UNUSUAL = 5;
/** With more of a silence than this, the load generator itself stood still. */
const OWN_SHARE = 0.5;

/**
 * The longest stretch in which a target answered nothing although it was asked, as a request that ended after it shows. Virtual users
 * that wait send nothing, so neither percentiles nor shares of failures have to show it.
 */
export function silence(result: RunResult): Message[] {
  const { all, loopLagUs } = result.timeline;
  const silent = longestSilence(result);
  const fromSecond = silent[0];
  if (fromSecond === undefined || silent.length < MIN_SECONDS) return [];
  const endSecond = all.requests.findIndex((count, second) => second > fromSecond && count > 0);
  const maxUs = all.maxUs[endSecond] ?? 0;
  // When the last of its seconds a request began is not known.
  if (endSecond < 0 || maxUs < (endSecond - fromSecond - 1) * 1e6) return [];
  const silentUs = silent.length * 1e6;
  const ownUs = loopLagUs.slice(fromSecond, endSecond + 1).reduce((sum, lagUs) => sum + lagUs, 0);
  const medianUs = measuredOf(result.operations).responseTime.valueAtQuantileUs(0.5);
  if (silentUs < UNUSUAL * medianUs || ownUs > OWN_SHARE * silentUs) return [];
  return [{ id: 'conclusion.silent', params: { second: fromSecond, silentUs, maxUs } }];
}

/** Seconds of the load in a row in which nothing ended. */
function longestSilence(result: RunResult): readonly number[] {
  let longest: readonly number[] = [];
  let current: number[] = [];
  for (const second of measuredSeconds(result)) {
    if ((result.timeline.all.requests[second] ?? 0) > 0) current = [];
    else current.push(second);
    if (current.length > longest.length) longest = current;
  }
  return longest;
}
