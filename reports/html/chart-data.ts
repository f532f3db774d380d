import type { MonitorSeries, RunResult, SecondColumns } from '../../core/stats/result.ts';
import { merged } from '../../core/verdict/distribution.ts';
import type { Labels } from '../labels/labels.ts';
import { type DistributionGroup, distributions } from './distributions.ts';
import { type HeatMap, heatMap } from './heat-map.ts';

/** A line of a chart: a value for each point in time, null where there is none. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** On the axis at the right. */
  readonly right?: boolean;
  /** Which of the page's colours; its place in the chart without it. */
  readonly colour?: number;
}

export interface TimeChart {
  readonly title: string;
  readonly series: readonly Series[];
  /** In seconds; those of the whole page without it. */
  readonly seconds?: readonly number[];
  readonly log?: boolean;
}

/** What reports/web/page.js draws, as JSON. */
export interface ChartData {
  readonly seconds: readonly number[];
  readonly marks: { readonly warmupS: number; readonly events: readonly { second: number; text: string }[] };
  readonly words: Readonly<Record<'time' | 'percentile' | 'requests', string>>;
  readonly charts: Readonly<Record<string, Chart>>;
}

export type Chart =
  | TimeChart
  | { readonly title: string; readonly heat: HeatMap }
  | { readonly title: string; readonly distributions: readonly DistributionGroup[] };

/** Two points for each pixel of a wide screen are enough; percentiles of a point are of all its samples. */
const MOST_POINTS = 1800;
/** More lines cannot be told apart. */
const MOST_OPERATIONS = 8;
/** Percentiles by operation are there for each second and cannot be merged: a long run shows fewer operations. */
const MOST_OPERATION_POINTS = 150_000;
const MOST_MONITORS = 12;
/** As in the chart of the throughput, where failures come second. */
const FAILURE_COLOUR = 1;
/** From this ratio of the greatest to the median on, a linear axis shows nothing of the median. */
const LOG_RATIO = 20;

export function chartData(result: RunResult, labels: Labels): ChartData {
  const { timeline, warmupUs, events } = result;
  const step = Math.max(1, Math.ceil(timeline.vus.length / MOST_POINTS));
  const starts = timeline.vus.map((_, second) => second).filter((second) => second % step === 0);
  return {
    seconds: starts,
    marks: {
      warmupS: warmupUs / 1e6,
      events: events.map(({ atUs, text }) => ({ second: Math.max(0, atUs / 1e6), text })),
    },
    words: {
      time: labels['chart.seconds'],
      percentile: labels['chart.percentile'],
      requests: labels['column.requests'].replace(/^# /, ''),
    },
    charts: {
      throughput: throughput(result, starts, step, labels),
      responseTime: responseTimes(result, starts, step, labels),
      users: {
        title: labels['chart.users'],
        series: [{ label: labels['column.users'], values: starts.map((from) => most(timeline.vus, from, step)) }],
      },
      failures: {
        title: labels['column.failuresPerSecond'],
        series: [
          {
            label: labels['chart.failures'],
            values: starts.map((from) => mean(timeline.all.errors, from, step)),
            colour: FAILURE_COLOUR,
          },
        ],
      },
      heatmap: { title: labels['chart.heatmap'], heat: heatMap(timeline) },
      distribution: { title: labels['chart.distribution'], distributions: distributions(result, labels) },
      ...monitorCharts(result),
      operations: byOperation(result, labels),
      generator: {
        title: labels['chart.generator'],
        series: [
          { label: labels['chart.cpu'], values: starts.map((from) => most(timeline.agentCpuCores, from, step)) },
          {
            label: labels['chart.lag'],
            values: starts.map((from) => toMs(most(timeline.loopLagUs, from, step))),
            right: true,
          },
        ],
      },
    },
  };
}

function throughput({ timeline }: RunResult, starts: readonly number[], step: number, labels: Labels): TimeChart {
  const per = (label: string, column: readonly number[]): Series => {
    return { label, values: starts.map((from) => mean(column, from, step)) };
  };
  const isDropping = timeline.droppedArrivals.some((count) => count > 0);
  return {
    title: labels['chart.throughput'],
    series: [
      per(labels['chart.requests'], timeline.all.requests),
      per(labels['chart.failures'], timeline.all.errors),
      ...(isDropping ? [per(labels['chart.dropped'], timeline.droppedArrivals)] : []),
    ],
  };
}

const QUANTILES = [0.5, 0.95, 0.99, 1];

function responseTimes({ timeline }: RunResult, starts: readonly number[], step: number, labels: Labels): TimeChart {
  const lines = QUANTILES.map((): (number | null)[] => []);
  for (const from of starts) {
    const samples = merged(timeline.responseTimes.slice(from, from + step));
    for (const [i, quantile] of QUANTILES.entries()) {
      lines[i]?.push(samples.count === 0 ? null : toMs(samples.valueAtQuantileUs(quantile)));
    }
  }
  const [medians = [], p95 = [], p99 = [], greatest = []] = lines;
  const known = medians.filter((ms) => ms !== null && ms > 0) as number[];
  const top = greatest.reduce((a: number, b) => Math.max(a, b ?? 0), 0);
  return {
    title: labels['chart.responseTime'],
    series: [
      { label: labels['column.median'], values: medians },
      { label: labels['column.p95'], values: p95 },
      { label: labels['column.p99'], values: p99 },
      { label: labels['column.max'], values: greatest },
    ],
    log: known.length > 0 && top > LOG_RATIO * known.reduce((a, b) => Math.min(a, b)),
  };
}

function monitorCharts({ monitors }: RunResult): Record<string, TimeChart> {
  // The depth of a queue tells more than anything else of how the target bears the load.
  const ordered = monitors.toSorted((a, b) => Number(/queue_depth/.test(b.name)) - Number(/queue_depth/.test(a.name)));
  return Object.fromEntries(ordered.slice(0, MOST_MONITORS).map((series, i) => [`monitor-${i}`, monitorChart(series)]));
}

/** Points at equal distances, null where the monitor gave no value: else a line would run through its absence. */
function monitorChart({ name, seconds, values }: MonitorSeries): TimeChart {
  const first = seconds[0] ?? 0;
  const count = (seconds.at(-1) ?? first) - first + 1;
  const step = Math.ceil(count / MOST_POINTS);
  const starts = Array.from({ length: Math.ceil(count / step) }, (_, i) => first + i * step);
  const greatest = starts.map((): number | null => null);
  for (const [i, second] of seconds.entries()) {
    const point = Math.floor((second - first) / step);
    greatest[point] = Math.max(greatest[point] ?? Number.NEGATIVE_INFINITY, values[i] as number);
  }
  const shown = greatest.map((value) => (value === null ? null : short(value)));
  return { title: name, series: [{ label: name, values: shown }], seconds: starts };
}

function byOperation({ operations, timeline }: RunResult, labels: Labels): TimeChart {
  const seconds = timeline.vus.map((_, second) => second);
  const room = Math.floor(MOST_OPERATION_POINTS / Math.max(1, seconds.length));
  const shown = operations
    .map(({ name, phases }, i) => ({ name, requests: phases.measure.requests, columns: timeline.operations[i] }))
    .toSorted((a, b) => b.requests - a.requests)
    .slice(0, Math.min(MOST_OPERATIONS, room));
  return {
    title: labels['chart.operations'],
    seconds,
    series: shown.map(({ name, columns }) => ({ label: name, values: p95s(columns) })),
  };
}

function p95s(columns: SecondColumns | undefined): (number | null)[] {
  return (columns?.p95Us ?? []).map((us, second) => (columns?.requests[second] === 0 ? null : toMs(us)));
}

/** Milliseconds with the digits that the histogram has. */
function toMs(us: number): number {
  return short(us / 1e3);
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}

function most(column: readonly number[], from: number, step: number): number {
  let top = 0;
  for (let i = from; i < from + step && i < column.length; i++) top = Math.max(top, column[i] as number);
  return short(top);
}

function mean(column: readonly number[], from: number, step: number): number {
  const until = Math.min(column.length, from + step);
  let sum = 0;
  for (let i = from; i < until; i++) sum += column[i] as number;
  return short(sum / (until - from));
}
