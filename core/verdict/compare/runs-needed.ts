import { studentQuantile } from './significance.ts';

/** Chance of a false alarm, and of missing a change that is there. */
const FALSE_ALARM = 0.05;
const MISS = 0.05;
/** Quantiles of the normal distribution at both. */
const NORMAL = { alarm: 1.959_964, miss: 1.644_854 } as const;
/** A target whose runs differ so much that more would be needed has another problem. */
export const MOST_RUNS = 100;

/**
 * How many runs a side find a change in 19 of 20 comparisons: the least n ≥ 2 (t(1 − α/2) + t(1 − β))² σ² ÷ Δ², with 2n − 2 degrees
 * of freedom.
 *
 * Source: G. W. Snedecor, W. G. Cochran, "Statistical Methods", 8th ed. (1989), section 6.14, with Student's t in place of the normal
 * distribution.
 *
 * @param spread the standard deviation of runs of one side, on the scale of the change
 * @param change above 0
 * @returns undefined when that is more than {@link MOST_RUNS}
 */
export function runsNeeded(spread: number, change: number): number | undefined {
  // With the normal distribution's lower quantiles, fewer would do: no count below that has to be tried.
  const least = Math.floor(2 * (((NORMAL.alarm + NORMAL.miss) * spread) / change) ** 2);
  for (let runs = Math.max(2, least); runs <= MOST_RUNS; runs++) {
    const freedom = 2 * runs - 2;
    const reach = studentQuantile(FALSE_ALARM, freedom) + studentQuantile(2 * MISS, freedom);
    if (runs >= 2 * ((reach * spread) / change) ** 2) return runs;
  }
  return undefined;
}
