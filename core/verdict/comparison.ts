import type { Comparison, Criterion } from './criterion.ts';

export function holds(actual: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
    case '==':
      return actual === limit;
    case '!=':
      return actual !== limit;
  }
}

/** Whether a is further on the wrong side of the limit than b, or nearer to it on the right side. */
export function isWorse(a: number, b: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
    case '<=':
      return a > b;
    case '>':
    case '>=':
      return a < b;
    case '==':
      return Math.abs(a - limit) > Math.abs(b - limit);
    case '!=':
      return Math.abs(a - limit) < Math.abs(b - limit);
  }
}

/**
 * How far the actual value is on the right side of the limit, as a share of the limit: 0.63 for 73 ms of 200 ms;
 * negative on the wrong side. Of an availability, as a share of the failures that it allows.
 *
 * @returns undefined where no share says anything: a limit of 0, an equality
 */
export function marginShare(
  { comparison, metric }: Pick<Criterion, 'comparison' | 'metric'>,
  actual: number,
  limit: number,
): number | undefined {
  if (metric.kind === 'availability') return limit >= 1 ? undefined : (actual - limit) / (1 - limit);
  if (limit === 0 || comparison === '==' || comparison === '!=') return undefined;
  return comparison.startsWith('<') ? (limit - actual) / limit : (actual - limit) / limit;
}
