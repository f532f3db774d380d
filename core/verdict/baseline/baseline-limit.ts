import { type Limit, readLimit } from '../limit.ts';
import type { MetricUnit } from '../metric.ts';

/** What a limit such as `baseline + 10%` adds to the baseline's figure. */
export interface BaselineLimit {
  /** A share of the baseline's figure, or an amount in the unit of the limit; negative where it is taken off. */
  readonly added: number;
  readonly isShare: boolean;
}

const WORD = 'baseline';
const FORM = /^baseline(?:([+-])(.+))?$/s;
const PERCENT = /^\d+(?:\.\d+)?%$/;
const UNITS = { value: 'us', share: 'share', perSecond: 'perSecond' } as const;

/** Whether a limit that begins like this follows from a baseline. */
export function startsWithBaseline(text: string): boolean {
  return text === WORD || /^baseline[+-]/.test(text);
}

/**
 * Reads `baseline`, `baseline + 10%` or `baseline - 5ms`. A percentage is one of the baseline's figure, also where the figure is a
 * percentage itself.
 * @param text without spaces
 * @returns the limit, whose value is not known yet, or what is wrong with it and how to mend it
 */
export function readBaselineLimit(
  text: string,
  metric: string,
  unit: MetricUnit,
): (Limit & { readonly baseline: BaselineLimit }) | string {
  if (unit === 'count')
    return `${metric} is a count, which grows with the time that a run takes: compare rps or error_rate with a baseline`;
  const [isWritten, sign, amount] = FORM.exec(text) ?? [];
  const added = isWritten === undefined ? undefined : addedBy(amount, metric, unit);
  if (added === undefined) return 'write baseline, or what is added to it or taken off: baseline + 10%';
  if (typeof added === 'string') return added;
  const limit = { value: Number.NaN, unit: UNITS[unit] };
  const factor = sign === '-' ? -1 : 1;
  if (added.isShare && factor * added.added < -1) return 'more than 100% cannot be taken off the baseline';
  return { ...limit, baseline: { ...added, added: factor * added.added } };
}

function addedBy(amount: string | undefined, metric: string, unit: MetricUnit): BaselineLimit | string {
  if (amount === undefined) return { added: 0, isShare: true };
  if (PERCENT.test(amount)) return { added: Number(`${amount.slice(0, -1)}e-2`), isShare: true };
  const read = readLimit(amount, metric, unit, false);
  if (typeof read === 'string') return `${read}; or write a percentage of the baseline, such as 10%`;
  return { added: read.value, isShare: false };
}
