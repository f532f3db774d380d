import type { RunResult, ThresholdResult } from '../../stats/result.ts';

/** The criteria that can make a run fail. */
export function requiredOf(thresholds: readonly ThresholdResult[]): ThresholdResult[] {
  return thresholds.filter(({ severity }) => severity === 'fail');
}

export const RUN_OUTCOMES = ['pass', 'fail', 'invalid', 'aborted', 'no-criteria'] as const;

/**
 * The outcome of a run in one word. `aborted`: it ended early, for a reason other than what it measured, or goes on. A threshold may
 * have stopped the run with what was known then, and pass with the windows that came later: even so the load was not
 * complete, and the run does not pass. `no-criteria`: nothing could have failed, so nothing has passed.
 */
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

export function outcomeOf(result: Pick<RunResult, 'ending' | 'verdict' | 'thresholds'>): RunOutcome {
  const { ending, verdict } = result;
  if (ending.kind === 'completed') return judgementOf(result);
  if (ending.kind === 'running') return 'aborted';
  return ending.by !== 'request' && verdict.kind !== 'pass' ? verdict.kind : 'aborted';
}

/** As {@link outcomeOf}, whether the run came to its end or not. */
export function judgementOf({
  verdict,
  thresholds,
}: Pick<RunResult, 'verdict' | 'thresholds'>): Exclude<RunOutcome, 'aborted'> {
  return verdict.kind === 'pass' && requiredOf(thresholds).length === 0 ? 'no-criteria' : verdict.kind;
}
