import { bucketHighestUs, type EncodedHistogram } from '../stats/histogram.ts';
import { countOf } from '../stats/merge-encoded.ts';
import type { Labels, Metric } from './series.ts';

/** The bounds of Prometheus' classic histograms, in seconds. 0.2 is among them, because many targets are held to 200 ms. */
export const CLASSIC_BOUNDS_S: readonly number[] = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
];

/** The value of one series of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** The samples of a metric; those of a histogram are its buckets, which Prometheus calls classic, its sum and its count. */
export function classicSamples(metric: Metric): Sample[] {
  const { name } = metric;
  if (metric.kind !== 'histogram') return metric.points.map((point) => ({ name, ...point }));
  return metric.points.flatMap(({ labels, histogram }): Sample[] => {
    const count = countOf(histogram);
    const bucket = (le: string, value: number) => ({ name: `${name}_bucket`, labels: { ...labels, le }, value });
    return [
      ...classicCounts(histogram).map((value, i) => bucket(String(CLASSIC_BOUNDS_S[i]), value)),
      bucket('+Inf', count),
      { name: `${name}_sum`, labels, value: histogram.sumUs / 1e6 },
      { name: `${name}_count`, labels, value: count },
    ];
  });
}

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
