import type { RandomStream } from '../../../core/plan/random.ts';
import type { ParsedScenario } from '../../../core/plan/schema.ts';

type ThinkTimePlan = Extract<ParsedScenario, { thinkTime?: unknown }>['thinkTime'];

/**
 * Computes when a virtual user begins its next operation, in microseconds on the engine's clock. A result at or before
 * `endUs` means at once.
 * @param dueUs when the last operation was due; its timer may have fired later, which must not shift a pace
 * @param endUs when the last operation ended
 */
export type NextStart = (dueUs: number, endUs: number, random: RandomStream) => number;

/** @returns undefined when the plan has no think time */
export function nextStart(thinkTime: ThinkTimePlan): NextStart | undefined {
  if (thinkTime === undefined) return undefined;
  if (typeof thinkTime === 'number') return (_dueUs, endUs) => endUs + thinkTime;
  if ('uniform' in thinkTime) {
    const [minUs, maxUs] = thinkTime.uniform;
    return (_dueUs, endUs, random) => endUs + minUs + random.next() * (maxUs - minUs);
  }
  if ('exponential' in thinkTime) {
    // Inverse transform sampling; 1 − u is never 0.
    return (_dueUs, endUs, random) => endUs - Math.log(1 - random.next()) * thinkTime.exponential;
  }
  return (dueUs) => dueUs + thinkTime.pacing;
}
