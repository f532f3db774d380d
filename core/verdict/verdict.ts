import type { RunResult, ThresholdResult, ValidityCheck, Verdict } from '../stats/result.ts';
import { excessOf, marginShare } from './comparison.ts';
import { outcomeOf, requiredOf } from './conclusion/run-outcome.ts';
import { parseThreshold } from './criterion.ts';
import { type Lang, renderMessage } from './messages/message.ts';
import { formatQuantity } from './quantity.ts';

/**
 * The verdict of a run. Validity comes first: a measurement that cannot be trusted says nothing about the target. Then a
 * criterion that failed makes it `fail`, and one that could not be judged makes it `invalid`. Warnings change nothing.
 */
export function judge(validity: readonly ValidityCheck[], thresholds: readonly ThresholdResult[]): Verdict {
  const kind = kindOf(validity, thresholds);
  return { kind, reasons: verdictReasons(validity, thresholds, 'en') };
}

function kindOf(validity: readonly ValidityCheck[], thresholds: readonly ThresholdResult[]): Verdict['kind'] {
  const required = requiredOf(thresholds);
  if (validity.some(({ ok }) => !ok)) return 'invalid';
  if (required.some(({ status }) => status === 'fail')) return 'fail';
  return required.some(({ status }) => status === 'invalid') ? 'invalid' : 'pass';
}

/** Why the figures of a run cover only part of the planned time, in a sentence; undefined unless the run was aborted. */
export function abortSentence(
  result: Pick<RunResult, 'ending' | 'verdict' | 'thresholds' | 'measuredUs'>,
  lang: Lang,
): string | undefined {
  const { ending, measuredUs } = result;
  if (ending.kind === 'completed' || outcomeOf(result) !== 'aborted') return undefined;
  if (ending.kind === 'running') return renderMessage({ id: 'verdict.running', params: { measuredUs } }, lang);
  return renderMessage({ id: 'verdict.aborted', params: { reason: ending.reason, measuredUs } }, lang);
}

/**
 * The reasons of the verdict. If a validity check failed, only that counts: nobody knows then whether what the run says
 * about criteria is true. Otherwise the criteria that failed, then those that could not be judged.
 */
export function verdictReasons(
  validity: readonly ValidityCheck[],
  thresholds: readonly ThresholdResult[],
  lang: Lang,
): string[] {
  const failed = validity.filter(({ ok }) => !ok);
  if (failed.length > 0) return failed.map(({ message }) => renderMessage(message, lang));
  const required = requiredOf(thresholds);
  return [
    ...required.filter(({ status }) => status === 'fail'),
    ...required.filter(({ status }) => status === 'invalid'),
  ].map((result) => thresholdSentence(result, lang));
}

const DEFAULT: Readonly<Record<Lang, string>> = { en: ' (default)', 'zh-CN': '（默认）' };

/** The criterion as the plan has it; one that the plan does not have is marked as a default. */
export function criterionText({ criterion, isDefault }: ThresholdResult, lang: Lang): string {
  return isDefault === true ? `${criterion}${DEFAULT[lang]}` : criterion;
}

const FIGURE: Readonly<Record<Lang, (name: string, figure: string) => string>> = {
  en: (name, figure) => ` (${name}: ${figure})`,
  'zh-CN': (name, figure) => `（${name}：${figure}）`,
};

/** As {@link criterionText}, and of a criterion that was compared with a baseline also the baseline's figure. */
export function criterionWithFigure(result: ThresholdResult, lang: Lang): string {
  const criterion = criterionText(result, lang);
  if (result.status === 'invalid' || result.baseline === undefined) return criterion;
  const { name, value } = result.baseline;
  return `${criterion}${FIGURE[lang](name, formatQuantity(value, result.unit))}`;
}

/** The outcome of one threshold in a sentence: criterion, actual value, and the distance to the limit. */
export function thresholdSentence(result: ThresholdResult, lang: Lang): string {
  const criterion = criterionWithFigure(result, lang);
  if (result.status === 'invalid') {
    const reason = renderMessage(result.message, lang);
    return renderMessage({ id: 'threshold.invalid', params: { criterion, reason } }, lang);
  }
  const { actual, limit, unit, status } = result;
  const figures = { criterion, actual, limit, unit };
  const excess = excessOf(parseThreshold(result.criterion), actual, limit);
  if (excess === undefined) return renderMessage({ id: `threshold.${status}`, params: figures }, lang);
  const params = { ...figures, ...excess, margin: excess.excess };
  return renderMessage({ id: `threshold.${status}-by`, params }, lang);
}

/** A chart over time of a run. */
export type LimitedChart = 'responseTime' | 'throughput';

/**
 * The chart that shows what a threshold judges, so that its limit is a line there: response times of operations, or the requests
 * per second of all together.
 *
 * @param operations the names of all operations: other subjects are timings of drivers, or metrics of monitors
 * @returns undefined where no chart does
 */
export function chartOfLimit(result: ThresholdResult, operations: ReadonlySet<string>): LimitedChart | undefined {
  if (result.status === 'invalid') return undefined;
  const { subject, journey, check, scenario, tag, phase, time, metric } = parseThreshold(result.criterion);
  if ((journey ?? check) !== undefined || phase.name !== 'measure') return undefined;
  if (result.unit === 'us') {
    const isOfOperations = subject === undefined || operations.has(subject.name);
    return isOfOperations && time.name === 'response_time' ? 'responseTime' : undefined;
  }
  const isOfAll = (subject ?? scenario ?? tag) === undefined;
  return result.unit === 'perSecond' && metric.kind === 'rps' && isOfAll ? 'throughput' : undefined;
}

/** As a share of the limit; undefined where a share says nothing. */
export function marginOf(result: ThresholdResult): number | undefined {
  if (result.status === 'invalid') return undefined;
  return marginShare(parseThreshold(result.criterion), result.actual, result.limit);
}
