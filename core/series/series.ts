import { bucketHighestUs, type EncodedHistogram } from '../stats/histogram.ts';

/** A metric of a run, as tools for time series have it. Names are those of Prometheus, and durations are seconds. */
export type Metric =
  | {
      readonly kind: 'counter' | 'gauge';
      readonly name: string;
      readonly help: string;
      readonly points: readonly Point[];
    }
  | {
      readonly kind: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly points: readonly HistogramPoint[];
    };

export type Labels = Readonly<Record<string, string>>;

export interface Point {
  readonly labels: Labels;
  readonly value: number;
}

export interface HistogramPoint {
  readonly labels: Labels;
  readonly histogram: EncodedHistogram;
}

/** The bounds of Prometheus' classic histograms, in seconds. 0.2 is among them, because many targets are held to 200 ms. */
export const CLASSIC_BOUNDS_S: readonly number[] = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
];

/**
 * How many samples lie at each of {@link CLASSIC_BOUNDS_S} or below it. A sample less than 0.1 % below a bound may count as above it.
 */
export function classicCounts({ indices, counts }: EncodedHistogram): number[] {
  let at = 0;
  let sum = 0;
  return CLASSIC_BOUNDS_S.map((boundS) => {
    while (at < indices.length && bucketHighestUs(indices[at] as number) <= boundS * 1e6) sum += counts[at++] as number;
    return sum;
  });
}
