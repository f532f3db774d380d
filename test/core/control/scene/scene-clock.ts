import { FakeClock } from '../../../../testing/fake-clock.ts';

/**
 * A fake clock for scenes with a control: what one side sends arrives before time goes on.
 * @param wallAheadMs how far somebody has set the wall clock
 */
export function sceneClock(nowUs = 5_000_000, wallAheadMs = 0): FakeClock {
  return new FakeClock(nowUs, { wallAheadMs, turns: 3 });
}
