import type { Comparison, Criterion } from './criterion.ts';

/** On which side of its limit a value is; `failures`: the limit is an availability, and the failures it allows are counted. */
export type Side = 'over' | 'under' | 'failures';

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

/** Whether `a` is further beyond the limit than `b`, or closer to it on the good side. */
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
 * How far the actual value is on the good side of the limit, as a share of the limit: 0.63 for 73 ms of 200 ms; negative
 * on the bad side. For an availability it is a share of the failures that the limit allows.
 *
 * @returns undefined where a share says nothing: for a limit of 0 and for equalities
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

/** How far a value that fails its criterion is beyond the limit; undefined where {@link marginShare} is. */
export function excessOf(
  criterion: Pick<Criterion, 'comparison' | 'metric'>,
  actual: number,
  limit: number,
): { readonly excess: number; readonly side: Side } | undefined {
  const margin = marginShare(criterion, actual, limit);
  if (margin === undefined) return undefined;
  const isUpperLimit = criterion.comparison.startsWith('<');
  const side = criterion.metric.kind === 'availability' ? 'failures' : isUpperLimit ? 'over' : 'under';
  return { excess: Math.abs(margin), side };
}
