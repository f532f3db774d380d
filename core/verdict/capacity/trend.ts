/** Whether a series rises or falls beyond what chance does, and by how much. */
export interface Trend {
  /** Standard normal where there is no trend; above 0 for a rise. */
  readonly z: number;
  /** The median of the slopes between all pairs of values, per step. */
  readonly slope: number;
}

/**
 * The test of Mann and Kendall, with the variance corrected for equal values, and the slope of Theil and Sen. Neither minds
 * outliers, nor how the values are distributed.
 *
 * Sources: H. B. Mann, "Nonparametric Tests Against Trend", Econometrica 13 (1945); M. G. Kendall, "Rank Correlation Methods"
 * (1975); P. K. Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", J. Am. Stat. Assoc. 63 (1968).
 *
 * @param values at equal distances, at least two
 */
export function trendOf(values: readonly number[]): Trend {
  const count = values.length;
  const slopes: number[] = [];
  let score = 0;
  values.forEach((later, j) => {
    values.slice(0, j).forEach((earlier, i) => {
      score += Math.sign(later - earlier);
      slopes.push((later - earlier) / (j - i));
    });
  });
  const tied = [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length);
  const spread = (n: number) => n * (n - 1) * (2 * n + 5);
  const variance = (spread(count) - tied.reduce((sum, n) => sum + spread(n), 0)) / 18;
  return { z: variance > 0 ? score / Math.sqrt(variance) : 0, slope: medianOf(slopes) };
}

/** Beyond this, a series without a trend is found once in twenty times. */
const UNLIKELY = 1.959_964;

/**
 * Whether a series keeps its level: it has no trend, or one that changes it by less than what matters from its beginning to its end.
 * @param matters in the unit of the values
 */
export function isSteady(values: readonly number[], matters: number): boolean {
  if (values.length < 2) return true;
  const { z, slope } = trendOf(values);
  return Math.abs(z) <= UNLIKELY || Math.abs(slope) * (values.length - 1) <= matters;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}
