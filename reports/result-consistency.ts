import { BUCKET_COUNT, type EncodedHistogram } from '../core/stats/histogram.ts';
import type { RatioColumns, RunResult, SecondColumns } from '../core/stats/result.ts';
import { ThresholdError } from '../core/verdict/criterion/threshold-error.ts';
import { parseThreshold } from '../core/verdict/criterion.ts';

/** What is wrong with a result, and where. */
export interface ResultProblem {
  /** Such as `timeline.all.requests`. */
  readonly path: string;
  readonly message: string;
}

/**
 * What the schema of a result cannot say: arrays that belong together have the same length, histograms are in the order of
 * their buckets, and criteria can be read. Reports rely on all of it.
 *
 * @param result of the right types, with a plan that can be parsed
 * @returns the first problem
 */
export function inconsistency(result: RunResult): ResultProblem | undefined {
  for (const check of [timelineProblem, histogramProblem, monitorProblem, criterionProblem]) {
    const problem = check(result);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function timelineProblem(result: RunResult): ResultProblem | undefined {
  const { timeline, operations, journeys = [], measures, ratios = [] } = result;
  const seconds = timeline.vus.length;
  const {
    operations: columns,
    journeys: passes = [],
    measures: spans,
    ratios: attempts = [],
    all,
    ...arrays
  } = timeline;
  for (const [name, found, wanted] of [
    ['operations', columns.length, operations.length],
    ['journeys', passes.length, journeys.length],
    ['ratios', attempts.length, ratios.length],
    // Older results have no course of their spans.
    ['measures', spans?.length ?? measures?.length ?? 0, measures?.length ?? 0],
  ] as const) {
    if (found === wanted) continue;
    return { path: `timeline.${name}`, message: `must have ${wanted} entries, as ${name} has, not ${found}` };
  }
  const groups: [path: string, arrays: Readonly<Record<string, readonly unknown[]>>][] = [
    ['timeline', arrays],
    ['timeline.all', arraysOf(all)],
    ...Object.entries({ operations: columns, journeys: passes, measures: spans ?? [], ratios: attempts }).flatMap(
      ([kind, rows]) =>
        rows.map((own, i): [string, Record<string, readonly unknown[]>] => [`timeline.${kind}.${i}`, arraysOf(own)]),
    ),
  ];
  for (const [path, group] of groups) {
    for (const [name, { length }] of Object.entries(group)) {
      if (length === seconds) continue;
      return { path: `${path}.${name}`, message: `must have ${seconds} entries, as timeline.vus has, not ${length}` };
    }
  }
  return undefined;
}

function arraysOf(columns: SecondColumns | RatioColumns): Record<string, readonly unknown[]> {
  return { ...columns };
}

function histogramProblem(result: RunResult): ResultProblem | undefined {
  for (const [path, histogram] of histogramsOf(result)) {
    const message = wrongInHistogram(histogram);
    if (message !== undefined) return { path, message };
  }
  return undefined;
}

function* histogramsOf(result: RunResult): Generator<[string, EncodedHistogram]> {
  const { agents, operations, journeys = [], measures = [], timings, timeline } = result;
  for (const [i, { responseTime }] of agents.entries()) yield [`agents.${i}.responseTime`, responseTime];
  for (const [kind, rows] of Object.entries({ operations, journeys, measures })) {
    for (const [i, { phases }] of rows.entries()) {
      for (const [phase, { responseTime, serviceTime, sendDelay }] of Object.entries(phases)) {
        for (const [name, histogram] of Object.entries({ responseTime, serviceTime, sendDelay })) {
          yield [`${kind}.${i}.phases.${phase}.${name}`, histogram];
        }
      }
    }
  }
  for (const [i, { phases }] of timings.entries()) {
    for (const [phase, histogram] of Object.entries(phases)) yield [`timings.${i}.phases.${phase}`, histogram];
  }
  for (const [i, histogram] of timeline.responseTimes.entries()) yield [`timeline.responseTimes.${i}`, histogram];
}

function wrongInHistogram({ indices, counts, minUs, maxUs }: EncodedHistogram): string | undefined {
  if (indices.length !== counts.length) return `has ${indices.length} indices and ${counts.length} counts`;
  if (minUs > maxUs) return `has a minimum of ${minUs} above its maximum of ${maxUs}`;
  const misplaced = indices.findIndex((index, i) => index >= BUCKET_COUNT || index <= (indices[i - 1] ?? -1));
  if (misplaced >= 0) return `must have indices that rise and are below ${BUCKET_COUNT}, not ${indices[misplaced]}`;
  const empty = counts.findIndex((count) => count <= 0);
  return empty < 0 ? undefined : `must have counts above 0, not ${counts[empty]}`;
}

function monitorProblem({ monitors }: RunResult): ResultProblem | undefined {
  const i = monitors.findIndex(({ seconds, values }) => seconds.length !== values.length);
  const series = monitors[i];
  if (series === undefined) return undefined;
  return { path: `monitors.${i}`, message: `has ${series.seconds.length} seconds and ${series.values.length} values` };
}

function criterionProblem({ thresholds, plan }: RunResult): ResultProblem | undefined {
  const planned = (plan.thresholds ?? []).map((given) => (typeof given === 'string' ? { criterion: given } : given));
  for (const [path, criteria] of [
    ['thresholds', thresholds],
    ['plan.thresholds', planned],
  ] as const) {
    for (const [i, { criterion }] of criteria.entries()) {
      try {
        parseThreshold(criterion);
      } catch (error) {
        if (!(error instanceof ThresholdError)) throw error;
        return { path: `${path}.${i}.criterion`, message: error.message };
      }
    }
  }
  return undefined;
}
