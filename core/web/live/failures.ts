import type { z } from 'zod';
import type { LiveRows } from '../../control/results/live-rows.ts';
import type { RunContext } from '../../control/run/run-context.ts';
import type { ErrorKind, RunResult } from '../../stats/result.ts';
import type { Phase } from '../../stats/window.ts';
import type { failure } from '../api/run-events.ts';

export type Failure = z.infer<typeof failure>;

const PHASES: readonly Phase[] = ['warmup', 'measure'];

/** All failures of a run that goes on, the most frequent first. */
export function liveFailures({ totals }: Pick<RunContext, 'totals'>, { operations, journeys }: LiveRows): Failure[] {
  const of = (row: number, place: Place) =>
    PHASES.flatMap((phase) => failuresOf(totals.phase(row, phase)?.errorKinds ?? [], place, phase));
  return byCount([
    ...operations.flatMap(({ row }, operation) => of(row, { operation, journey: null })),
    ...journeys.flatMap(({ row }, journey) => of(row, { operation: null, journey })),
  ]);
}

/** All failures of a run that has ended. */
export function resultFailures({ operations, journeys = [] }: Pick<RunResult, 'operations' | 'journeys'>): Failure[] {
  const of = (phases: RunResult['operations'][number]['phases'], place: Place) =>
    PHASES.flatMap((phase) => failuresOf(phases[phase].errorKinds, place, phase));
  return byCount([
    ...operations.flatMap(({ phases }, operation) => of(phases, { operation, journey: null })),
    ...journeys.flatMap(({ phases }, journey) => of(phases, { operation: null, journey })),
  ]);
}

type Place = Pick<Failure, 'operation' | 'journey'>;

function failuresOf(kinds: readonly ErrorKind[], place: Place, phase: Phase): Failure[] {
  return kinds.map(({ kind, count, example, firstSecond, lastSecond, samples = [] }) => ({
    ...place,
    phase,
    kind,
    count,
    message: example,
    firstSecond,
    lastSecond,
    samples: samples.map(({ atUs, durationUs, agent = '', message, sent, received }) => {
      return { atUs, durationUs, agent, message, sent, received };
    }),
  }));
}

function byCount(failures: Failure[]): Failure[] {
  return failures.sort((a, b) => b.count - a.count);
}
