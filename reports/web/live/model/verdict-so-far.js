// What a run would come to if it ended now.

/**
 * @returns { outcome, doubts }: `pass`, `fail`, `invalid` or `aborted` once the run has ended, and until then `passing`, `failing`,
 *   `doubtful` or `open`
 */
export function verdictSoFar({ state, result, percentiles, second }) {
  if (state === 'failed') return { outcome: 'aborted' };
  if (result !== undefined) return { outcome: result.verdict === '' ? 'aborted' : result.verdict };
  if (second?.warnings.length > 0) return { outcome: 'doubtful' };
  const judged = (percentiles?.thresholds ?? []).filter(({ severity }) => severity === 'fail');
  if (judged.some(({ status }) => status === 'fail')) return { outcome: 'failing' };
  return { outcome: judged.some(({ status }) => status === 'pass') ? 'passing' : 'open' };
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
  open: '…',
};
