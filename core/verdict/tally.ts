import type { EncodedHistogram } from '../stats/histogram.ts';
import { nearestRank } from '../stats/nearest-rank.ts';
import type { PhaseResult, SecondColumns } from '../stats/result.ts';
import type { SecondOperation, SettledSecond } from '../stats/second.ts';
import type { RatioCounts } from '../stats/window.ts';
import type { Metric } from './criterion/metric.ts';
import { selectsResult, selectsRow } from './criterion/script-selector.ts';
import type { Selection } from './criterion/select.ts';
import type { Criterion } from './criterion.ts';
import { merged } from './distribution.ts';
import { measuredDrops } from './measured.ts';
import { endedWithin } from './rate.ts';
import type { LeanDraft } from './run-draft.ts';

/** Everything that a criterion selects in some time: all that any metric is measured from. */
export interface Tally {
  readonly durationUs: number;
  readonly requests: number;
  readonly errors: number;
  /** Those of the errors that are timeouts; known second by second only. */
  readonly timeouts: number;
  readonly dropped: number;
  readonly durations: readonly EncodedHistogram[];
  /** Service times of the same samples, for a criterion on response times; else empty. */
  readonly serviceTimes: readonly EncodedHistogram[];
  /** Values of a monitor, one a second. */
  readonly values: readonly number[];
}

export interface Measured {
  readonly actual: number;
  /** The number of samples that it is based on. */
  readonly samples: number;
}

export const EMPTY_TALLY: Tally = {
  durationUs: 0,
  requests: 0,
  errors: 0,
  timeouts: 0,
  dropped: 0,
  durations: [],
  serviceTimes: [],
  values: [],
};

/**
 * Everything that the criterion selects in one second.
 * @param isWhole whether all of the second lies in the criterion's phase
 */
export function tallyOfSecond(
  second: SettledSecond,
  criterion: Criterion,
  selection: Selection,
  isWhole: boolean,
): Tally {
  const tally = { ...EMPTY_TALLY, durationUs: 1e6 };
  const inPhase = ({ phase }: { readonly phase: string }) => phase === criterion.phase.name;
  const counts = isWhole && isOfSeconds(criterion) ? () => true : inPhase;
  if (selection.kind === 'monitor') {
    const value = second.monitors[selection.name];
    return value === undefined ? tally : { ...tally, values: [value] };
  }
  if (selection.kind === 'timing') {
    const timings = second.timings.filter((timing) => timing.name === selection.name && inPhase(timing));
    return { ...tally, durations: timings.map(({ histogram }) => histogram) };
  }
  if (selection.kind === 'ratio') {
    const ratios = (second.ratios ?? []).filter((ratio) => {
      return ratio.name === selection.name && inPhase(ratio) && ratio.voidReason === undefined;
    });
    return { ...tally, ...attempted(ratios) };
  }
  // Checks are judged at the end.
  if (selection.kind === 'check') return tally;
  const operations = second.operations.filter((entry) => counts(entry) && selects(selection, entry));
  const isService = criterion.time.name === 'service_time';
  return {
    ...tally,
    requests: sum(operations.map(({ requests }) => requests)),
    errors: sum(operations.map(({ errors }) => errors)),
    timeouts: sum(operations.map(({ timeouts }) => timeouts)),
    dropped: second.droppedArrivals,
    durations: operations.map(({ responseTime, serviceTime }) => (isService ? serviceTime : responseTime)),
    serviceTimes: isService ? [] : operations.map(({ serviceTime }) => serviceTime),
  };
}

/** Whether it is about what ended in some seconds. All others are about requests that began in their phase. */
function isOfSeconds({ metric, windowSeconds }: Criterion): boolean {
  return metric.kind === 'rps' || (metric.kind === 'requests' && windowSeconds !== undefined);
}

/** Everything that the criterion selects in its whole phase. */
export function tallyOfRun(draft: LeanDraft, criterion: Criterion, selection: Selection): Tally {
  const phase = criterion.phase.name;
  const durationUs = phase === 'warmup' ? draft.warmupUs : draft.measuredUs;
  const inPhase = (second: number) => second * 1e6 < draft.warmupUs === (phase === 'warmup');
  const tally = { ...EMPTY_TALLY, durationUs };
  if (selection.kind === 'monitor') {
    const series = draft.monitors.find(({ name }) => name === selection.name);
    const values = series?.values.filter((_, i) => inPhase(series.seconds[i] as number)) ?? [];
    return { ...tally, values };
  }
  if (selection.kind === 'timing') {
    const timing = draft.timings.find(({ name }) => name === selection.name);
    return timing === undefined ? tally : { ...tally, durations: [timing.phases[phase]] };
  }
  if (selection.kind === 'ratio') {
    const ratio = draft.ratios?.find(({ name }) => name === selection.name);
    if (ratio === undefined || ratio.voidReason !== undefined) return tally;
    return { ...tally, ...attempted([ratio.phases[phase]]) };
  }
  if (selection.kind === 'check') {
    const { requests, errors } = checked(draft, selection, phase);
    return { ...tally, requests, errors };
  }
  const phases = selectedPhases(draft, selection, phase);
  const isService = criterion.time.name === 'service_time';
  const durations = merged(phases.map(({ responseTime, serviceTime }) => (isService ? serviceTime : responseTime)));
  const ended = isOfSeconds(criterion) ? endedWithin(draft, phase, selectedColumns(selection, draft)) : undefined;
  return {
    ...tally,
    requests: sum(phases.map(({ requests }) => requests)),
    errors: sum(phases.map(({ errors }) => errors)),
    ...ended,
    dropped: measuredDrops(draft),
    durations: [durations.encoded],
    serviceTimes: isService ? [] : [merged(phases.map(({ serviceTime }) => serviceTime)).encoded],
  };
}

/** A selection of rows that count requests. */
export type OfRows = Extract<Selection, { readonly indices: ReadonlySet<number> }>;

function selects(selection: OfRows, { operation, row }: SecondOperation): boolean {
  if (row === undefined) return selection.indices.has(operation);
  return selection.kind === 'operations' && selectsRow(selection.script, row);
}

function selectedPhases(draft: LeanDraft, selection: OfRows, phase: 'warmup' | 'measure'): PhaseResult[] {
  const { operations, journeys = [], measures = [] } = draft;
  const script = selection.kind === 'operations' ? selection.script : undefined;
  const ofPlan = [...operations.filter(({ fromScript }) => !fromScript), ...journeys];
  const rows = [
    ...ofPlan.filter((_, i) => selection.indices.has(i)),
    ...operations.filter((row) => row.fromScript && selectsResult(script, row, 'request')),
    ...measures.filter((row) => selectsResult(script, row, 'measure')),
  ];
  return rows.map((row) => row.phases[phase]);
}

/** The columns of the rows that it selects; undefined for a row of which an older result has none. */
export function selectedColumns(
  selection: OfRows,
  { operations, journeys = [], measures = [], timeline }: LeanDraft,
): (SecondColumns | undefined)[] {
  const script = selection.kind === 'operations' ? selection.script : undefined;
  const requests = operations.map((row, i) => ({ row, columns: timeline.operations[i] }));
  const spans = measures.map((row, i) => ({ row, columns: timeline.measures?.[i] }));
  const ofPlan = [
    ...requests.filter(({ row }) => !row.fromScript).map(({ columns }) => columns),
    ...journeys.map((_, i) => timeline.journeys?.[i]),
  ];
  return [
    ...ofPlan.filter((_, i) => selection.indices.has(i)),
    ...requests.flatMap(({ row, columns }) =>
      row.fromScript && selectsResult(script, row, 'request') ? [columns] : [],
    ),
    ...spans.flatMap(({ row, columns }) => (selectsResult(script, row, 'measure') ? [columns] : [])),
  ];
}

/** The attempts of a ratio are its requests, and those that are no hits its errors. */
function attempted(ratios: readonly RatioCounts[]): Pick<Tally, 'requests' | 'errors'> {
  return { requests: sum(ratios.map(({ of }) => of)), errors: sum(ratios.map(({ hits, of }) => of - hits)) };
}

function checked(
  { checks = [] }: LeanDraft,
  { name, scenario }: Extract<Selection, { kind: 'check' }>,
  phase: 'warmup' | 'measure',
): Pick<Tally, 'requests' | 'errors'> {
  const own = checks.filter((check) => check.name === name && (scenario ?? check.scenario) === check.scenario);
  const errors = sum(own.map(({ phases }) => phases[phase].fails));
  return { requests: errors + sum(own.map(({ phases }) => phases[phase].passes)), errors };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    durationUs: sum(tallies.map(({ durationUs }) => durationUs)),
    requests: sum(tallies.map(({ requests }) => requests)),
    errors: sum(tallies.map(({ errors }) => errors)),
    timeouts: sum(tallies.map(({ timeouts }) => timeouts)),
    dropped: sum(tallies.map(({ dropped }) => dropped)),
    durations: tallies.flatMap(({ durations }) => durations),
    serviceTimes: tallies.flatMap(({ serviceTimes }) => serviceTimes),
    values: tallies.flatMap(({ values }) => values),
  };
}

/** The same tally with its histograms merged, so that it does not grow however often others are added. */
export function compacted(tally: Tally): Tally {
  const one = (parts: readonly EncodedHistogram[]) => (parts.length < 2 ? parts : [merged(parts).encoded]);
  return { ...tally, durations: one(tally.durations), serviceTimes: one(tally.serviceTimes) };
}

/** @returns undefined when there is nothing to measure from */
export function measure(metric: Metric, tally: Tally): Measured | undefined {
  const { requests, errors, dropped } = tally;
  const arrivals = requests + dropped;
  switch (metric.kind) {
    case 'requests':
      return { actual: requests, samples: requests };
    case 'errors':
      return requests === 0 ? undefined : { actual: errors, samples: requests };
    case 'rps':
      if (tally.durationUs <= 0) return undefined;
      return { actual: requests / (tally.durationUs / 1e6), samples: requests };
    case 'error_rate':
      return requests === 0 ? undefined : { actual: errors / requests, samples: requests };
    case 'availability':
    case 'ratio':
      return requests === 0 ? undefined : { actual: (requests - errors) / requests, samples: requests };
    case 'dropped':
      return arrivals === 0 ? undefined : { actual: dropped, samples: arrivals };
    case 'dropped_rate':
      return arrivals === 0 ? undefined : { actual: dropped / arrivals, samples: arrivals };
    case 'lost':
    case 'extra':
    case 'max_rps':
      return undefined;
    default:
      return tally.values.length > 0 ? ofValues(metric, tally.values) : ofDurations(metric, tally.durations);
  }
}

/** Fast failures are not a merit: they can make a criterion fail, but not pass. */
export function onlyFailures(criterion: Criterion, { requests, errors }: Tally): boolean {
  const isOfSuccess = ['percentile', 'max', 'min', 'mean', 'rps', 'requests'].includes(criterion.metric.kind);
  return isOfSuccess && requests > 0 && errors === requests;
}

type OfValues = Extract<Metric, { kind: 'percentile' | 'max' | 'min' | 'mean' }>;

/** Percentiles are by nearest rank, as those of the histogram. */
function ofValues(metric: OfValues, values: readonly number[]): Measured {
  const sorted = values.toSorted((a, b) => a - b);
  const samples = sorted.length;
  const atRank = (rank: number) => sorted[Math.min(Math.max(rank, 1), samples) - 1] as number;
  switch (metric.kind) {
    case 'percentile':
      return { actual: atRank(nearestRank(metric.quantile, samples)), samples };
    case 'max':
      return { actual: atRank(samples), samples };
    case 'min':
      return { actual: atRank(1), samples };
    case 'mean':
      return { actual: sum(sorted) / samples, samples };
  }
}

function ofDurations(metric: OfValues, durations: readonly EncodedHistogram[]): Measured | undefined {
  const all = merged(durations);
  const samples = all.count;
  if (samples === 0) return undefined;
  switch (metric.kind) {
    case 'percentile':
      return { actual: all.valueAtQuantileUs(metric.quantile), samples };
    case 'max':
      return { actual: all.maxUs, samples };
    case 'min':
      return { actual: all.minUs, samples };
    case 'mean':
      return { actual: all.meanUs, samples };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
