import type { ParsedPlan } from '../../core/plan/schema.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { answerOf } from '../../core/verdict/capacity/answer.ts';
import { type Levels, loadBySecond } from '../../core/verdict/conclusion/levels.ts';
import { type Criterion, parseThreshold } from '../../core/verdict/criterion.ts';
import { merged } from '../../core/verdict/distribution.ts';
import { formatRate } from '../../core/verdict/quantity.ts';
import { chartOfLimit, type LimitedChart } from '../../core/verdict/verdict.ts';
import type { Labels } from '../labels/labels.ts';
import {
  type LimitLine,
  type Mark,
  meanOf,
  mostOf,
  type Points,
  type Series,
  short,
  type TimeChart,
  toMs,
} from './chart.ts';

/** As in the chart of the throughput, where failures come second. */
const FAILURE_COLOUR = 1;
const OFFERED_COLOUR = 6;
/** From this ratio of the greatest to the median on, a linear axis shows nothing of the median. */
const LOG_RATIO = 20;
const QUANTILES = [0.5, 0.95, 0.99, 1];
/** A limit further away than this would press the curves flat; it stands in the table of thresholds all the same. */
const FURTHEST = 2;
/** A level that lasts for less than this is a ramp. */
const MIN_LEVEL_SECONDS = 4;
/** More marks than this hide the curves. */
const MAX_LEVEL_MARKS = 12;

/** What was asked for, what was done, and what of it failed. */
export function throughput(result: RunResult, plan: ParsedPlan, points: Points, labels: Labels): TimeChart {
  const { timeline } = result;
  const per = (label: string, column: readonly number[], more: Partial<Series> = {}): Series => {
    return { label, values: meanOf(column, points), ...more };
  };
  const asked = loadBySecond(result, plan);
  const isDropping = timeline.droppedArrivals.some((count) => count > 0);
  return {
    title: labels['chart.throughput'],
    series: [
      per(labels['chart.requests'], timeline.all.requests),
      per(labels['chart.failures'], timeline.all.errors, { colour: FAILURE_COLOUR }),
      ...(isDropping ? [per(labels['chart.dropped'], timeline.droppedArrivals)] : []),
      ...(asked?.of === 'rate'
        ? [per(labels['chart.offered'], asked.load, { colour: OFFERED_COLOUR, dashed: true })]
        : []),
    ],
    limits: limitsOf(result, 'throughput'),
  };
}

export function responseTimes(result: RunResult, { starts, step }: Points, labels: Labels): TimeChart {
  const lines = QUANTILES.map((): (number | null)[] => []);
  for (const from of starts) {
    const samples = merged(result.timeline.responseTimes.slice(from, from + step));
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
    limits: limitsOf(result, 'responseTime').filter(({ value }) => value <= FURTHEST * top),
  };
}

/** More lines than this cannot be told apart. */
const MAX_RATIOS = 8;

/** What of the attempts in each moment were hits; undefined where no driver counted any that mean something. */
export function ratios(
  { ratios: all = [], timeline, thresholds }: RunResult,
  { starts, step }: Points,
  labels: Labels,
): TimeChart | undefined {
  const shown = all.flatMap(({ name, voidReason }, i) => {
    const columns = timeline.ratios?.[i];
    return columns === undefined || voidReason !== undefined ? [] : [{ name, columns }];
  });
  if (shown.length === 0) return undefined;
  const sum = (column: readonly number[], from: number) =>
    column.slice(from, from + step).reduce((total, count) => total + count, 0);
  const series = shown.slice(0, MAX_RATIOS).map(({ name, columns: { hits, of } }): Series => {
    const values = starts.map((from) => {
      const attempts = sum(of, from);
      return attempts === 0 ? null : short((100 * sum(hits, from)) / attempts);
    });
    return { label: name, values };
  });
  const limits = thresholds.flatMap(({ criterion }): LimitLine[] => {
    const { metric, subject, limit } = parseThreshold(criterion);
    const isShown = metric.kind === 'ratio' && series.some(({ label }) => label === subject?.name);
    // A limit that follows from a baseline is no number here.
    return isShown && Number.isFinite(limit.value) ? [{ value: short(100 * limit.value), label: criterion }] : [];
  });
  const values = [...series.flatMap((one) => one.values), ...limits.map(({ value }) => value)];
  const lowest = values.reduce((least: number, value) => Math.min(least, value ?? 100), 100);
  return { title: labels['chart.ratios'], series, limits, range: rangeOfShares(lowest) };
}

/** What differs among shares of 90 % and more is not seen beside 0: a third of the axis is below them. @param lowest in percent */
function rangeOfShares(lowest: number): [number, number] {
  const from = Math.max(0, Math.floor(lowest - Math.max(1, (100 - lowest) / 2)));
  return [from, 100 + (100 - from) / 20];
}

export function users({ timeline }: RunResult, points: Points, labels: Labels): TimeChart {
  return {
    title: labels['chart.users'],
    series: [{ label: labels['column.users'], values: mostOf(timeline.vus, points) }],
  };
}

export function generator({ timeline }: RunResult, points: Points, labels: Labels): TimeChart {
  const lagsMs = mostOf(timeline.loopLagUs, points).map(toMs);
  return {
    title: labels['chart.generator'],
    series: [
      { label: labels['chart.cpu'], values: mostOf(timeline.agentCpuCores, points) },
      { label: labels['chart.lag'], values: lagsMs, right: true },
    ],
  };
}

/** Where a level of load begins that is held; none for ramps, and none where no one figure is the load. */
export function levelMarks(result: RunResult, plan: ParsedPlan): Mark[] {
  const load = loadBySecond(result, plan)?.load ?? [];
  const marks: Mark[] = [];
  let from = 0;
  for (let second = 1; second <= load.length; second++) {
    const isSame = second < load.length && Math.abs((load[second] ?? 0) - (load[from] ?? 0)) < 0.5;
    if (isSame) continue;
    const level = short(Math.round(load[from] ?? 0));
    if (second - from >= MIN_LEVEL_SECONDS && level > 0) marks.push({ second: from, text: String(level) });
    from = second;
  }
  return marks.length > 1 && marks.length <= MAX_LEVEL_MARKS ? marks : [];
}

/** The limits that are lines in a chart: milliseconds, or requests per second. */
function limitsOf({ thresholds, operations }: RunResult, chart: LimitedChart): LimitLine[] {
  const names = new Set(operations.map(({ name }) => name));
  return thresholds.flatMap((result) => {
    if (result.status === 'invalid' || chartOfLimit(result, names) !== chart) return [];
    const { limit, criterion } = result;
    return [{ value: chart === 'responseTime' ? toMs(limit) : limit, label: criterion }];
  });
}

/** Throughput and p95 by load, with the limits of the search and its answer; undefined where nothing was searched. */
export function searchChart({ search }: RunResult, levels: Levels, labels: Labels): TimeChart | undefined {
  if (search === undefined || levels.levels.length === 0) return undefined;
  const answer = answerOf(search);
  const held = 'held' in answer ? answer.held : undefined;
  return {
    title: labels['chart.search'],
    load: labels[levels.of === 'vus' ? 'column.users' : 'column.offered'],
    seconds: levels.levels.map(({ load }) => load),
    series: [
      { label: `${labels['column.p95']} (ms)`, values: levels.levels.map(({ p95Us }) => toMs(p95Us)) },
      {
        label: labels['column.requestsPerSecond'],
        values: levels.levels.map(({ perSecond }) => short(perSecond)),
        right: true,
      },
    ],
    limits: search.criteria.map(parseThreshold).flatMap(limitOf),
    marks: {
      warmupS: 0,
      events: [],
      levels: held === undefined ? [] : [{ second: held.level, text: `${formatRate(held.perSecond)}/s` }],
    },
  };
}

/** A limit of the p95 of all requests, in milliseconds. */
function limitOf({ metric, subject, limit, text }: Criterion): LimitLine[] {
  const isOfP95 = metric.kind === 'percentile' && metric.quantile === 0.95 && subject === undefined;
  return isOfP95 && limit.unit === 'us' ? [{ value: toMs(limit.value), label: text }] : [];
}
