import type { EncodedHistogram } from '../stats/histogram.ts';

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
