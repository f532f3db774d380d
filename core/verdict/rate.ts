import type { SecondColumns } from '../stats/result.ts';
import type { Phase } from '../stats/window.ts';
import type { LeanDraft } from './run-draft.ts';

/*
 * Figures per second. A target that falls behind goes on answering when the load is over, and those answers divided by the
 * time of the load would be a rate that it never had. So what counts is what ended while the load lasted, also where it had
 * begun in the warm-up.
 */

type Span = Pick<LeanDraft, 'warmupUs' | 'measuredUs' | 'plannedUs' | 'ending' | 'scenarios' | 'timeline'>;
type Counts = Pick<SecondColumns, 'requests' | 'errors'>;

/** Requests that ended within a stretch of a run. */
export interface EndedRequests {
  readonly requests: number;
  readonly errors: number;
  readonly durationUs: number;
}

/** Loads that somebody else ends, so that requests may still be under way then, as at a planned end. */
const ENDED_FROM_OUTSIDE: readonly string[] = ['shape', 'find-max'];

/**
 * What ended while the load of a phase lasted, in its whole seconds: the result does not say when in a second something ended.
 * Of a load whose work was done before its time was over all of it ended in time, and the last part of a second counts too.
 *
 * @param rows columns of the rows that count
 * @returns undefined for a phase without a whole second, and where an older result has no columns of a row
 */
export function endedWithin(
  draft: Span,
  phase: Phase,
  rows: readonly (Counts | undefined)[],
): EndedRequests | undefined {
  const { warmupUs, measuredUs } = draft;
  const from = phase === 'warmup' ? 0 : Math.ceil(warmupUs / 1e6);
  const endUs = phase === 'warmup' ? warmupUs : warmupUs + measuredUs;
  const loaded = phase === 'measure' && isWorkDone(draft) ? endUs / 1e6 : Math.floor(endUs / 1e6);
  // While a run goes on, its last seconds are still on their way.
  const end = Math.min(loaded, draft.timeline.vus.length);
  const known = rows.filter((row) => row !== undefined);
  if (end - from < 1 || known.length < rows.length) return undefined;
  const sum = (column: readonly number[]) => column.slice(from, Math.ceil(end)).reduce((a, b) => a + b, 0);
  return {
    requests: known.reduce((total, { requests }) => total + sum(requests), 0),
    errors: known.reduce((total, { errors }) => total + sum(errors), 0),
    durationUs: (end - from) * 1e6,
  };
}

function isWorkDone({ warmupUs, measuredUs, plannedUs, ending, scenarios }: Span): boolean {
  if (ending.kind !== 'completed' || warmupUs + measuredUs >= plannedUs) return false;
  return !scenarios.some(({ executor }) => ENDED_FROM_OUTSIDE.includes(executor));
}

/** What ended in some time, and how much of it a second. */
export interface Rate extends EndedRequests {
  readonly perSecond: number;
  readonly errorsPerSecond: number;
}

/**
 * The rate of the measured phase. Where {@link endedWithin} cannot tell, all that began in it counts.
 * @param began what began in the measured phase
 * @param rows columns of the same rows
 */
export function measuredRate(
  draft: Span,
  began: { readonly requests: number; readonly errors: number },
  rows: readonly (Counts | undefined)[],
): Rate {
  const { requests, errors } = began;
  const ended = endedWithin(draft, 'measure', rows) ?? { requests, errors, durationUs: draft.measuredUs };
  const perSecond = (count: number) => (ended.durationUs === 0 ? 0 : count / (ended.durationUs / 1e6));
  return { ...ended, perSecond: perSecond(ended.requests), errorsPerSecond: perSecond(ended.errors) };
}
