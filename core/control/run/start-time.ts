import type { Clock } from '../../clock.ts';
import { MAX_START_TRIES, MIN_START_LEAD_US, START_LEAD_US } from '../limits.ts';

export interface StartChoice {
  readonly clock: Pick<Clock, 'nowUs'>;
  /** How long word may be on its way to an agent. */
  readonly slowestUs: number;
  /** Waits until the start is stored, though not for good. */
  readonly store: (startUs: number) => Promise<void>;
  readonly stop: AbortSignal;
}

/**
 * Second 0 on control's clock: so far ahead that word of it reaches every agent in time, and stored. Nobody has been told
 * of it before: where the store takes long, another one is chosen, in the end without waiting for the store.
 * @throws the signal's reason
 */
export async function chosenStart({ clock, slowestUs, store, stop }: StartChoice): Promise<number> {
  const next = () => Math.ceil(clock.nowUs() + START_LEAD_US + slowestUs);
  for (let tries = 0; tries < MAX_START_TRIES; tries++) {
    const startUs = next();
    await store(startUs);
    stop.throwIfAborted();
    if (startUs - slowestUs - clock.nowUs() >= MIN_START_LEAD_US) return startUs;
  }
  const startUs = next();
  void store(startUs);
  return startUs;
}
