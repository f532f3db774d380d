import type { z } from 'zod';
import type { ObservedRun } from '../../control/orchestrator/run-lifecycle.ts';
import { liveRows } from '../../control/results/live-rows.ts';
import type { LoadChange } from '../../plan/load/load-change.ts';
import { parsePlan } from '../../plan/parse.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram, Histogram } from '../../stats/histogram.ts';
import { mergeEncoded } from '../../stats/merge-encoded.ts';
import type { MonitorSeries, RunEvent, RunResult, SecondColumns, Timeline } from '../../stats/result.ts';
import type { timeline } from '../api/bodies.ts';
import type { timelineQuery } from '../api/routes.ts';
import { ApiError } from '../api-error.ts';
import { thousandths } from '../live/agent-rows.ts';
import { shownEvent } from '../live/event.ts';
import { shownLoadChange } from '../live/load-change.ts';

type TimelineBody = z.infer<typeof timeline>;
type Columns = TimelineBody['all'];

const MAX_ENTRIES = 600;
/** Of an hour, second by second. A run may have gone on for days. */
const MAX_ASKED_ENTRIES = 3600;
/** Entries of all operations and journeys that are asked for, each with seven figures. */
const MAX_ROW_ENTRIES = 500_000;
const NO_COLUMNS: SecondColumns = { requests: [], errors: [], sumUs: [], p50Us: [], p95Us: [], p99Us: [], maxUs: [] };

interface Row {
  readonly scenario: string;
  readonly type: string;
  readonly name: string;
  readonly columns: SecondColumns;
}

/** A run second by second, whether it goes on or has ended. */
export interface TimelineSource {
  /** The seconds that are known in full. */
  readonly seconds: number;
  readonly columns: Omit<Timeline, 'operations' | 'journeys'>;
  readonly operations: readonly Row[];
  readonly journeys: readonly Row[];
  readonly monitors: readonly MonitorSeries[];
  readonly events: readonly RunEvent[];
  readonly loadChanges: readonly LoadChange[];
  readonly plan: Pick<ParsedPlan, 'scenarios'>;
}

export function liveSource({ run, parts }: ObservedRun): TimelineSource {
  const { totals, spec, events } = run;
  const rows = liveRows(run);
  const withColumns = ({ row, scenario, type, name }: (typeof rows)['operations'][number]) => {
    return { scenario, type, name, columns: totals.timeline.columns(row) ?? NO_COLUMNS };
  };
  return {
    seconds: totals.settledSecond + 1,
    columns: totals.timelineResult(),
    operations: rows.operations.map(withColumns),
    journeys: rows.journeys.map(withColumns),
    monitors: parts?.monitors.series() ?? [],
    events: parts?.startUs === undefined ? [] : events.list(parts.startUs),
    loadChanges: parts?.requested ?? [],
    plan: spec.plan,
  };
}

export function endedSource(result: RunResult): TimelineSource {
  const { timeline: columns, operations, journeys = [], monitors, events, loadChanges, plan } = result;
  return {
    seconds: columns.all.requests.length,
    columns,
    operations: operations.map(({ scenario, type, name }, i) => {
      return { scenario, type, name, columns: columns.operations[i] ?? NO_COLUMNS };
    }),
    journeys: journeys.map(({ scenario, name }, i) => {
      return { scenario, type: '', name, columns: columns.journeys?.[i] ?? NO_COLUMNS };
    }),
    monitors,
    events,
    loadChanges,
    plan: loadChanges.length === 0 ? { scenarios: {} } : parsePlan(plan),
  };
}

export function timelineOf(source: TimelineSource, query: z.infer<typeof timelineQuery>): TimelineBody {
  const { columns, monitors, events, loadChanges, plan } = source;
  const { from } = query;
  const to = Math.min(query.to ?? Number.POSITIVE_INFINITY, source.seconds - 1);
  const step = query.step ?? Math.max(1, Math.ceil((to - from + 1) / MAX_ENTRIES));
  checkSize(Math.ceil((to - from + 1) / step), source, query);
  const steps: Span[] = [];
  for (let at = from; at <= to; at += step) steps.push({ from: at, to: Math.min(at + step, to + 1) });
  const heat = steps.map((span) => mergedOf(columns.responseTimes, span));
  const most = (values: readonly number[]) => steps.map((span) => overSpan(values, span, Math.max));
  return {
    from,
    to,
    step,
    vus: most(columns.vus),
    dropped: steps.map((span) => overSpan(columns.droppedArrivals, span, sum)),
    all: step === 1 ? columnsOf(columns.all, steps) : { ...columnsOf(columns.all, steps), ...percentilesOf(heat) },
    operations: chosen(source.operations, query.operations, steps),
    journeys: chosen(source.journeys, query.journeys, steps).map(({ type: _, ...row }) => row),
    heat: heat.map(({ indices, counts }) => ({ indices: [...indices], counts: [...counts] })),
    agentCpuCores: most(columns.agentCpuCores),
    loopLagUs: most(columns.loopLagUs),
    monitors: monitors.map((series) => ({ name: series.name, values: monitorValues(series, steps) })),
    events: events.map(shownEvent),
    loadChanges: loadChanges.map((change) => shownLoadChange(change, plan)),
  };
}

/** Whoever asks by a step of their own must not keep control from its agents. @throws {ApiError} */
function checkSize(entries: number, { operations, journeys }: TimelineSource, query: z.infer<typeof timelineQuery>) {
  if (entries <= MAX_ENTRIES) return;
  const rows = indicesOf(operations, query.operations).length + indicesOf(journeys, query.journeys).length;
  const most = Math.min(MAX_ASKED_ENTRIES, Math.max(MAX_ENTRIES, Math.floor(MAX_ROW_ENTRIES / Math.max(1, rows))));
  if (entries <= most) return;
  throw new ApiError(
    400,
    `that is ${entries} entries, where at most ${most} are taken: give a larger \`step\`, fewer seconds or fewer operations`,
  );
}

/** Seconds; the last one is not in it. */
interface Span {
  readonly from: number;
  readonly to: number;
}

function chosen(rows: readonly Row[], wanted: string | undefined, steps: readonly Span[]): TimelineBody['operations'] {
  return indicesOf(rows, wanted).map((index) => {
    const row = rows[index] as Row;
    return { index, ...row, columns: columnsOf(row.columns, steps) };
  });
}

/** The rows that are asked for, of those that there are. */
function indicesOf(rows: readonly Row[], wanted: string | undefined): number[] {
  if (wanted === undefined) return [];
  const indices = wanted === 'all' ? rows.keys() : new Set(wanted.split(',').map(Number));
  return [...indices].filter((index) => rows[index] !== undefined);
}

function columnsOf({ requests, errors, sumUs, ...highest }: SecondColumns, steps: readonly Span[]): Columns {
  const perSecond = (values: readonly number[]) =>
    steps.map((span) => thousandths(overSpan(values, span, sum) / (span.to - span.from)));
  const most = (values: readonly number[]) => steps.map((span) => overSpan(values, span, Math.max));
  return {
    requests: perSecond(requests),
    errors: perSecond(errors),
    avgUs: steps.map((span) => {
      const count = overSpan(requests, span, sum);
      return count === 0 ? 0 : Math.round(overSpan(sumUs, span, sum) / count);
    }),
    p50Us: most(highest.p50Us),
    p95Us: most(highest.p95Us),
    p99Us: most(highest.p99Us),
    maxUs: most(highest.maxUs),
  };
}

function percentilesOf(steps: readonly EncodedHistogram[]): Pick<Columns, 'p50Us' | 'p95Us' | 'p99Us'> {
  const merged = steps.map((step) => Histogram.decode(step));
  const at = (quantile: number) => merged.map((histogram) => histogram.valueAtQuantileUs(quantile));
  return { p50Us: at(0.5), p95Us: at(0.95), p99Us: at(0.99) };
}

function mergedOf(seconds: readonly EncodedHistogram[], { from, to }: Span): EncodedHistogram {
  let merged = seconds[from] ?? EMPTY_HISTOGRAM;
  for (let at = from + 1; at < to; at++) merged = mergeEncoded(merged, seconds[at] ?? EMPTY_HISTOGRAM);
  return merged;
}

/** The newest value of each step; null where there is none. */
function monitorValues({ seconds, values }: MonitorSeries, steps: readonly Span[]): (number | null)[] {
  let at = 0;
  return steps.map(({ from, to }) => {
    let newest: number | null = null;
    for (; at < seconds.length && (seconds[at] as number) < to; at++) {
      if ((seconds[at] as number) >= from) newest = values[at] ?? null;
    }
    return newest;
  });
}

function overSpan(values: readonly number[], { from, to }: Span, fold: (a: number, b: number) => number): number {
  let result = values[from] ?? 0;
  for (let at = from + 1; at < to; at++) result = fold(result, values[at] ?? 0);
  return result;
}

function sum(a: number, b: number): number {
  return a + b;
}
