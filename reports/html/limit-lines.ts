import type { RunResult, ThresholdResult } from '../../core/stats/result.ts';
import { type Criterion, parseThreshold } from '../../core/verdict/criterion.ts';
import type { LimitLine } from './chart.ts';
import { toMs } from './chart.ts';

/** A limit further away than this would press the curves flat; it stands in the table of thresholds all the same. */
const FURTHEST = 2;

/** Limits of response times, in milliseconds. @param topMs the greatest value that the chart shows */
export function responseTimeLimits({ thresholds, operations }: RunResult, topMs: number): LimitLine[] {
  const names = new Set(operations.map(({ name }) => name));
  return judged(thresholds, 'us')
    .filter(({ criterion: { phase, time, subject } }) => {
      const isOfOperations = subject === undefined || names.has(subject.name);
      return isOfOperations && phase.name === 'measure' && time.name === 'response_time';
    })
    .map(({ criterion, limit }) => ({ value: toMs(limit), label: criterion.text }))
    .filter(({ value }) => value <= FURTHEST * topMs);
}

/** Limits of the requests per second of all operations together. */
export function throughputLimits({ thresholds }: RunResult): LimitLine[] {
  return judged(thresholds, 'perSecond')
    .filter(({ criterion: { subject, scenario, tag } }) => (subject ?? scenario ?? tag) === undefined)
    .map(({ criterion, limit }) => ({ value: limit, label: criterion.text }));
}

function judged(
  thresholds: readonly ThresholdResult[],
  unit: 'us' | 'perSecond',
): { readonly criterion: Criterion; readonly limit: number }[] {
  return thresholds.flatMap((result) =>
    result.status !== 'invalid' && result.unit === unit
      ? [{ criterion: parseThreshold(result.criterion), limit: result.limit }]
      : [],
  );
}
