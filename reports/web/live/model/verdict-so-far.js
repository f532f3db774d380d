// What a run would come to if it ended now.

/** States of a run that does not change any more (core/control/run/run-state.ts). */
export const ENDED_STATES = ['finished', 'failed', 'prepared'];

/** The run that goes on, or else one that waits for its turn. @param runs the newest first */
export function liveRun(runs) {
  return (
    runs.find(({ state }) => state !== 'queued' && !ENDED_STATES.includes(state)) ??
    runs.find(({ state }) => state === 'queued')
  );
}

/**
 * @returns once the run has ended `pass`, `fail`, `invalid`, `aborted` or `no-criteria` (core/verdict/conclusion/run-outcome.ts), or
 *   `failed` where it has no result, or `prepared` where it was only to prepare; until then `passing`, `failing`, `doubtful`,
 *   `no-criteria` or `open`
 */
export function verdictSoFar({ state, result, hello, percentiles, second }) {
  if (state === 'failed' || state === 'prepared') return state;
  if (result !== undefined) return result.verdict === '' ? 'failed' : result.verdict;
  if (second?.warnings.length > 0) return 'doubtful';
  if (hello?.thresholds.length === 0) return 'no-criteria';
  const judged = (percentiles?.thresholds ?? []).filter(({ severity }) => severity === 'fail');
  if (judged.some(({ status }) => status === 'fail')) return 'failing';
  return judged.some(({ status }) => status === 'pass') ? 'passing' : 'open';
}

/** The page's colour for it: a class of reports/web/page.css. */
export function toneOf(outcome) {
  if (outcome === 'pass' || outcome === 'passing' || outcome === 'prepared') return 'pass';
  if (outcome === 'fail' || outcome === 'failing') return 'fail';
  return outcome === 'open' || outcome === 'no-criteria' ? 'open' : 'invalid';
}

export const VERDICT_MARKS = {
  pass: '✓',
  passing: '✓',
  fail: '✗',
  failing: '✗',
  invalid: '!',
  doubtful: '!',
  aborted: '!',
  'no-criteria': '!',
  failed: '!',
  prepared: '✓',
  open: '…',
};
