import { printable, withoutCommands } from '../../core/text/printable.ts';

export type CsvField = string | number;

/** Writes CSV like Python's `csv.writer`, which Locust uses: quotes where needed, doubled quotes, CR LF at the end of lines. */
export function csvOf(rows: Iterable<readonly CsvField[]>): string {
  const lines: string[] = [];
  for (const row of rows) lines.push(row.map(fieldOf).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function fieldOf(field: CsvField): string {
  if (typeof field === 'number') return String(field);
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Where a spreadsheet may take what follows for a formula: it also begins a field at a semicolon, where numbers are written 0,5. */
const FORMULA = /(?:^|;)[\s"]*(?=[=+\-@＝＋－＠])/g;

/**
 * A text of the plan or of a server as a field. What starts like a formula gets an apostrophe in front, so that a
 * spreadsheet shows it and does not evaluate it. What would steer a terminal, or begin a line of its own, is shown as a sign, and
 * what a service of CI would carry out is taken apart.
 * Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvText(text: string): string {
  const shown = withoutCommands(printable(text));
  return shown.replaceAll(FORMULA, "$&'");
}

/** Milliseconds to the microsecond, which Locust rounds away. */
export function csvMs(us: number): number {
  return Math.round(us) / 1e3;
}
