import { printable } from '../../text/printable.ts';
import type { Paint } from '../output.ts';
import { columnsOf, cut, padEnd, padStart } from './cells.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** When the table is too wide, columns with the greatest number are left out first; those with 0 always stay. */
  readonly spare: number;
  /** The text may be cut to this width when the table is too wide. */
  readonly narrowest?: number;
}

export interface Row {
  readonly cells: readonly string[];
  /** The aggregate, which a line separates from the rows above. */
  readonly isTotal?: boolean;
  readonly isBad?: boolean;
}

const GAP = '  ';

/** A table as lines of at most `columns` columns. */
export function renderTable(titles: readonly Column[], rows: readonly Row[], columns: number, paint: Paint): string[] {
  const texts = rows.map(({ cells }) => cells.map(printable));
  const shown = chosen(titles, texts, columns);
  const lineOf = (cells: readonly string[]) => {
    const parts = shown.map(({ index, width, column }) => {
      const text = cut(cells[index] ?? '', width);
      return column.align === 'left' ? padEnd(text, width) : padStart(text, width);
    });
    return cut(parts.join(GAP).trimEnd(), columns);
  };
  const widest = Math.min(columns, total(shown));
  const lines = [paint('bold', lineOf(titles.map(({ title }) => title)))];
  rows.forEach(({ isTotal, isBad }, i) => {
    if (isTotal) lines.push(paint('dim', '─'.repeat(widest)));
    const line = lineOf(texts[i] as string[]);
    lines.push(isBad ? paint('red', line) : isTotal ? paint('bold', line) : line);
  });
  return lines;
}

interface Chosen {
  readonly index: number;
  readonly width: number;
  readonly column: Column;
}

function total(shown: readonly Chosen[]): number {
  return shown.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);
}

/** Leaves out spare columns and narrows others until the table fits. */
function chosen(titles: readonly Column[], rows: readonly (readonly string[])[], columns: number): Chosen[] {
  let left = titles.map((column, index) => {
    const width = Math.max(columnsOf(column.title), ...rows.map((cells) => columnsOf(cells[index] ?? '')));
    return { index, column, width };
  });
  const excess = () => total(left) - columns;
  const narrow = () => {
    left = left.map((entry) => {
      const { narrowest } = entry.column;
      const less = narrowest === undefined ? 0 : Math.min(Math.max(0, excess()), Math.max(0, entry.width - narrowest));
      return { ...entry, width: entry.width - less };
    });
  };
  const room = () => left.reduce((sum, { column, width }) => sum + Math.max(0, width - (column.narrowest ?? width)), 0);
  for (const spare of [...new Set(titles.map((column) => column.spare))].sort((a, b) => b - a)) {
    if (excess() <= room() || spare === 0) break;
    left = left.filter(({ column }) => column.spare !== spare);
  }
  narrow();
  return left;
}
