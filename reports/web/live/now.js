// The page's own clock, for how old figures are. Whoever asks is drawn again when a second is late, and nobody else.

import { useEffect, useReducer } from './dom.js';

const TICK_MS = 1000;
/** A second that comes in time brings the page up to date by itself. */
const LATE_MS = 1500;

/** Milliseconds; stands still once the run has ended. */
export function useNow({ hasEnded, receivedMs }) {
  const [, tick] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    if (hasEnded) return;
    let timer = setTimeout(() => {
      tick();
      timer = setInterval(tick, TICK_MS);
    }, LATE_MS);
    return () => clearTimeout(timer);
  }, [hasEnded, receivedMs]);
  return performance.now();
}
