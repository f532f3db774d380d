import type { Labels, Metric } from '../../core/series/series.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram } from '../../core/stats/histogram.ts';
import { addedSince, countOf } from '../../core/stats/merge-encoded.ts';

/** What counters and histograms have got since they were as `before`, those alone that have got something; gauges as they are. */
export function metricsSince(before: readonly Metric[], now: readonly Metric[]): Metric[] {
  const counts = new Map<string, number>();
  const histograms = new Map<string, EncodedHistogram>();
  for (const { name, points } of before) {
    for (const point of points) {
      const key = seriesKey(name, point.labels);
      if ('value' in point) counts.set(key, point.value);
      else histograms.set(key, point.histogram);
    }
  }
  const added = now.map((metric): Metric => {
    const { name } = metric;
    if (metric.kind === 'gauge') return metric;
    if (metric.kind === 'histogram') {
      const points = metric.points.map(({ labels, histogram }) => {
        return { labels, histogram: addedSince(histograms.get(seriesKey(name, labels)) ?? EMPTY_HISTOGRAM, histogram) };
      });
      return { ...metric, points: points.filter(({ histogram }) => countOf(histogram) > 0) };
    }
    const points = metric.points.map(({ labels, value }) => {
      return { labels, value: value - (counts.get(seriesKey(name, labels)) ?? 0) };
    });
    return { ...metric, points: points.filter(({ value }) => value > 0) };
  });
  return added.filter(({ points }) => points.length > 0);
}

/** What two series have in common only when they are the same. */
export function seriesKey(name: string, labels: Labels): string {
  return JSON.stringify([name, labels]);
}
