import type { LiveParts } from '../../control/results/live-parts.ts';
import type { LiveRow, LiveRows } from '../../control/results/live-rows.ts';
import { measuredRatios } from '../../control/results/live-snapshot.ts';
import type { RunContext } from '../../control/run/run-context.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram, Histogram } from '../../stats/histogram.ts';
import { mergeEncoded } from '../../stats/merge-encoded.ts';
import type { ThresholdResult } from '../../stats/result.ts';
import type { SparseTotal } from '../../stats/totals/sparse-total.ts';
import { formatJudged } from '../../verdict/quantity.ts';
import { chartOfLimit, marginOf } from '../../verdict/verdict.ts';
import type { RunEventData } from '../api/run-events.ts';
import { otherTexts } from './event.ts';
import { liveFailures } from './failures.ts';

type PercentilesEvent = RunEventData<'percentiles'>;
type Rows = PercentilesEvent['ops']['response'];
type Figure = keyof Rows;

const FIGURES: Readonly<Record<Figure, (of: Histogram) => number>> = {
  p50Us: (of) => of.valueAtQuantileUs(0.5),
  p90Us: (of) => of.valueAtQuantileUs(0.9),
  p95Us: (of) => of.valueAtQuantileUs(0.95),
  p99Us: (of) => of.valueAtQuantileUs(0.99),
  p999Us: (of) => of.valueAtQuantileUs(0.999),
  minUs: (of) => of.minUs,
  avgUs: (of) => Math.round(of.meanUs),
  maxUs: (of) => of.maxUs,
};
const NAMES = Object.keys(FIGURES) as Figure[];
const MAX_FAILURES = 50;
const NOTHING = new Histogram();

export interface PercentilesSource {
  readonly run: RunContext;
  readonly parts: LiveParts;
  readonly rows: LiveRows;
  readonly thresholds: readonly ThresholdResult[];
  /** First second of the heat map's column. */
  readonly fromSecond: number;
}

/** @param second the newest that is settled */
export function percentilesOf(second: number, source: PercentilesSource): PercentilesEvent {
  const { run, rows, thresholds, fromSecond } = source;
  const { spec, totals } = run;
  const response = rowsOf(run, rows.operations, ({ responseTime }) => responseTime);
  const service = rowsOf(run, rows.operations, ({ serviceTime }) => serviceTime);
  return {
    second,
    windowS: Math.max(0, second + 1 - Math.round(spec.warmupUs / 1e6)),
    all: { response: figuresOf(response.all), service: figuresOf(service.all) },
    ops: {
      response: response.rows,
      service: service.rows,
      avgBytes: rows.operations.map(({ row }) => {
        const measured = totals.phase(row, 'measure');
        if (measured === undefined || measured.requests === 0) return 0;
        return Math.round((measured.bytesReceived / measured.requests) * 100) / 100;
      }),
    },
    journeys: {
      response: rowsOf(run, rows.journeys, ({ responseTime }) => responseTime).rows,
      service: rowsOf(run, rows.journeys, ({ serviceTime }) => serviceTime).rows,
    },
    last: lastOf(run, rows.operations, second),
    column: columnOf(run, fromSecond, second),
    thresholds: liveThresholds(thresholds, rows),
    ratios: measuredRatios(run).map((ratio) => ({ ...ratio, voidReasonTexts: otherTexts(ratio.voidReason) })),
    failures: liveFailures(run, rows)
      .slice(0, MAX_FAILURES)
      .map((failure) => ({ ...failure, samples: [] })),
  };
}

type Totals = NonNullable<ReturnType<RunContext['totals']['phase']>>;

function rowsOf(
  { totals }: RunContext,
  rows: readonly LiveRow[],
  time: (measured: Totals) => SparseTotal,
): { readonly rows: Rows; readonly all: Histogram } {
  const all = new Histogram();
  const figures = Object.fromEntries(NAMES.map((name) => [name, [] as number[]])) as Rows;
  const take = (histogram: Histogram) => {
    for (const name of NAMES) figures[name].push(FIGURES[name](histogram));
  };
  for (const { row } of rows) {
    const measured = totals.phase(row, 'measure');
    if (measured === undefined) take(NOTHING);
    else {
      time(measured).read((histogram) => {
        take(histogram);
        all.add(histogram);
      });
    }
  }
  return { rows: figures, all };
}

function figuresOf(histogram: Histogram): PercentilesEvent['all']['response'] {
  return Object.fromEntries(NAMES.map((name) => [name, FIGURES[name](histogram)])) as Record<Figure, number>;
}

function lastOf({ totals }: RunContext, rows: readonly LiveRow[], second: number): PercentilesEvent['last'] {
  const at = (name: 'p50Us' | 'p95Us' | 'p99Us') =>
    rows.map(({ row }) => totals.timeline.columns(row)?.[name][second] ?? 0);
  return { p50Us: at('p50Us'), p95Us: at('p95Us'), p99Us: at('p99Us') };
}

function columnOf({ totals }: RunContext, fromSecond: number, second: number): PercentilesEvent['column'] {
  let merged: EncodedHistogram = EMPTY_HISTOGRAM;
  for (let at = fromSecond; at <= second; at++) merged = mergeEncoded(merged, totals.timeline.responseTimesAt(at));
  const { indices, counts } = merged;
  return { fromSecond, seconds: Math.max(0, second + 1 - fromSecond), indices: [...indices], counts: [...counts] };
}

const UNKNOWN = {
  status: 'unknown',
  actual: null,
  limit: null,
  unit: null,
  margin: null,
  shown: '',
  shownLimit: '',
  chart: null,
  samples: 0,
} as const;

function liveThresholds(
  thresholds: readonly ThresholdResult[],
  { operations }: LiveRows,
): PercentilesEvent['thresholds'] {
  const names = new Set(operations.map(({ name }) => name));
  return thresholds.map((result) => {
    const { criterion, severity } = result;
    if (result.status === 'invalid') return { criterion, severity, ...UNKNOWN };
    const { status, actual, limit, unit, samples } = result;
    return {
      criterion,
      severity,
      status,
      actual,
      limit,
      unit,
      margin: (status === 'pass' ? marginOf(result) : undefined) ?? null,
      shown: formatJudged(actual, limit, unit),
      shownLimit: formatJudged(limit, limit, unit),
      chart: chartOfLimit(result, names) ?? null,
      samples,
    };
  });
}
