import type { RandomStream } from '../../../core/plan/random.ts';
import type { ParsedScenario } from '../../../core/plan/schema.ts';

type ThinkTimePlan = Extract<ParsedScenario, { thinkTime?: unknown }>['thinkTime'];

/**
 * When a virtual user whose operation was due at `dueUs` and ended at `endUs` begins the next. Due is when it was to
 * begin, by a timer that may have been late: so a pace does not lose what timers are late. At or before `endUs` means at
 * once.
 */
export type NextStart = (dueUs: number, endUs: number, random: RandomStream) => number;

/** @returns undefined when there is no pause at all */
export function nextStart(thinkTime: ThinkTimePlan): NextStart | undefined {
  if (thinkTime === undefined) return undefined;
  if (typeof thinkTime === 'number') return (_dueUs, endUs) => endUs + thinkTime;
  if ('uniform' in thinkTime) {
    const [leastUs, mostUs] = thinkTime.uniform;
    return (_dueUs, endUs, random) => endUs + leastUs + random.next() * (mostUs - leastUs);
  }
  if ('exponential' in thinkTime) {
    // Inverse transform; 1 − u is never 0.
    return (_dueUs, endUs, random) => endUs - Math.log(1 - random.next()) * thinkTime.exponential;
  }
  return (dueUs) => dueUs + thinkTime.pacing;
}
