import { studentQuantile } from './significance.ts';

/** Chance of a false alarm, and of missing a change that is there. */
const FALSE_ALARM = 0.05;
const MISS = 0.05;
/** A target whose runs differ so much that more would be needed has another problem. */
export const MOST_RUNS = 100;

/**
 * How many runs a side find a change in 19 of 20 comparisons: the least n of at least 2 that is no less than
 * 2 (t(1 − α/2) + t(1 − β))² σ² ÷ Δ², with 2n − 2 degrees of freedom.
 *
 * Source: G. W. Snedecor, W. G. Cochran, "Statistical Methods", 8th ed. (1989), section 6.14, with Student's t in place of the normal
 * distribution.
 *
 * @param spread the standard deviation of runs of one side, on the scale of the change
 * @param change above 0
 * @returns undefined when that is more than {@link MOST_RUNS}
 */
export function runsNeeded(spread: number, change: number): number | undefined {
  for (let runs = 2; runs <= MOST_RUNS; runs++) {
    const freedom = 2 * runs - 2;
    const reach = studentQuantile(FALSE_ALARM, freedom) + studentQuantile(2 * MISS, freedom);
    if (runs >= 2 * ((reach * spread) / change) ** 2) return runs;
  }
  return undefined;
}
