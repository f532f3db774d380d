import type { Distribution } from '../../stats/merge-encoded.ts';
import type { RunResult, SecondColumns } from '../../stats/result.ts';
import { merged } from '../distribution.ts';
import { measuredOf, measuredSeconds } from '../measured.ts';
import { measuredRate } from '../rate.ts';
import { isPercentile, isShare, QUANTILES, type RowFigures } from './figure.ts';
import { type ComparedOperation, type Figure, RATIO } from './run-comparison.ts';

/** A row of one run, or all operations together. */
export interface RunRow extends RowFigures {
  /** Undefined for all operations together, and for a ratio. */
  readonly operation: ComparedOperation | undefined;
  /** The name of a ratio. */
  readonly ratio?: string;
  /** Why a ratio says nothing. */
  readonly voidReason?: string | undefined;
  /** Undefined for spans in older results. */
  readonly course: SecondColumns | undefined;
}

export interface CoursedRow extends RunRow {
  readonly course: SecondColumns;
}

/**
 * All operations together, then each one in the order of the result, then the journeys, of which a pass is a request, and the spans of
 * scripts, each of which is one, and ratios; measured phase, response times.
 */
export function rowsOf(run: RunResult): RunRow[] {
  const { operations, journeys = [], measures = [], timeline } = run;
  const rows = operations.map((row, i) => ({
    operation: { scenario: row.scenario, name: row.name },
    measured: measuredOf([row]),
    course: timeline.operations[i] as SecondColumns,
  }));
  const passes = journeys.flatMap((row, i) => {
    const course = timeline.journeys?.[i];
    const operation = { scenario: row.scenario, name: row.name, isJourney: true };
    return course === undefined ? [] : [{ operation, measured: measuredOf([row]), course }];
  });
  const spans = measures.map((row, i) => ({
    operation: { scenario: row.scenario, name: row.name, isSpan: true },
    measured: measuredOf([row]),
    course: timeline.measures?.[i],
  }));
  const all = { operation: undefined, measured: measuredOf(operations), course: timeline.all };
  const timed = [all, ...rows, ...passes, ...spans].map(({ operation, measured, course }) => ({
    operation,
    requests: measured.requests,
    errors: measured.errors,
    values: {
      rps: measuredRate(run, measured, [course]).perSecond,
      error_rate: measured.requests === 0 ? 0 : measured.errors / measured.requests,
      p50: measured.responseTime.valueAtQuantileUs(QUANTILES.p50),
      p95: measured.responseTime.valueAtQuantileUs(QUANTILES.p95),
      p99: measured.responseTime.valueAtQuantileUs(QUANTILES.p99),
      avg: measured.responseTime.meanUs,
      [RATIO]: 0,
    },
    responseTime: measured.responseTime,
    course,
  }));
  return [...timed, ...ratioRows(run)];
}

function ratioRows({ ratios = [], timeline }: RunResult): RunRow[] {
  const untimed = { sumUs: [], p50Us: [], p95Us: [], p99Us: [], maxUs: [] };
  return ratios.map(({ name, phases, voidReason }, i) => {
    const { hits, of } = phases.measure;
    const { hits: hitsAt = [], of: ofAt = [] } = timeline.ratios?.[i] ?? {};
    return {
      operation: undefined,
      ratio: name,
      voidReason,
      requests: of,
      errors: of - hits,
      values: { rps: 0, error_rate: 0, p50: 0, p95: 0, p99: 0, avg: 0, [RATIO]: of === 0 ? 0 : hits / of },
      responseTime: merged([]),
      course: { ...untimed, requests: ofAt, errors: ofAt.map((attempts, second) => attempts - (hitsAt[second] ?? 0)) },
    };
  });
}

/** Several seconds of one run, one after the other. */
export interface Stretch {
  readonly seconds: readonly number[];
  /** Response times of all operations. */
  all(): Distribution;
}

/** With fewer of them, their spread would say too little. */
export const MIN_STRETCHES = 10;
/** Beyond this number they say no more about the slow moods of a target, which are what makes a run unsure. */
const MAX_STRETCHES = 240;

/**
 * How many stretches two runs can be cut into.
 * @returns undefined where one has too few whole seconds
 */
export function stretchCount(before: RunResult, after: RunResult): number | undefined {
  const seconds = Math.min(measuredSeconds(before).length, measuredSeconds(after).length);
  return seconds < MIN_STRETCHES ? undefined : Math.min(MAX_STRETCHES, seconds);
}

/** Cuts the measured phase into so many stretches, whose lengths differ by a second at most. */
export function stretchesOf(run: RunResult, count: number): Stretch[] {
  const seconds = measuredSeconds(run);
  const startOf = (stretch: number) => Math.floor((stretch * seconds.length) / count);
  return Array.from({ length: count }, (_, i) => {
    const own = seconds.slice(startOf(i), startOf(i + 1));
    let all: Distribution | undefined;
    return {
      seconds: own,
      all: () => {
        all ??= merged(own.flatMap((second) => run.timeline.responseTimes[second] ?? []));
        return all;
      },
    };
  });
}

/**
 * A figure of a row in each stretch, divided by its mean over the stretches; for failures and hits, by how much they are more than the run's
 * share of the stretch's requests, as a share of a stretch's mean requests (the linear part of a ratio's error: W. G. Cochran,
 * "Sampling Techniques", 3rd ed., section 6.3). The result keeps histograms of each second for all operations together only; the
 * percentile of one operation in a stretch is the mean of those of its seconds, weighted by their requests.
 * @returns undefined in a stretch without requests
 */
export function courseOf(
  { operation, values, course }: CoursedRow,
  figure: Figure,
  stretches: readonly Stretch[],
): (number | undefined)[] {
  const counts = stretches.map(({ seconds }) => sumAt(course.requests, seconds));
  if (isShare(figure)) {
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    return stretches.map(({ seconds }, i) => {
      const count = counts[i] as number;
      const errors = sumAt(course.errors, seconds);
      return ((figure === RATIO ? count - errors : errors) - values[figure] * count) / mean;
    });
  }
  const figures = stretches.map((stretch, i): number | undefined => {
    const count = counts[i] as number;
    if (figure === 'rps') return count / stretch.seconds.length;
    if (count === 0) return undefined;
    if (!isPercentile(figure)) return sumAt(course.sumUs, stretch.seconds) / count;
    if (operation === undefined) return stretch.all().valueAtQuantileUs(QUANTILES[figure]);
    const column = course[`${figure}Us`];
    const weighted = stretch.seconds.reduce(
      (sum, second) => sum + (course.requests[second] ?? 0) * (column[second] ?? 0),
      0,
    );
    return weighted / count;
  });
  const known = figures.filter((value) => value !== undefined);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return figures.map((value) => (value === undefined || mean === 0 ? undefined : value / mean));
}

function sumAt(column: readonly number[], seconds: readonly number[]): number {
  return seconds.reduce((sum, second) => sum + (column[second] ?? 0), 0);
}
