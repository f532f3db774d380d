const FIRST_MS = 250;
const MAX_MS = 5_000;

/**
 * How long to wait before trying to reach control again: doubling, with jitter so that many agents do not come at once.
 * @param failures how many tries in a row have failed before this one
 * @param random uniform in [0, 1)
 */
export function reconnectDelayMs(failures: number, random: number): number {
  const most = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.round(most * (0.5 + random / 2));
}
