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
