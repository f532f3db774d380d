import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatRate,
  formatShare,
} from '../../core/verdict/quantity.ts';

/** The meaning of a cell, for formats that can show it. */
export type Tone = 'good' | 'bad' | 'warn' | 'muted';

/** Text in the language and units of the reader, not yet escaped for a format. */
export interface Cell {
  readonly text: string;
  /** The value to sort by; default: the text. */
  readonly order?: number;
  readonly tone?: Tone;
  /** Set for text that is typed or compared letter by letter. */
  readonly isCode?: boolean;
}

export interface Column {
  readonly label: string;
  /** Numbers are aligned to the right. */
  readonly align: 'left' | 'right';
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** The last row is the sum of the others, and stays last when they are sorted. */
  readonly hasTotal?: boolean;
}

export function left(label: string): Column {
  return { label, align: 'left' };
}

export function right(label: string): Column {
  return { label, align: 'right' };
}

export function text(content: string, tone?: Tone): Cell {
  return tone === undefined ? { text: content } : { text: content, tone };
}

export function code(content: string): Cell {
  return { text: content, isCode: true };
}

export const NOTHING: Cell = { text: '–', order: Number.NEGATIVE_INFINITY };

export function count(value: number, tone?: Tone): Cell {
  return { text: formatCount(value), order: value, ...(tone && { tone }) };
}

/** A percentile, in milliseconds. */
export function ms(us: number): Cell {
  return { text: formatMs(us), order: us };
}

/** An exact duration (average, minimum, maximum), in milliseconds. */
export function exactMs(us: number): Cell {
  return { text: formatMs(us, 4), order: us };
}

export function rate(perSecond: number, tone?: Tone): Cell {
  return { text: formatRate(perSecond), order: perSecond, ...(tone && { tone }) };
}

export function share(value: number, tone?: Tone): Cell {
  return { text: formatShare(value), order: value, ...(tone && { tone }) };
}

export function number(value: number): Cell {
  return { text: formatNumber(value), order: value };
}

export function bytes(value: number): Cell {
  return { text: formatBytes(value), order: value };
}

/** Such as `2:05`, for a second of the run. */
export function clockTime(second: number): Cell {
  const parts = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  const [hours = 0, ...rest] = parts;
  const shown = hours > 0 ? [hours, ...rest] : rest;
  const digits = shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
  return { text: digits, order: second };
}
