/**
 * The nearest rank of a quantile: the place, counted from 1, of the smallest of `count` sorted values that at least this share of
 * them does not exceed. 0 for quantile 0.
 *
 * @param quantile 0 to 1, such as 0.95
 */
export function nearestRank(quantile: number, count: number): number {
  const rank = quantile * count;
  // 0.55 · 100 is a little more than 55 in floating point, and would be rank 56.
  return Math.ceil(rank - rank * Number.EPSILON);
}
