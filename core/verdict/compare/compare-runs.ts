import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { circumstances } from './circumstances.ts';
import { independentValues, keptAtMost, meanOf } from './estimate.ts';
import {
  type Evidence,
  evidenceOf,
  figuresOf,
  pairedStretches,
  type SharedRow,
  type Stretches,
  sharedRows,
} from './evidence.ts';
import { fromScale, isWorse } from './figure.ts';
import { loadObstacles } from './offered-load.ts';
import {
  type ComparedFigure,
  type ComparedRow,
  FIGURES,
  type Figure,
  RATIO,
  type RunComparison,
  type Word,
} from './run-comparison.ts';
import { discoveries, MAX_RUNS, runsNeeded } from './significance.ts';
import { studentQuantile, studentTails } from './student.ts';

export interface ComparisonOptions {
  /** The smallest change that matters, as a share of the value before, 0 to 1. A change in failures always matters. */
  readonly tolerance: number;
  /** Whether runs that cannot be trusted are taken as they are. */
  readonly trustsAll: boolean;
}

/** The runs of a comparison: each side has at least one. */
export interface ComparedRuns {
  readonly before: readonly RunResult[];
  readonly after: readonly RunResult[];
}

/** A comparison with the runs that it is of. */
export interface ComparisonOfRuns extends ComparedRuns {
  readonly comparison: RunComparison;
}

/**
 * Compares the measured phases of runs of one plan. Pure.
 * @param before at least one run, as `after`
 */
export function compareRuns(
  before: readonly RunResult[],
  after: readonly RunResult[],
  { tolerance, trustsAll }: ComparisonOptions,
): RunComparison {
  const method = before.length + after.length > 2 ? 'runs' : 'stretches';
  const stretches = method === 'runs' ? method : pairedStretches(before[0] as RunResult, after[0] as RunResult);
  const rows = sharedRows(before, after);
  const evidence = rows.map((row) => evidenceOf(row, stretches));
  const judged = judgedTogether(rows, evidence, tolerance);
  const compared = rows.map(({ operation, ratio }, i): ComparedRow => {
    const figures = withoutFastFailures(judged[i] as ComparedFigure[]);
    return { operation, ...(ratio !== undefined && { ratio }), figures };
  });
  const loads = loadObstacles([...before, ...after]);
  const differing = circumstances(before, after, loads);
  const isInvalid = !trustsAll && differing.some(({ id }) => id === 'compare.invalid');
  const { plan, startedAt, control } = after[0] as RunResult;
  return {
    name: plan.name,
    startedAt,
    host: control.host,
    outcome: isInvalid ? 'invalid' : outcomeOf(compared),
    before: before.map(({ runId }) => runId),
    after: after.map(({ runId }) => runId),
    method,
    tolerance,
    circumstances: [...loads, ...differing],
    rows: compared,
    notes: [
      ...lengthNote(stretches, averageOf(evidence)),
      ...notesOf(stretches, compared),
      ...runsNote(method, averageOf(evidence), [before, after]),
    ],
  };
}

const ORDER: readonly Word[] = ['worse', 'better', 'within', 'same'];

function outcomeOf(rows: readonly ComparedRow[]): Word {
  const words = new Set(rows.flatMap(({ figures }) => figures.map(({ word }) => word)));
  return ORDER.find((word) => words.has(word)) ?? 'incomparable';
}

/** A word for each figure of each row. What is told of one depends on how much all the others differ. */
function judgedTogether(
  rows: readonly SharedRow[],
  evidence: readonly (readonly Evidence[])[],
  tolerance: number,
): ComparedFigure[][] {
  const pValues = evidence.flat().flatMap((one) => ('estimate' in one ? pValueOf(one) : []));
  const { told, uncovered } = discoveries(pValues);
  let place = 0;
  return evidence.map((row, r) =>
    row.map((one, i) => {
      const figure = figuresOf(rows[r] as SharedRow)[i] as Figure;
      if ('reason' in one) return { figure, word: 'incomparable', reason: one.reason };
      const at = place++;
      const { estimate, alike: _, ...values } = one;
      const reach = estimate.standardError * studentQuantile(uncovered[at] as number, estimate.degreesOfFreedom);
      const change = fromScale(figure, estimate.change);
      return {
        figure,
        word: wordOf(figure, change, told[at] === true, figure === RATIO ? tolerance * one.before : tolerance),
        ...values,
        change,
        interval: {
          low: fromScale(figure, estimate.change - reach),
          high: fromScale(figure, estimate.change + reach),
        },
        pValue: pValues[at] as number,
      };
    }),
  );
}

function pValueOf({ estimate }: Extract<Evidence, { estimate: unknown }>): number {
  return studentTails(estimate.change / estimate.standardError, estimate.degreesOfFreedom);
}

/** @param tolerance on the scale of the change */
function wordOf(figure: Figure, change: number, isTold: boolean, tolerance: number) {
  if (!isTold) return 'same';
  if (figure !== 'error_rate' && Math.abs(change) < tolerance) return 'within';
  return isWorse(figure, change) ? 'worse' : 'better';
}

/** Failures often come fast: where there are more of them, what looks faster need not be. */
function withoutFastFailures(figures: readonly ComparedFigure[]): ComparedFigure[] {
  const hasMoreFailures = figures.some(({ figure, word }) => figure === 'error_rate' && word === 'worse');
  if (!hasMoreFailures) return [...figures];
  return figures.map((one): ComparedFigure => {
    if (one.word !== 'better') return one;
    return { figure: one.figure, word: 'incomparable', reason: { id: 'compare.fast-failures', params: {} } };
  });
}

/** What is said of the average response time of all requests. */
function averageOf([all]: readonly (readonly Evidence[])[]): Measured | undefined {
  const average = all?.[FIGURES.indexOf('avg')];
  return average === undefined || 'reason' in average ? undefined : average;
}

type Measured = Extract<Evidence, { estimate: unknown }>;

/** With fewer independent stretches, only great differences are found. */
const ENOUGH_INDEPENDENT = 8;

/** How long runs have to be, where seconds are alike for so long that these say little. */
function lengthNote(stretches: readonly Stretches[] | 'runs' | undefined, average: Measured | undefined): Message[] {
  if (stretches === undefined || stretches === 'runs' || average?.alike === undefined) return [];
  const { stretches: count, kept } = average.alike;
  const independent = independentOf(count, kept);
  if (independent >= ENOUGH_INDEPENDENT) return [];
  let needed = count + 1;
  while (independentOf(needed, kept) < ENOUGH_INDEPENDENT) needed++;
  const sides = Object.values(stretches[0] as Stretches) as Stretches['before'][];
  const seconds = Math.min(...sides.map((side) => side.reduce((sum, own) => sum + own.seconds.length, 0)));
  const neededUs = Math.ceil((seconds * needed) / count) * 1e6;
  return [{ id: 'compare.slow', params: { independent: Math.max(1, Math.round(independent)), neededUs } }];
}

function independentOf(stretches: number, kept: number): number {
  return independentValues(stretches, keptAtMost(kept, stretches));
}

/** The change of which it is said how many runs find it. */
const SOUGHT_CHANGE = 0.1;

/** How many runs a side are enough, by how much they differ. */
function runsNote(
  method: RunComparison['method'],
  average: Measured | undefined,
  sides: readonly (readonly RunResult[])[],
): Message[] {
  if (average === undefined || method !== 'runs') return [];
  const spread = average.estimate.standardError / Math.sqrt(sides.reduce((sum, { length }) => sum + 1 / length, 0));
  const runs = runsNeeded(spread, Math.log1p(SOUGHT_CHANGE));
  const params = { spread, change: SOUGHT_CHANGE };
  if (runs === undefined) return [{ id: 'compare.runs-many', params: { ...params, most: MAX_RUNS } }];
  return [{ id: 'compare.runs-needed', params: { ...params, runs } }];
}

function notesOf(
  stretches: readonly [Stretches, ...Stretches[]] | 'runs' | undefined,
  rows: readonly ComparedRow[],
): Message[] {
  const together: Message = { id: 'compare.together', params: {} };
  if (stretches === 'runs') return [{ id: 'compare.by-runs', params: {} }, together];
  if (stretches === undefined) return [];
  const widenings = rows
    .flatMap(({ figures }) => figures)
    .flatMap((one) => ('widening' in one && one.widening !== undefined ? one.widening : []));
  const [least, most] = [Math.min(...widenings), Math.max(...widenings)];
  const { before, after } = stretches[0];
  const meanSeconds = (side: Stretches['before']) => meanOf(side.map(({ seconds }) => seconds.length));
  const params = {
    count: before.length,
    beforeSeconds: meanSeconds(before),
    afterSeconds: meanSeconds(after),
    least,
    most,
  };
  return [
    ...(widenings.length === 0 ? [] : [{ id: 'compare.by-stretches', params }]),
    { id: 'compare.one-run', params: {} },
    together,
  ];
}
