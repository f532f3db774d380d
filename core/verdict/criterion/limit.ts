import { parseDurationUs } from '../../text/duration.ts';
import { clipped } from '../../text/printable.ts';
import type { MetricUnit } from './metric.ts';

/** A limit as it was read: microseconds, a share of 1, a rate per second, a count, or the plain number of a monitor. */
export interface Limit {
  readonly value: number;
  readonly unit: 'us' | 'share' | 'perSecond' | 'count' | 'bare';
}

/** Units that may follow a number after a space. */
export const UNIT_WORDS: ReadonlySet<string> = new Set(['%', 'us', 'µs', 'ms', 's', 'm', 'h', 'rps', '/s', '/m', '/h']);

/** Characters of a wrong limit that its message repeats. */
const MAX_SHOWN = 40;
const NUMBER = /^(\d+(?:\.\d+)?)(.*)$/s;
const PER_SECOND: Readonly<Record<string, number>> = { rps: 1, '/s': 1, '/m': 60, '/h': 3600 };

/** How to write each kind of limit, for messages. */
const FORM: Readonly<Record<MetricUnit, string>> = {
  value: 'is a duration: write it with us, ms, s or m, such as 200ms',
  share: 'is a share: write it in percent, such as 0.1%',
  perSecond: 'is a rate: write it per second, such as 300, 300rps or 300/s',
  count: 'is a count: write a whole number, such as 0',
};

/**
 * Reads the limit of a metric.
 * @param named whether the criterion names something, which may be a monitor with plain numbers
 * @returns the limit, or what is wrong with it and how to fix it
 */
export function readLimit(text: string, metric: string, unit: MetricUnit, named: boolean): Limit | string {
  const parts = NUMBER.exec(text);
  if (parts === null) return `"${clipped(text, MAX_SHOWN)}" is not a number; ${metric} ${FORM[unit]}`;
  const [, digits, suffix] = parts as unknown as [string, string, string];
  const durationUs = suffix === '' ? undefined : parseDurationUs(text);
  const perSecond = PER_SECOND[suffix];
  switch (unit) {
    case 'value':
      if (durationUs !== undefined) return { value: durationUs, unit: 'us' };
      if (suffix === '' && named) return { value: Number(digits), unit: 'bare' };
      if (suffix === '%' && named) return { value: shareOf(digits), unit: 'bare' };
      break;
    case 'share':
      if (suffix === '%' && Number(digits) <= 100) return { value: shareOf(digits), unit: 'share' };
      if (suffix === '' && Number(digits) <= 1) return { value: Number(digits), unit: 'share' };
      break;
    case 'perSecond':
      if (suffix === '') return { value: Number(digits), unit: 'perSecond' };
      if (perSecond !== undefined) return { value: Number(digits) / perSecond, unit: 'perSecond' };
      break;
    case 'count':
      if (suffix === '' && Number.isSafeInteger(Number(digits))) return { value: Number(digits), unit: 'count' };
  }
  return `${metric} ${FORM[unit]}, not "${clipped(text, MAX_SHOWN)}"`;
}

/** Shifts the decimal point, because 0.7 / 100 is not the double that is nearest to 0.007. */
function shareOf(digits: string): number {
  return Number(`${digits}e-2`);
}
