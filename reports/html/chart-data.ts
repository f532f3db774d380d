import { parsePlan } from '../../core/plan/parse.ts';
import type { MonitorSeries, RunResult } from '../../core/stats/result.ts';
import { levelsOf } from '../../core/verdict/conclusion/levels.ts';
import { parseThreshold } from '../../core/verdict/criterion.ts';
import type { Labels } from '../labels/labels.ts';
import { type Chart, MAX_POINTS, type Marks, pointsOf, short, type TimeChart } from './chart.ts';
import { heatMap } from './heat-map.ts';
import { allDistributions, type OperationCharts, operationCharts, p95ByOperation } from './operation-charts.ts';
import { generator, levelMarks, ratios, responseTimes, searchChart, throughput, users } from './run-charts.ts';

type Charts = Readonly<Record<string, Chart>>;

/** The page's charts, by where they stand. */
export interface PageCharts {
  /** What is looked at first. */
  readonly main: Charts;
  readonly more: Charts;
  readonly namedMonitors: Charts;
  readonly otherMonitors: Charts;
  readonly operations: readonly OperationCharts[];
}

/** What reports/web/page.js draws, as JSON. */
export interface ChartData {
  readonly seconds: readonly number[];
  readonly marks: Marks;
  readonly words: Readonly<Record<'time' | 'percentile' | 'requests' | 'fewer' | 'more', string>>;
  /** The charts of all places, by id. */
  readonly charts: Charts;
}

/** @param conclusion the report's sentences: a monitor that they name is shown, the others are folded */
export function pageCharts(result: RunResult, labels: Labels, conclusion: readonly string[]): PageCharts {
  const plan = parsePlan(result.plan);
  const points = pointsOf(result.timeline.vus.length);
  const monitors = monitorCharts(result, conclusion);
  const hits = ratios(result, points, labels);
  const search = searchChart(result, levelsOf(result, plan), labels);
  return {
    main: {
      ...(search && { search }),
      throughput: throughput(result, plan, points, labels),
      responseTime: responseTimes(result, points, labels),
    },
    more: {
      ...(hits && { ratios: hits }),
      users: users(result, points, labels),
      heatmap: { title: labels['chart.heatmap'], heat: heatMap(result.timeline) },
      distribution: allDistributions(result, labels),
      operations: p95ByOperation(result, labels),
      generator: generator(result, points, labels),
    },
    namedMonitors: monitors.named,
    otherMonitors: monitors.others,
    operations: operationCharts(result, labels),
  };
}

export function chartData(result: RunResult, labels: Labels, charts: PageCharts): ChartData {
  const { main, more, namedMonitors, otherMonitors, operations } = charts;
  const ofOperations = operations.map((operation) => operation.charts);
  return {
    seconds: pointsOf(result.timeline.vus.length).starts,
    marks: {
      warmupS: result.warmupUs / 1e6,
      events: result.events.map(({ atUs, text }) => ({ second: Math.max(0, atUs / 1e6), text })),
      levels: levelMarks(result, parsePlan(result.plan)),
    },
    words: chartWords(labels),
    charts: Object.assign({}, main, more, namedMonitors, otherMonitors, ...ofOperations),
  };
}

/** What stands in the charts themselves. */
export function chartWords(labels: Labels): ChartData['words'] {
  return {
    time: labels['chart.seconds'],
    percentile: labels['chart.percentile'],
    requests: labels['column.requests'].replace(/^# /, ''),
    fewer: labels['chart.fewer'],
    more: labels['chart.more'],
  };
}

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
