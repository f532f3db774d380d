import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { thisHost } from '../../environment.ts';
import { MAX_START_TRIES, MIN_START_LEAD_US, START_LEAD_US } from '../limits.ts';

/** From this difference on the wall clock is taken to have been set since the run start, and is not believed. */
const MIN_CLOCK_STEP_US = 1_000_000;
/** No run start is stored earlier than this before it. */
const MAX_START_AHEAD_US = 60_000_000;

export const startInstant = z.object({
  /** On the wall clock, milliseconds since 1970: a monotonic clock does not outlive its process. */
  epochMs: z.number(),
  /** On the clock that all processes of the host share since its boot; absent where the system has none. */
  onHost: z.object({ host: z.string(), uptimeUs: z.number() }).readonly().optional(),
});

/** The start of a run's load, as another process can read it. */
export type StartInstant = Readonly<z.infer<typeof startInstant>>;

/** @param startUs the run start on this process's clock */
export function instantOf(startUs: number, clock: Clock): StartInstant {
  const aheadUs = startUs - clock.nowUs();
  const uptimeUs = clock.uptimeUs();
  return {
    epochMs: clock.epochMs() + aheadUs / 1000,
    onHost: uptimeUs === undefined ? undefined : { host: thisHost, uptimeUs: uptimeUs + aheadUs },
  };
}

/** @returns the run start on this process's clock, even if the host's wall clock was set since */
export function startOnClock({ epochMs, onHost }: StartInstant, clock: Clock): number {
  const byWallUs = (epochMs - clock.epochMs()) * 1000;
  const uptimeUs = clock.uptimeUs();
  const byHostUs = onHost?.host === thisHost && uptimeUs !== undefined ? onHost.uptimeUs - uptimeUs : byWallUs;
  // A container that was restarted may count its own uptime: then the run start would seem to lie far ahead.
  const isWallSet = Math.abs(byWallUs - byHostUs) >= MIN_CLOCK_STEP_US && byHostUs < MAX_START_AHEAD_US;
  return Math.round(clock.nowUs() + (isWallSet ? byHostUs : byWallUs));
}

export interface StartChoice {
  readonly clock: Pick<Clock, 'nowUs'>;
  /** How long a message may take to an agent. */
  readonly slowestUs: number;
  /** Stores the run start on control's clock; resolves when it is stored, or when the store takes too long. */
  readonly store: (startUs: number) => Promise<void>;
  readonly drain: AbortSignal;
}

/**
 * Chooses the run start on control's clock, so far ahead that every agent hears of it in time, and has it stored before
 * any agent is told. When storing takes so long that too little of the lead is left, it chooses anew, and the last time
 * does not wait for the store.
 * @throws the reason of `drain`
 */
export async function chooseStart({ clock, slowestUs, store, drain }: StartChoice): Promise<number> {
  const next = () => Math.ceil(clock.nowUs() + START_LEAD_US + slowestUs);
  for (let tries = 0; tries < MAX_START_TRIES; tries++) {
    const startUs = next();
    await store(startUs);
    drain.throwIfAborted();
    if (startUs - slowestUs - clock.nowUs() >= MIN_START_LEAD_US) return startUs;
  }
  const startUs = next();
  void store(startUs);
  return startUs;
}
