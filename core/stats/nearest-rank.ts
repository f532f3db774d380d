/**
 * Nearest rank: the place, from 1, of the least of `count` sorted values that this share of all does not exceed. 0 for
 * quantile 0.
 *
 * @param quantile 0 to 1, such as 0.95
 */
export function nearestRank(quantile: number, count: number): number {
  const rank = quantile * count;
  // 0.55 · 100 is a little more than 55 in floating point, and would be rank 56.
  return Math.ceil(rank - rank * Number.EPSILON);
}
