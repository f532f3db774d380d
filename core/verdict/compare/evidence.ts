import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import type { Catalogue } from '../messages/en.ts';
import { betweenRuns, type Estimate, keptAtMost, keptShare, meanOf, pairedEstimate } from './estimate.ts';
import { independentError, isShare, onScale } from './figure.ts';
import { FIGURES, type Figure, RATIO } from './run-comparison.ts';
import {
  type CoursedRow,
  courseOf,
  MIN_STRETCHES,
  type RunRow,
  rowsOf,
  type Stretch,
  stretchCount,
  stretchesOf,
} from './run-rows.ts';

/** What two sides say about one figure of one row, before all figures are judged together. */
export type Evidence =
  | {
      readonly before: number;
      readonly after: number;
      readonly estimate: Estimate;
      readonly widening?: number | undefined;
      /** How many stretches were compared, and the share that each keeps of the one before it; only with one run a side. */
      readonly alike?: { readonly stretches: number; readonly kept: number };
    }
  | { readonly reason: Message };

/** One row of all runs of both sides; undefined for a run that does not have it. */
export interface SharedRow {
  readonly operation: RunRow['operation'];
  readonly ratio: RunRow['ratio'];
  readonly before: readonly (RunRow | undefined)[];
  readonly after: readonly (RunRow | undefined)[];
}

/** All operations together, those of the first run before, then those that only others have, then ratios in the same way. */
export function sharedRows(before: readonly RunResult[], after: readonly RunResult[]): SharedRow[] {
  const keyOf = ({ operation, ratio }: RunRow) => {
    if (ratio !== undefined) return `ratio ${ratio}`;
    if (operation === undefined) return '';
    const { scenario, name, isJourney = false, isSpan = false } = operation;
    return JSON.stringify([scenario, name, isJourney, isSpan]);
  };
  const [befores, afters] = [before, after].map((runs) =>
    runs.map((run) => new Map(rowsOf(run).map((row) => [keyOf(row), row]))),
  ) as [Map<string, RunRow>[], Map<string, RunRow>[]];
  const any = new Map([...befores, ...afters].toReversed().flatMap((rows) => [...rows]));
  const order = new Set([...befores, ...afters].flatMap((rows) => [...rows.keys()]));
  const shared = [...order].map((key) => ({
    operation: any.get(key)?.operation,
    ratio: any.get(key)?.ratio,
    before: befores.map((rows) => rows.get(key)),
    after: afters.map((rows) => rows.get(key)),
  }));
  const isRatio = ({ ratio }: SharedRow) => ratio !== undefined;
  return [...shared.filter((row) => !isRatio(row)), ...shared.filter(isRatio)];
}

/** What is compared of a row. */
export function figuresOf({ ratio }: Pick<SharedRow, 'ratio'>): readonly Figure[] {
  return ratio === undefined ? FIGURES : [RATIO];
}

/** The stretches of the only run of each side. */
export interface Stretches {
  readonly before: readonly Stretch[];
  readonly after: readonly Stretch[];
}

/** An operation that is rare has requests in each of fewer, longer stretches. */
const FEWER_STRETCHES: readonly number[] = [30, MIN_STRETCHES];

/**
 * Both runs cut into as many stretches as they can be, and then into fewer.
 * @returns undefined where one of the runs is too short
 */
export function pairedStretches(before: RunResult, after: RunResult): readonly [Stretches, ...Stretches[]] | undefined {
  const most = stretchCount(before, after);
  if (most === undefined) return undefined;
  const cut = (count: number) => ({ before: stretchesOf(before, count), after: stretchesOf(after, count) });
  return [cut(most), ...FEWER_STRETCHES.filter((count) => count < most).map(cut)];
}

/**
 * What the sides say about each figure of a row.
 * @param stretches 'runs' where a side has several runs; undefined where there is one run a side, and one is too short
 */
export function evidenceOf(row: SharedRow, stretches: readonly Stretches[] | 'runs' | undefined): Evidence[] {
  const read = figuresOf(row).map((figure) => readFigure(figure, row, stretches));
  return read.map((one): Evidence => {
    if ('reason' in one) return one;
    const { figure, before, after, change, leastError, differences } = one;
    const values = { before, after };
    if (differences === undefined) {
      return believable({ ...values, estimate: betweenRuns(one.befores, one.afters, leastError) });
    }
    const alike = { stretches: differences.length, kept: keptBy(one, read) };
    const estimate = pairedEstimate(change, differences, leastError, keptAtMost(alike.kept, alike.stretches));
    const widening = figure === 'rps' ? {} : { widening: estimate.standardError / leastError };
    return believable({ ...values, estimate, alike, ...widening });
  });
}

/** Numbers of a damaged result may be beyond all that can be compared. */
function believable(evidence: Exclude<Evidence, { reason: Message }>): Evidence {
  const { change, standardError } = evidence.estimate;
  return Number.isFinite(change) && Number.isFinite(standardError) ? evidence : because('compare.few-requests');
}

/** One figure of both sides. */
interface ReadFigure {
  readonly figure: Figure;
  readonly before: number;
  readonly after: number;
  /** One value for each run, on the scale of the figure. */
  readonly befores: readonly number[];
  readonly afters: readonly number[];
  readonly change: number;
  /** The standard error if all samples were independent. */
  readonly leastError: number;
  /** Between the stretches of the only run of each side; undefined where runs are compared. */
  readonly differences: readonly number[] | undefined;
}

function readFigure(
  figure: Figure,
  row: SharedRow,
  stretches: readonly Stretches[] | 'runs' | undefined,
): ReadFigure | { readonly reason: Message } {
  const before = row.before.filter((own) => own !== undefined);
  const after = row.after.filter((own) => own !== undefined);
  if (before.length < row.before.length || after.length < row.after.length)
    return because(row.ratio === undefined ? 'compare.no-row' : 'compare.no-ratio');
  const rows = [...before, ...after];
  const reason = rows.find(({ voidReason }) => voidReason !== undefined)?.voidReason;
  if (reason !== undefined) return { reason: { id: 'compare.void-ratio', params: { reason } } };
  if (rows.some(({ requests }) => requests === 0)) {
    return because(row.ratio === undefined ? 'compare.no-requests' : 'compare.no-attempts');
  }
  const errors = rows.flatMap((own) => independentError(figure, own) ?? []);
  if (errors.length < rows.length) return because('compare.few-requests');
  const [n, m] = [before.length, after.length];
  const scaled = (own: RunRow) => onScale(figure, own.values[figure]);
  const [befores, afters] = [before.map(scaled), after.map(scaled)];
  const found = {
    figure,
    before: centre(figure, before),
    after: centre(figure, after),
    befores,
    afters,
    change: meanOf(afters) - meanOf(befores),
    leastError: Math.hypot(...errors.map((error, i) => error / (i < n ? n : m))),
  };
  if (stretches === 'runs') return { ...found, differences: undefined };
  if (stretches === undefined) return because('compare.short');
  const [left, right] = [before[0] as RunRow, after[0] as RunRow];
  if (!hasCourse(left) || !hasCourse(right)) return because('compare.no-course');
  const courses = coursesOf(figure, left, right, stretches);
  if (courses === undefined) return because('compare.gaps');
  return { ...found, differences: courses.after.map((value, i) => value - (courses.before[i] as number)) };
}

/**
 * The moods of a target are in all figures of its response times and throughput, but some, such as a high percentile, hide them behind
 * the chance of single samples: what the figure keeps that shows them best holds for all. Failures are by themselves.
 */
function keptBy(
  { figure, differences = [], leastError }: ReadFigure,
  row: readonly (ReadFigure | { readonly reason: Message })[],
) {
  if (isShare(figure)) return keptShare(differences, leastError);
  const alike = row.flatMap((other) => {
    if ('reason' in other || isShare(other.figure) || other.differences?.length !== differences.length) return [];
    return keptShare(other.differences, other.leastError);
  });
  return Math.max(...alike);
}

/** In the most stretches in each of which both have requests. */
function coursesOf(
  figure: Figure,
  before: CoursedRow,
  after: CoursedRow,
  stretches: readonly Stretches[],
): { readonly before: readonly number[]; readonly after: readonly number[] } | undefined {
  for (const cut of stretches) {
    const courses = { before: courseOf(before, figure, cut.before), after: courseOf(after, figure, cut.after) };
    const { before: first, after: second } = courses;
    if (isWithoutGaps(first) && isWithoutGaps(second)) return { before: first, after: second };
  }
  return undefined;
}

function hasCourse(row: RunRow): row is CoursedRow {
  return row.course !== undefined;
}

function isWithoutGaps(course: readonly (number | undefined)[]): course is readonly number[] {
  return !course.includes(undefined);
}

/** The geometric mean, because changes are ratios; of shares the mean. */
function centre(figure: Figure, rows: readonly RunRow[]): number {
  const values = rows.map((row) => row.values[figure]);
  if (values.length === 1) return values[0] as number;
  const mean = meanOf(values.map((value) => onScale(figure, value)));
  return isShare(figure) ? mean : Math.exp(mean);
}

function because(id: keyof Catalogue): { readonly reason: Message } {
  return { reason: { id, params: {} } };
}
