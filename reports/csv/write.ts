export type CsvField = string | number;

/** As Python's `csv.writer` does it, which Locust uses: quotes where needed, quotes doubled, lines end with CR LF. */
export function csvOf(rows: Iterable<readonly CsvField[]>): string {
  const lines: string[] = [];
  for (const row of rows) lines.push(row.map(fieldOf).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function fieldOf(field: CsvField): string {
  if (typeof field === 'number') return String(field);
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/**
 * A text of the plan or of a server as a field. One that begins like a formula gets an apostrophe before it, so that a
 * spreadsheet shows it and does not work it out; all others are as they are.
 * Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** Milliseconds; to the microsecond, which Locust rounds away. */
export function csvMs(us: number): number {
  return Math.round(us) / 1e3;
}
