// Cells of tables, in the shape of reports/view/table.ts, which the tables of runs that have ended come in.

import { clockTime } from '../charts.js';
import { formatBytes, formatCount, formatMs, formatNumber, formatRate, formatShare, formatUsed } from './numbers.js';

const NOTHING = { text: '–', order: null };

export function left(key, label) {
  return { key, label, align: 'left' };
}

export function right(key, label) {
  return { key, label, align: 'right' };
}

export function text(content, tone) {
  return { text: content, tone };
}

export function code(content) {
  return { text: content, isCode: true };
}

/** A value in a form, nothing where there is none. */
function cell(value, form, tone) {
  return value === null || value === undefined ? NOTHING : { text: form(value), order: value, tone };
}

export function count(value, tone) {
  return cell(value, formatCount, tone);
}

/** A percentile, in milliseconds. */
export function ms(us) {
  return cell(us, formatMs);
}

/** An exact duration (average, minimum, maximum), in milliseconds. */
export function exactMs(us) {
  return cell(us, (value) => formatMs(value, 4));
}

export function rate(perSecond, tone) {
  return cell(perSecond, formatRate, tone);
}

export function share(value, tone) {
  return cell(value, formatShare, tone);
}

export function used(value, tone) {
  return cell(value, formatUsed, tone);
}

export function number(value, tone) {
  return cell(value, formatNumber, tone);
}

export function bytes(value) {
  return cell(value, formatBytes);
}

/** Such as `2:05`. */
export function clock(second) {
  return cell(second, clockTime);
}
