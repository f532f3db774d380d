import { type Limit, readLimit } from '../criterion/limit.ts';
import type { MetricUnit } from '../criterion/metric.ts';

/** What a limit such as `baseline + 10%` adds to the baseline's figure. */
export interface BaselineLimit {
  /** A share of the baseline's figure, or an amount in the unit of the limit; negative where it is taken off. */
  readonly added: number;
  readonly isShare: boolean;
}

const WORD = 'baseline';
const FORM = /^baseline(?:([+-])(.+))?$/s;
const PERCENT = /^\d+(?:\.\d+)?%$/;
/**
 * The unit of a limit that is a percentage of the baseline's figure. Values of monitors are plain numbers, which only the plan
 * shows: `inUnitOfMonitor`.
 */
const UNITS = { value: 'us', share: 'share', perSecond: 'perSecond' } as const;

/** Whether a limit that begins like this follows from a baseline. */
export function startsWithBaseline(text: string): boolean {
  return text === WORD || /^baseline[+-]/.test(text);
}

/**
 * Reads `baseline`, `baseline + 10%` or `baseline - 5ms`. A percentage is one of the baseline's figure, also where the figure is a
 * percentage itself.
 * @param text without spaces
 * @param named whether the criterion names something, which may be a monitor with plain numbers
 * @returns the limit, whose value is not known yet, or what is wrong with it and how to mend it
 */
export function readBaselineLimit(
  text: string,
  metric: string,
  unit: MetricUnit,
  named: boolean,
): (Limit & { readonly baseline: BaselineLimit }) | string {
  if (unit === 'count')
    return `${metric} is a count, which grows with the time that a run takes: compare rps or error_rate with a baseline`;
  const [isWritten, sign, amount] = FORM.exec(text) ?? [];
  const added = isWritten === undefined ? undefined : addedBy(amount, metric, unit, named);
  if (added === undefined) return 'write baseline, or what is added to it or taken off: baseline + 10%';
  if (typeof added === 'string') return added;
  const factor = sign === '-' ? -1 : 1;
  if (added.isShare && factor * added.value < -1) return 'more than 100% cannot be taken off the baseline';
  const baseline = { added: factor * added.value, isShare: added.isShare };
  return { value: Number.NaN, unit: added.unit, baseline };
}

/** What is added to the baseline, before its sign. */
interface Added extends Limit {
  readonly isShare: boolean;
}

function addedBy(
  amount: string | undefined,
  metric: string,
  unit: Exclude<MetricUnit, 'count'>,
  named: boolean,
): Added | string {
  const ofShare = { unit: UNITS[unit], isShare: true };
  if (amount === undefined) return { ...ofShare, value: 0 };
  if (PERCENT.test(amount)) return { ...ofShare, value: Number(`${amount.slice(0, -1)}e-2`) };
  const read = readLimit(amount, metric, unit, named);
  if (typeof read === 'string') return `${read}; or write a percentage of the baseline, such as 10%`;
  return { ...read, isShare: false };
}
