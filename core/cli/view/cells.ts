import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { printable } from '../../text/printable.ts';

/** One column each. What tells emoji from these takes a process, the first time, as long as a whole table. */
const NARROW = /^[ -~·–—…─✓✗]*$/;

/** How many columns a text takes in a terminal; wide characters such as 测 take two. */
export function columnsOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** Cuts a text to at most so many columns; `…` shows the cut. */
export function cut(text: string, columns: number): string {
  return columnsOf(text) <= columns ? text : cliTruncate(text, columns);
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text;
}

/** Breaks a text into lines of at most so many columns: at spaces, and inside a word that is wider than a line. */
export function wrap(text: string, columns: number): string[] {
  return wrapAnsi(text, columns, { hard: true }).split('\n');
}

/** A sentence as an item of a list, in lines of at most so many columns. */
export function bullet(sentence: string, columns: number): string[] {
  const lines = wrap(printable(sentence), columns - 4);
  return lines.map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`);
}
