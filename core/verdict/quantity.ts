import type { ThresholdResult } from '../stats/result.ts';
import { formatDuration } from '../text/duration.ts';
import type { Criterion } from './criterion.ts';
import type { Lang } from './messages/lang.ts';

export type ResultUnit = Extract<ThresholdResult, { limit: number }>['unit'];

/** Whether this is a unit that this version knows. */
export function isResultUnit(unit: unknown): unit is ResultUnit {
  return typeof unit === 'string' && Object.hasOwn(SHOWN, unit);
}

/** Numbers as a person reads them, the same in every format and language. */

/** Milliseconds without the unit. Percentiles have 3 digits and exact values up to 4; all digits before the point are shown. */
export function formatMs(us: number, digits = 3): string {
  return significant(us / 1e3, digits);
}

/** A whole number with thousands separated. */
export function formatCount(count: number): string {
  return grouped(Math.round(count).toString());
}

/** Per second. */
export function formatRate(perSecond: number, digits = 4): string {
  return significant(perSecond, digits);
}

/** Such as `0.15%`. Only a share of 1 is shown as 100 %, and only 0 as 0 %. */
export function formatShare(share: number, digits = 3): string {
  const percent = share * 100;
  const rest = 100 - percent;
  if (percent > 99 && rest > 0) {
    const decimals = Math.min(10, Math.max(1, Math.ceil(-Math.log10(rest)) + digits - 2));
    return `${trimmed(percent.toFixed(decimals))}%`;
  }
  return `${significant(percent, digits)}%`;
}

/** A share of a resource in use, rounded to two digits: `8.2%`, `99%`, `100%`. */
export function formatUsed(share: number): string {
  return `${significant(share * 100, 2)}%`;
}

/** A multiple: `2.9`, `49`, `1,200`. */
export function formatTimes(factor: number): string {
  return significant(factor, 2);
}

/** A value without a unit, such as that of a monitor. */
export function formatNumber(value: number, digits = 3): string {
  return Number.isInteger(value) ? grouped(value.toString()) : significant(value, digits);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${significant(bytes / 2 ** (10 * power), 3)} ${units[power]}`;
}

const ZH_UNITS: Readonly<Record<string, string>> = { d: '天', h: '小时', m: '分', s: '秒', ms: '毫秒', us: '微秒' };

/** A length of time, to the tenth of a second, and to the second from a minute on. */
export function formatSpan(us: number, lang: Lang): string {
  const step = us >= 60e6 ? 1e6 : us >= 1e6 ? 1e5 : 1e3;
  const text = formatDuration(Math.round(us / step) * step);
  return lang === 'zh-CN' ? text.replaceAll(/[a-z]+/g, (unit) => ZH_UNITS[unit] ?? unit) : text;
}

/** @param more the number of digits beyond the usual ones of the unit */
export function formatQuantity(value: number, unit: ResultUnit, more = 0): string {
  switch (unit) {
    case 'us':
      return `${formatMs(value, 3 + more)} ms`;
    case 'share':
      return formatShare(value, 3 + more);
    case 'perSecond':
      return `${formatRate(value, 4 + more)}/s`;
    case 'count':
      return formatNumber(value, 3 + more);
  }
}

/** No run can tell values apart that differ only in later digits. */
const MAX_MORE_DIGITS = 9;
/** The factor by which a value is multiplied before it is shown. */
const SHOWN: Readonly<Record<ResultUnit, number>> = { us: 1e-3, share: 100, perSecond: 1, count: 1 };

/**
 * A value that is shown with its limit. It gets as many digits as it takes to show it on the side of the limit on which it is.
 * The limit itself is therefore shown without rounding.
 */
export function formatJudged(value: number, limit: number, unit: ResultUnit): string {
  // The last digit of the product may be wrong: 0.007 * 100 is not 0.7.
  const shownLimit = Number((limit * SHOWN[unit]).toPrecision(15));
  const side = Math.sign(value - limit);
  for (let more = 0; more < MAX_MORE_DIGITS; more++) {
    const text = formatQuantity(value, unit, more);
    if (Math.sign(Number.parseFloat(text.replaceAll(',', '')) - shownLimit) === side) return text;
  }
  return formatQuantity(value, unit, MAX_MORE_DIGITS);
}

/** The unit of the result of a criterion. */
export function resultUnit({ limit }: Pick<Criterion, 'limit'>): ResultUnit {
  return limit.unit === 'bare' ? 'count' : limit.unit;
}

/** At least this many digits without trailing zeros, and all digits before the point. */
function significant(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return Number.isFinite(value) ? '0' : '–';
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));
  return grouped(trimmed(value.toFixed(Math.min(decimals, 20))));
}

function trimmed(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** Separates thousands from five digits on; four digits read well without. */
function grouped(digits: string): string {
  const [whole = '', ...rest] = digits.split('.');
  const marked = whole.replace('-', '').length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return [marked, ...rest].join('.');
}
