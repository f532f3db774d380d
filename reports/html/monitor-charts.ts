import type { MonitorSeries, RunResult } from '../../core/stats/result.ts';
import { parseThreshold } from '../../core/verdict/criterion.ts';
import { MAX_POINTS, short, type TimeChart } from './chart.ts';

const MAX_MONITORS = 48;

export interface MonitorCharts {
  /** Those that a criterion or a sentence of the conclusion names, by the chart's id. */
  readonly named: Readonly<Record<string, TimeChart>>;
  readonly others: Readonly<Record<string, TimeChart>>;
}

/** @param conclusion the report's sentences */
export function monitorCharts({ monitors, thresholds }: RunResult, conclusion: readonly string[]): MonitorCharts {
  const judged = new Set(thresholds.map(({ criterion }) => parseThreshold(criterion).subject?.name));
  const isNamed = (name: string) => judged.has(name) || conclusion.some((sentence) => tells(sentence, name));
  const charts = monitors
    .slice(0, MAX_MONITORS)
    .map((series, i) => ({ id: `monitor-${i}`, isNamed: isNamed(series.name), chart: monitorChart(series) }));
  const group = (wanted: boolean) =>
    Object.fromEntries(charts.filter((one) => one.isNamed === wanted).map(({ id, chart }) => [id, chart]));
  return { named: group(true), others: group(false) };
}

/** A sentence names a metric whole, or says of its monitor's host how busy the CPU was. */
function tells(sentence: string, name: string): boolean {
  const [monitor = ''] = name.split('.', 1);
  return sentence.includes(name) || (/cpu/i.test(name) && sentence.includes('CPU') && sentence.includes(monitor));
}

/** Points at equal distances, null where the monitor gave no value: else a line would run through its absence. */
function monitorChart({ name, seconds, values }: MonitorSeries): TimeChart {
  const first = seconds[0] ?? 0;
  const count = (seconds.at(-1) ?? first) - first + 1;
  const step = Math.ceil(count / MAX_POINTS);
  const starts = Array.from({ length: Math.ceil(count / step) }, (_, i) => first + i * step);
  const greatest = starts.map((): number | null => null);
  for (const [i, second] of seconds.entries()) {
    const point = Math.floor((second - first) / step);
    greatest[point] = Math.max(greatest[point] ?? Number.NEGATIVE_INFINITY, values[i] as number);
  }
  const shown = greatest.map((value) => (value === null ? null : short(value)));
  return { title: name, series: [{ label: name, values: shown }], seconds: starts };
}
