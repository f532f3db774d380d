import type { RunResult, ThresholdResult, ValidityCheck, Verdict } from '../stats/result.ts';
import { marginShare } from './comparison.ts';
import { parseThreshold } from './criterion.ts';
import { type Lang, renderMessage } from './messages/message.ts';

/**
 * What the run comes to. Validity first: a measurement that cannot be believed says nothing of the target. Then a
 * criterion that is broken makes it `fail`; one that could not be judged makes it `invalid`. Warnings change nothing.
 */
export function judge(validity: readonly ValidityCheck[], thresholds: readonly ThresholdResult[]): Verdict {
  const kind = kindOf(validity, thresholds);
  return { kind, reasons: verdictReasons(validity, thresholds, 'en') };
}

function kindOf(validity: readonly ValidityCheck[], thresholds: readonly ThresholdResult[]): Verdict['kind'] {
  const required = thresholds.filter(({ severity }) => severity === 'fail');
  if (validity.some(({ ok }) => !ok)) return 'invalid';
  if (required.some(({ status }) => status === 'fail')) return 'fail';
  return required.some(({ status }) => status === 'invalid') ? 'invalid' : 'pass';
}

/**
 * What a run came to, in a word; `aborted`: it ended before its time, and not because of what it measured. A threshold may
 * have stopped it by what was known then, and hold with the windows that came late: that is no pass of the whole load.
 */
export type RunOutcome = Verdict['kind'] | 'aborted';

export function outcomeOf({ ending, verdict }: Pick<RunResult, 'ending' | 'verdict'>): RunOutcome {
  if (ending.kind === 'completed') return verdict.kind;
  return ending.by !== 'request' && verdict.kind !== 'pass' ? verdict.kind : 'aborted';
}

/** Why a run counts for nothing more than the time that it had, in a sentence; undefined where it was not aborted. */
export function abortSentence(
  result: Pick<RunResult, 'ending' | 'verdict' | 'measuredUs'>,
  lang: Lang,
): string | undefined {
  const { ending, measuredUs } = result;
  if (ending.kind === 'completed' || outcomeOf(result) !== 'aborted') return undefined;
  return renderMessage({ id: 'verdict.aborted', params: { reason: ending.reason, measuredUs } }, lang);
}

/**
 * The verdict's reasons. A measurement that cannot be believed gives only that: what it says of criteria is not known
 * to be true. Else broken criteria, then those that could not be judged.
 */
export function verdictReasons(
  validity: readonly ValidityCheck[],
  thresholds: readonly ThresholdResult[],
  lang: Lang,
): string[] {
  const failed = validity.filter(({ ok }) => !ok);
  if (failed.length > 0) return failed.map(({ message }) => renderMessage(message, lang));
  const required = thresholds.filter(({ severity }) => severity === 'fail');
  return [
    ...required.filter(({ status }) => status === 'fail'),
    ...required.filter(({ status }) => status === 'invalid'),
  ].map((result) => thresholdSentence(result, lang));
}

/** One threshold's outcome in a sentence: criterion, actual value, margin. */
export function thresholdSentence(result: ThresholdResult, lang: Lang): string {
  const { criterion, status } = result;
  if (status === 'invalid') {
    const reason = renderMessage(result.message, lang);
    return renderMessage({ id: 'threshold.invalid', params: { criterion, reason } }, lang);
  }
  const margin = marginOf(result);
  const { actual, limit, unit } = result;
  const params = { criterion, actual, limit, unit, margin: Math.abs(margin ?? 0) };
  return renderMessage({ id: `threshold.${status}${margin === undefined ? '' : '-by'}`, params }, lang);
}

/** As a share of the limit; undefined where no share says anything. */
export function marginOf(result: ThresholdResult): number | undefined {
  if (result.status === 'invalid') return undefined;
  return marginShare(parseThreshold(result.criterion), result.actual, result.limit);
}
