import type { RandomStream } from '../../core/plan/random.ts';
import type { ParsedScenario } from '../../core/plan/schema.ts';

type ThinkTimePlan = Extract<ParsedScenario, { thinkTime?: unknown }>['thinkTime'];

/**
 * When a virtual user that began an operation at `startUs` and ended it at `endUs` begins the next.
 * At or before `endUs` means at once.
 */
export type NextStart = (startUs: number, endUs: number, random: RandomStream) => number;

/** @returns undefined when there is no pause at all */
export function nextStart(thinkTime: ThinkTimePlan): NextStart | undefined {
  if (thinkTime === undefined) return undefined;
  if (typeof thinkTime === 'number') return (_startUs, endUs) => endUs + thinkTime;
  if ('uniform' in thinkTime) {
    const [leastUs, mostUs] = thinkTime.uniform;
    return (_startUs, endUs, random) => endUs + leastUs + random.next() * (mostUs - leastUs);
  }
  if ('exponential' in thinkTime) {
    // Inverse transform; 1 − u is never 0.
    return (_startUs, endUs, random) => endUs - Math.log(1 - random.next()) * thinkTime.exponential;
  }
  return (startUs) => startUs + thinkTime.pacing;
}
