import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { thisHost } from '../store/owner.ts';

/** A wall clock that was set by this much, or more, since the start is not believed. */
const CLOCK_SET_US = 1_000_000;
/** No start is stored earlier than this. */
const FURTHEST_US = 60_000_000;

export const startInstant = z.object({
  /** On the wall clock, milliseconds since 1970: a monotonic clock does not outlive its process. */
  epochMs: z.number(),
  /** On the clock that the host, since it was started, has for all its processes; where there is one. */
  onHost: z.object({ host: z.string(), uptimeUs: z.number() }).readonly().optional(),
});

/** Second 0 of a load, for another process. */
export type StartInstant = Readonly<z.infer<typeof startInstant>>;

/** @param startUs on the clock of this process */
export function instantOf(startUs: number, clock: Clock): StartInstant {
  const aheadUs = startUs - clock.nowUs();
  const uptimeUs = clock.uptimeUs();
  return {
    epochMs: clock.epochMs() + aheadUs / 1000,
    onHost: uptimeUs === undefined ? undefined : { host: thisHost, uptimeUs: uptimeUs + aheadUs },
  };
}

/** @returns second 0 on the clock of this process, also when somebody has set the wall clock of the host since */
export function startOnClock({ epochMs, onHost }: StartInstant, clock: Clock): number {
  const byWallUs = (epochMs - clock.epochMs()) * 1000;
  const uptimeUs = clock.uptimeUs();
  const byHostUs = onHost?.host === thisHost && uptimeUs !== undefined ? onHost.uptimeUs - uptimeUs : byWallUs;
  // A container that was started again may count its own uptime only.
  const isWallSet = Math.abs(byWallUs - byHostUs) >= CLOCK_SET_US && byHostUs < FURTHEST_US;
  return Math.round(clock.nowUs() + (isWallSet ? byHostUs : byWallUs));
}
