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

/** A value that is written when it is shown: of many rows only a few are in sight. */
class Value {
  constructor(order, form, tone) {
    this.order = order;
    this.form = form;
    this.tone = tone;
  }

  get text() {
    return this.form(this.order);
  }
}

/** A value in a form, nothing where there is none. */
function cell(value, form, tone) {
  return value === null || value === undefined ? NOTHING : new Value(value, form, tone);
}

/** Whether two cells are shown alike: most of those of a table are the same as a second ago. */
export function isAlike(a, b) {
  if (a.control !== undefined || b.control !== undefined) return a.control === b.control;
  const hasSameText = a.form === undefined || a.form !== b.form ? a.text === b.text : a.order === b.order;
  return hasSameText && a.tone === b.tone && a.href === b.href;
}

class LazyRow {
  #cells;
  #table;

  constructor(key, table) {
    this.key = key;
    this.#table = table;
  }

  get cells() {
    this.#cells ??= this.#table.cells(this.key);
    return this.#cells;
  }

  get isPicked() {
    return this.#table.picked === this.key;
  }

  get pick() {
    const { pick } = this.#table;
    return pick && (() => pick(this.key));
  }
}

/**
 * A row whose cells are made when they are shown or sorted.
 * @param table what its rows share: { cells(key), pick?(key), picked? }, `picked` the key of the row that is
 */
export function lazyRow(key, table) {
  return new LazyRow(key, table);
}

const withUnit = (us) => `${formatMs(us)} ms`;
const exact = (us) => formatMs(us, 4);

/** In milliseconds, with the unit. */
export function msWithUnit(us) {
  return cell(us, withUnit);
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
  return cell(us, exact);
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
