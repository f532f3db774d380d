/** The quantity that a criterion limits. */
export type Metric =
  | { readonly kind: 'percentile'; readonly quantile: number }
  | { readonly kind: ValueMetric }
  | { readonly kind: CountMetric }
  | { readonly kind: 'error_rate' | 'availability' | 'dropped_rate' | 'ratio' }
  | { readonly kind: 'rps' | 'max_rps' };

/** Metrics of durations, or of the values of a monitor. */
export type ValueMetric = 'max' | 'min' | 'mean';
/** `lost` and `extra` come from comparing acknowledged writes with stored rows, after the load. */
export type CountMetric = 'requests' | 'errors' | 'dropped' | 'lost' | 'extra';

/** The unit of a metric's limit. A `value` is a duration, or the plain number of a monitor. */
export type MetricUnit = 'value' | 'share' | 'perSecond' | 'count';

const NAMED: Readonly<Record<string, Metric>> = {
  median: { kind: 'percentile', quantile: 0.5 },
  max: { kind: 'max' },
  min: { kind: 'min' },
  avg: { kind: 'mean' },
  mean: { kind: 'mean' },
  requests: { kind: 'requests' },
  fails: { kind: 'errors' },
  errors: { kind: 'errors' },
  error_rate: { kind: 'error_rate' },
  availability: { kind: 'availability' },
  ratio: { kind: 'ratio' },
  rps: { kind: 'rps' },
  max_rps: { kind: 'max_rps' },
  dropped: { kind: 'dropped' },
  dropped_rate: { kind: 'dropped_rate' },
  lost: { kind: 'lost' },
  extra: { kind: 'extra' },
};

export const METRIC_NAMES: readonly string[] = ['p50', 'p95', 'p99', 'p99.9', ...Object.keys(NAMED)];

const PERCENTILE = /^p(100|\d{1,2}(?:\.\d{1,6})?)$/;

/** @returns undefined if the word is not a metric */
export function metricNamed(word: string): Metric | undefined {
  const digits = PERCENTILE.exec(word)?.[1];
  if (digits !== undefined) {
    // Shifts the decimal point, because 99.9 / 100 is not the double that is nearest to 0.999.
    const quantile = Number(`${digits}e-2`);
    return quantile > 0 ? { kind: 'percentile', quantile } : undefined;
  }
  return Object.hasOwn(NAMED, word) ? NAMED[word] : undefined;
}

export function unitOf({ kind }: Metric): MetricUnit {
  switch (kind) {
    case 'percentile':
    case 'max':
    case 'min':
    case 'mean':
      return 'value';
    case 'error_rate':
    case 'availability':
    case 'dropped_rate':
    case 'ratio':
      return 'share';
    case 'rps':
    case 'max_rps':
      return 'perSecond';
    default:
      return 'count';
  }
}

/** Whether the metric is known only after the load has ended. */
export function isKnownAtTheEnd({ kind }: Metric): boolean {
  return kind === 'lost' || kind === 'extra' || kind === 'max_rps';
}

/** Whether the metric is one of the whole load, and not of single operations. */
export function isOfTheWholeRun({ kind }: Metric): boolean {
  return ['lost', 'extra', 'max_rps', 'dropped', 'dropped_rate'].includes(kind);
}
