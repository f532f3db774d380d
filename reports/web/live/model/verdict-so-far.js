// What a run would come to if it ended now.

/**
 * @returns once the run has ended `pass`, `fail`, `invalid`, `aborted` or `no-criteria` (core/verdict/conclusion/run-outcome.ts), or
 *   `failed` where it has no result; until then `passing`, `failing`, `doubtful` or `open`
 */
export function verdictSoFar({ state, result, percentiles, second }) {
  if (state === 'failed') return 'failed';
  if (result !== undefined) return result.verdict === '' ? 'failed' : result.verdict;
  if (second?.warnings.length > 0) return 'doubtful';
  const judged = (percentiles?.thresholds ?? []).filter(({ severity }) => severity === 'fail');
  if (judged.some(({ status }) => status === 'fail')) return 'failing';
  return judged.some(({ status }) => status === 'pass') ? 'passing' : 'open';
}

/** The page's colour for it: a class of reports/web/page.css. */
export function toneOf(outcome) {
  if (outcome === 'pass' || outcome === 'passing') return 'pass';
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
  open: '…',
};
