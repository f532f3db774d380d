import type { FlowPause } from '../../../core/plan/flow.ts';
import type { RandomStream } from '../../../core/plan/random.ts';
import type { UserContext } from './user-context.ts';

/** How long a pause lasts this time, in whole microseconds. */
export function drawPauseUs(pause: FlowPause, random: RandomStream): number {
  if (typeof pause === 'number') return pause;
  if ('uniform' in pause) return Math.round(pause.uniform[0] + random.next() * (pause.uniform[1] - pause.uniform[0]));
  // Inverse transform sampling; 1 − u is never 0.
  return Math.round(-Math.log(1 - random.next()) * pause.exponential);
}

/** Resolves at that time, or earlier when the load is cut off. */
export async function sleepThrough(untilUs: number, { clock, timers, cut }: UserContext): Promise<void> {
  // The end of the load wakes everybody who sleeps, and a pass that is under way may end.
  while (clock.nowUs() < untilUs && !cut.aborted) await sleepUntil(untilUs, timers, cut);
}

function sleepUntil(atUs: number, timers: UserContext['timers'], cut: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      cut.removeEventListener('abort', wake);
      resolve();
    };
    cut.addEventListener('abort', wake);
    timers.at(atUs, wake);
  });
}
