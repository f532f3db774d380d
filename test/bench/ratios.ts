/** One run of ours and one of a peer, one after the other. */
export interface Pair {
  readonly us: number;
  readonly them: number;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What a ratio of ours to the peer's is to be. */
export interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One figure of ours beside a peer's. */
export interface Figure {
  /** What was done, such as `http GET`; on a runtime other than the first, that too. */
  readonly case: string;
  /** The other generator; {@link GOAL} when there is none and `them` is what is asked of us. */
  readonly peer: string;
  /** Such as `requests/s`. */
  readonly unit: string;
  /** Median over the pairs. */
  readonly us: number;
  /** Median over the pairs. */
  readonly them: number;
  /** Of us / them, pair by pair. */
  readonly ratio: Spread;
  readonly pairs: number;
  readonly goal?: Goal;
}

export const GOAL = 'goal';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** @param pairs at least one, no `them` of 0 */
export function compare(pairs: readonly Pair[]): Pick<Figure, 'us' | 'them' | 'ratio' | 'pairs'> {
  const ratios = pairs.map(({ us, them }) => us / them);
  return {
    us: median(pairs.map(({ us }) => us)),
    them: median(pairs.map(({ them }) => them)),
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
    pairs: pairs.length,
  };
}

/** @returns undefined when nothing is asked */
export function meetsGoal({ ratio, goal }: Pick<Figure, 'ratio' | 'goal'>): boolean | undefined {
  if (goal === undefined) return undefined;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
  return ratio.median >= atLeast && ratio.median <= atMost;
}

/**
 * The median of a sample, and between which of its values the true median is with 95 % confidence: the order statistics at
 * n/2 ± 0.98 √n, the normal approximation of the binomial distribution.
 * @param values at least 10
 */
export function medianInterval(values: readonly number[]): {
  readonly median: number;
  readonly low: number;
  readonly high: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  const half = 0.98 * Math.sqrt(sorted.length);
  const low = sorted[Math.max(0, Math.floor(sorted.length / 2 - half))] as number;
  const high = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length / 2 + half))] as number;
  return { median: median(sorted), low, high };
}
