/** Which of many differences are told, because they are not chance; and how many runs it takes to see one. */
import { studentQuantile } from './student.ts';

/** What fewer than 5 % of the differences that are named may be by chance. */
export const CHANCE = 0.05;

export interface Discoveries {
  /** Which of the values are too small for chance. */
  readonly told: readonly boolean[];
  /** The probability that an interval of each does not cover the truth; intervals of this kind agree with `told`. */
  readonly uncovered: readonly number[];
}

/**
 * Many figures are compared at once, and one in twenty would differ by chance. So a difference is told only where few enough of
 * those that are told can be chance: at most 5 % on average. When nothing has changed, that is the probability that any is told.
 * Intervals are as much wider as it takes to keep that for them too, so that one excludes "no change" exactly where it is told.
 *
 * Sources: Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57 (1995); Y. Benjamini,
 * D. Yekutieli, "False Discovery Rate–Adjusted Multiple Confidence Intervals", J. Am. Stat. Assoc. 100 (2005).
 *
 * @param pValues each 0 to 1: how likely a difference like this is by chance
 */
export function discoveries(pValues: readonly number[]): Discoveries {
  const count = pValues.length;
  const found = pValues
    .toSorted((a, b) => a - b)
    .reduce((most, value, i) => (value <= ((i + 1) * CHANCE) / count ? i + 1 : most), 0);
  const limit = (found * CHANCE) / count;
  const told = pValues.map((value) => found > 0 && value <= limit);
  const others = (Math.min(found + 1, count) * CHANCE) / count;
  return { told, uncovered: told.map((isTold) => (isTold ? limit : others)) };
}

/** Chance of a false alarm, and of missing a change that is there. */
const FALSE_ALARM = 0.05;
const MISS = 0.05;
/** A target whose runs differ so much that more would be needed has another problem. */
export const MAX_RUNS = 100;

/**
 * How many runs a side find a change in 19 of 20 comparisons: the least n of at least 2 that is no less than
 * 2 (t(1 − α/2) + t(1 − β))² σ² ÷ Δ², with 2n − 2 degrees of freedom.
 *
 * Source: G. W. Snedecor, W. G. Cochran, "Statistical Methods", 8th ed. (1989), section 6.14, with Student's t in place of the normal
 * distribution.
 *
 * @param spread the standard deviation of runs of one side, on the scale of the change
 * @param change above 0
 * @returns undefined when that is more than {@link MAX_RUNS}
 */
export function runsNeeded(spread: number, change: number): number | undefined {
  for (let runs = 2; runs <= MAX_RUNS; runs++) {
    const freedom = 2 * runs - 2;
    const reach = studentQuantile(FALSE_ALARM, freedom) + studentQuantile(2 * MISS, freedom);
    if (runs >= 2 * ((reach * spread) / change) ** 2) return runs;
  }
  return undefined;
}
