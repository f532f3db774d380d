import type { RunResult } from '../../core/stats/result.ts';
import type { Levels } from '../../core/verdict/conclusion/levels.ts';
import { merged } from '../../core/verdict/distribution.ts';
import { least, monitorValues, most } from '../../core/verdict/measured.ts';
import { formatMs, formatNumber, formatRate } from '../../core/verdict/quantity.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section, Sparkline } from './section.ts';
import { type Cell, clockTime, count, left, ms, NOTHING, number, rate, right, share, text } from './table.ts';

const MAX_ROWS = 20;
const SPARKLINE_WIDTH = 60;
const NICE_SECONDS = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600];
const BARS = '▁▂▃▄▅▆▇█';
/** Monitors that show how the target copes with the load. The others are only in the table of monitors. */
const TELLING = /queue_depth$|cpu_(share|ratio|utilization)$/;
const MAX_MONITORS = 3;

/** The figures of each load level. */
export function loadLevels({ of, levels }: Levels, labels: Labels): Section | undefined {
  if (levels.length < 2) return undefined;
  return {
    id: 'levels',
    title: labels['section.levels'],
    note: labels['section.levels.note'],
    table: {
      columns: [
        right(labels[of === 'vus' ? 'column.users' : 'column.offered']),
        right(labels['column.requestsPerSecond']),
        right(labels['column.median']),
        right(labels['column.p95']),
        right(labels['column.p99']),
        right(labels['column.failureShare']),
      ],
      rows: levels.map((level) => [
        of === 'vus' ? count(level.load) : rate(level.load),
        rate(level.perSecond),
        ms(level.p50Us),
        ms(level.p95Us),
        ms(level.p99Us),
        share(level.errorShare, level.errorShare > 0 ? 'bad' : undefined),
      ]),
    },
  };
}

/** Load and latency over time. */
export function timeline(result: RunResult, labels: Labels): Section {
  const { monitors } = result;
  const seconds = result.timeline.vus.length;
  const step = NICE_SECONDS.find((candidate) => seconds / candidate <= MAX_ROWS) ?? Math.ceil(seconds / MAX_ROWS);
  const telling = monitors.filter(({ name }) => TELLING.test(name)).slice(0, MAX_MONITORS);
  const rows = stretches(seconds, step).map(([from, until]) => {
    const figures = figuresOf(result, from, until);
    const isWarmup = until * 1e6 <= result.warmupUs;
    return [
      isWarmup ? { ...clockTime(from), text: `${clockTime(from).text} (${labels['word.warmup']})` } : clockTime(from),
      count(figures.vus),
      rate(figures.requestsPerSecond),
      rate(figures.failuresPerSecond, figures.failuresPerSecond > 0 ? 'bad' : undefined),
      ...(figures.p95Us === undefined ? [NOTHING, NOTHING, NOTHING, NOTHING] : figures.cells),
      ...telling.map(({ name }) => monitorCell(result, name, from, until)),
    ];
  });
  return {
    id: 'timeline',
    title: labels['section.timeline'],
    note: labels['section.timeline.note'],
    sparklines: sparklines(result, telling, labels),
    table: {
      columns: [
        left(labels['column.time']),
        right(labels['column.users']),
        right(labels['column.requestsPerSecond']),
        right(labels['column.failuresPerSecond']),
        right(labels['column.median']),
        right(labels['column.p95']),
        right(labels['column.p99']),
        right(labels['column.max']),
        ...telling.map(({ name }) => right(`${name} ${labels['column.max']}`)),
      ],
      rows,
    },
  };
}

export function monitors(result: RunResult, labels: Labels): Section | undefined {
  if (result.monitors.length === 0) return undefined;
  return {
    id: 'monitors',
    title: labels['section.monitors'],
    note: labels['section.monitors.note'],
    table: {
      columns: [
        left(labels['column.metric']),
        right(labels['column.least']),
        right(labels['column.mean']),
        right(labels['column.most']),
        right(labels['column.last']),
      ],
      rows: result.monitors.map(({ name }) => {
        const values = monitorValues(result, name);
        if (values.length === 0) return [text(name), NOTHING, NOTHING, NOTHING, NOTHING];
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        return [text(name), ...[least(values), mean, most(values), values.at(-1) as number].map(number)];
      }),
    },
  };
}

interface Figures {
  readonly vus: number;
  readonly requestsPerSecond: number;
  readonly failuresPerSecond: number;
  /** Undefined if no request ended in that time. */
  readonly p95Us: number | undefined;
  readonly cells: readonly Cell[];
}

function figuresOf({ timeline }: RunResult, from: number, until: number): Figures {
  const per = (column: readonly number[]) => column.slice(from, until).reduce((sum, n) => sum + n, 0) / (until - from);
  const histogram = merged(timeline.responseTimes.slice(from, until));
  return {
    vus: most(timeline.vus.slice(from, until)),
    requestsPerSecond: per(timeline.all.requests),
    failuresPerSecond: per(timeline.all.errors),
    p95Us: histogram.count === 0 ? undefined : histogram.valueAtQuantileUs(0.95),
    cells: [
      ms(histogram.valueAtQuantileUs(0.5)),
      ms(histogram.valueAtQuantileUs(0.95)),
      ms(histogram.valueAtQuantileUs(0.99)),
      ms(histogram.maxUs),
    ],
  };
}

function monitorCell(result: RunResult, name: string, from: number, until: number): Cell {
  const values = monitorWithin(result, name, from, until);
  return values.length === 0 ? NOTHING : number(most(values));
}

function monitorWithin({ monitors: all }: RunResult, name: string, from: number, until: number): number[] {
  const series = all.find((monitor) => monitor.name === name);
  return (series?.values ?? []).filter((_, i) => {
    const second = series?.seconds[i] as number;
    return second >= from && second < until;
  });
}

function sparklines(result: RunResult, telling: RunResult['monitors'], labels: Labels): Sparkline[] {
  const seconds = result.timeline.vus.length;
  const parts = stretches(seconds, Math.max(1, seconds / SPARKLINE_WIDTH));
  const figures = parts.map(([from, until]) => figuresOf(result, from, until));
  return [
    sparkline(
      labels['column.users'],
      figures.map(({ vus }) => vus),
      formatNumber,
    ),
    sparkline(
      labels['column.requestsPerSecond'],
      figures.map((part) => part.requestsPerSecond),
      formatRate,
    ),
    sparkline(
      `${labels['column.p95']} ms`,
      figures.map(({ p95Us }) => p95Us),
      formatMs,
    ),
    ...telling.map(({ name }) => {
      const values = parts.map(([from, until]) => monitorWithin(result, name, from, until));
      return sparkline(
        name,
        values.map((within) => (within.length === 0 ? undefined : most(within))),
        formatNumber,
      );
    }),
  ];
}

/** Bars from 0 to the highest value, with a gap where there is no value. */
function sparkline(
  label: string,
  values: readonly (number | undefined)[],
  format: (value: number) => string,
): Sparkline {
  const known = values.filter((value) => value !== undefined);
  const top = Math.max(most(known), Number.MIN_VALUE);
  const bars = values.map((value) =>
    value === undefined ? ' ' : BARS[Math.min(7, Math.max(0, Math.floor((8 * value) / top)))],
  );
  const bounds = known.length === 0 ? ['–', '–'] : [format(least(known)), format(most(known))];
  return { label, bars: bars.join(''), least: bounds[0] as string, most: bounds[1] as string };
}

/** Splits the seconds into stretches of about this length. */
function stretches(seconds: number, step: number): [from: number, until: number][] {
  const parts = Math.ceil(seconds / step);
  return Array.from({ length: parts }, (_, i): [number, number] => [
    Math.round(i * step),
    Math.min(seconds, Math.round((i + 1) * step)),
  ]).filter(([from, until]) => until > from);
}
