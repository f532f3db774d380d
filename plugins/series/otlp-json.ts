import { CLASSIC_BOUNDS_S, classicCounts } from '../../core/series/classic.ts';
import { exponentialOf } from '../../core/series/exponential.ts';
import type { HistogramPoint, Labels, Metric } from '../../core/series/series.ts';
import type { EncodedHistogram } from '../../core/stats/histogram.ts';
import { countOf } from '../../core/stats/merge-encoded.ts';
import { VERSION } from '../../core/version.ts';
import type { Push } from './pushed-run.ts';

/** Units of the Unified Code for Units of Measure by how names of Prometheus end. */
const UNITS: readonly (readonly [suffix: string, unit: string])[] = [
  ['_seconds', 's'],
  ['_bytes', 'By'],
];
/** AGGREGATION_TEMPORALITY_CUMULATIVE */
const CUMULATIVE = 2;
/** DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK */
const NO_VALUE = 1;

/** How histograms are sent: `explicit` ones have the bounds of control's page. */
export type OtlpHistograms = 'exponential' | 'explicit';

/** What all points of a push have. Times are nanoseconds since 1970; JSON has 64 bits as text. */
interface Times {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

/**
 * An ExportMetricsServiceRequest in the JSON of OTLP (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): enums are
 * numbers, and integers of 64 bits are text.
 */
export function otlpRequest({ metrics, ended, startMs, atMs }: Push, histograms: OtlpHistograms): string {
  const times = { startTimeUnixNano: nanoseconds(startMs), timeUnixNano: nanoseconds(atMs) };
  const gone = ended.map(({ name, labels }) => ({
    ...named(name),
    gauge: { dataPoints: labels.map((of) => ({ attributes: attributes(of), ...times, flags: NO_VALUE })) },
  }));
  const scope = { name: 'bench', version: VERSION };
  const resource = { attributes: attributes({ 'service.name': 'bench', 'service.version': VERSION }) };
  const scopeMetrics = [{ scope, metrics: [...metrics.map((metric) => metricOf(metric, times, histograms)), ...gone] }];
  return JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics }] });
}

function metricOf(metric: Metric, times: Times, histograms: OtlpHistograms): object {
  const described = { ...named(metric.name), description: metric.help };
  if (metric.kind === 'histogram') {
    const form = FORMS[histograms];
    const dataPoints = metric.points.map((point) => ({ ...summary(point, times), ...form.buckets(point.histogram) }));
    return { ...described, [form.field]: { aggregationTemporality: CUMULATIVE, dataPoints } };
  }
  const place = (labels: Labels) => ({ attributes: attributes(labels), ...times });
  if (metric.kind === 'counter') {
    const dataPoints = metric.points.map(({ labels, value }) => ({ ...place(labels), asInt: String(value) }));
    return { ...described, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } };
  }
  return {
    ...described,
    gauge: { dataPoints: metric.points.map(({ labels, value }) => ({ ...place(labels), asDouble: value })) },
  };
}

const FORMS: Readonly<Record<OtlpHistograms, { field: string; buckets: (histogram: EncodedHistogram) => object }>> = {
  exponential: {
    field: 'exponentialHistogram',
    buckets(histogram) {
      const { scale, zeroCount, offset, counts } = exponentialOf(histogram);
      return { scale, zeroCount: String(zeroCount), positive: { offset, bucketCounts: counts.map(String) } };
    },
  },
  explicit: {
    field: 'histogram',
    buckets(histogram) {
      const upTo = [...classicCounts(histogram), countOf(histogram)];
      const bucketCounts = upTo.map((count, i) => String(count - (upTo[i - 1] ?? 0)));
      return { explicitBounds: CLASSIC_BOUNDS_S, bucketCounts };
    },
  },
};

function summary({ labels, histogram }: HistogramPoint, times: Times): object {
  const { sumUs, minUs, maxUs } = histogram;
  const place = { attributes: attributes(labels), ...times };
  return { ...place, count: String(countOf(histogram)), sum: sumUs / 1e6, min: minUs / 1e6, max: maxUs / 1e6 };
}

/**
 * The name and unit of which Prometheus, and what else knows its rules, makes the name again that it has on control's page:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
function named(name: string): { readonly name: string; readonly unit?: string } {
  const base = name.replace(/_total$/, '').replace('_', '.');
  const [suffix = '', unit] = UNITS.find(([end]) => base.endsWith(end)) ?? [];
  return unit === undefined ? { name: base } : { name: base.slice(0, -suffix.length), unit };
}

function attributes(labels: Labels): object[] {
  return Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }));
}

/** Too many for a number. */
function nanoseconds(ms: number): string {
  return `${ms}000000`;
}
