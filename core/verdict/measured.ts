import type { Distribution } from '../stats/merge-encoded.ts';
import type { OperationResult, PhaseResult, RunResult } from '../stats/result.ts';
import { merged } from './distribution.ts';
import type { LeanDraft, RunDraft } from './run-draft.ts';

/** Figures of the measured phase that verdict and reports share. */

/** One operation, or several merged, with histograms that are ready to be read. */
export interface Measured {
  readonly requests: number;
  readonly errors: number;
  readonly bytesReceived: number;
  readonly responseTime: Distribution;
  readonly serviceTime: Distribution;
  readonly sendDelay: Distribution;
}

export function measuredOf(operations: readonly Pick<OperationResult, 'phases'>[]): Measured {
  const phases = operations.map((operation) => operation.phases.measure);
  return {
    requests: total(phases, ({ requests }) => requests),
    errors: total(phases, ({ errors }) => errors),
    bytesReceived: total(phases, ({ bytesReceived }) => bytesReceived),
    responseTime: merged(phases.map(({ responseTime }) => responseTime)),
    serviceTime: merged(phases.map(({ serviceTime }) => serviceTime)),
    sendDelay: merged(phases.map(({ sendDelay }) => sendDelay)),
  };
}

/** A row by which a scenario's iterations are counted: its journey, or else each of its operations. */
export type IterationRow = Pick<OperationResult, 'scenario' | 'phases'>;

export function iterationRows({
  operations,
  journeys = [],
}: Pick<RunDraft, 'operations' | 'journeys'>): IterationRow[] {
  const withJourney = new Set(journeys.map(({ scenario }) => scenario));
  return [...operations.filter(({ scenario }) => !withJourney.has(scenario)), ...journeys];
}

/** Whole seconds that lie inside the measured phase. */
export function measuredSeconds(draft: LeanDraft): number[] {
  return lastMeasured(draft, draft.timeline.vus.length);
}

function lastMeasured({ timeline, warmupUs, measuredUs }: LeanDraft, most: number): number[] {
  const end = Math.min(timeline.vus.length, Math.floor((warmupUs + measuredUs) / 1e6));
  const count = Math.max(0, Math.min(most, end - Math.ceil(warmupUs / 1e6)));
  return Array.from({ length: count }, (_, i) => end - count + i);
}

/** The last 10 whole seconds of load, as Locust takes them for its "current RPS"; fewer, or none, in a short run. */
export function currentSeconds(result: RunDraft): number[] {
  // It is asked for each operation, and a run may have many seconds.
  return lastMeasured(result, 10);
}

/** The mean over these seconds; 0 if there are none. */
export function currentPerSecond(result: RunDraft, counts: readonly number[]): number {
  const last = currentSeconds(result);
  return last.length === 0 ? 0 : last.reduce((sum, second) => sum + (counts[second] ?? 0), 0) / last.length;
}

/**
 * Arrivals that were dropped in the measured phase. When in a second they were is not known: of the one in which a warm-up ends, all
 * of them count, so that none is passed over.
 */
export function measuredDrops({ timeline, warmupUs }: Pick<LeanDraft, 'timeline' | 'warmupUs'>): number {
  const { droppedArrivals } = timeline;
  return droppedArrivals.reduce((sum, count, second) => ((second + 1) * 1e6 > warmupUs ? sum + count : sum), 0);
}

/** The values of a monitor in the measured phase. */
export function monitorValues(result: RunDraft, name: string): number[] {
  return monitorSamples(result, name).map(({ value }) => value);
}

export interface MonitorSample {
  /** Whole seconds since the run start. */
  readonly second: number;
  readonly value: number;
}

/** As {@link monitorValues}, with their times. */
export function monitorSamples({ monitors, warmupUs, measuredUs }: RunDraft, name: string): MonitorSample[] {
  const series = monitors.find((monitor) => monitor.name === name);
  const samples = (series?.values ?? []).map((value, i) => ({ second: series?.seconds[i] as number, value }));
  return samples.filter(({ second }) => second * 1e6 >= warmupUs && second * 1e6 < warmupUs + measuredUs);
}

/** The highest number of virtual users in the measured phase. Seconds that lie in it only in part count too. */
export function mostVus({ timeline, warmupUs, measuredUs }: RunDraft): number {
  const untilUs = warmupUs + measuredUs;
  return timeline.vus
    .filter((_, second) => second * 1e6 < untilUs && (second + 1) * 1e6 > warmupUs)
    .reduce((most, vus) => Math.max(most, vus), 0);
}

/** Errors of the measured phase by kind, most frequent first. */
export function errorKinds({ operations }: Pick<RunResult, 'operations'>): [kind: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { kind, count } of operations.flatMap(({ phases }) => phases.measure.errorKinds)) {
    counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function total(phases: readonly PhaseResult[], figure: (phase: PhaseResult) => number): number {
  return phases.reduce((sum, phase) => sum + figure(phase), 0);
}

/** For long arrays, which `Math.min(...values)` cannot take as arguments. @returns Infinity for no values */
export function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

/** As {@link least}. @returns -Infinity for no values */
export function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
