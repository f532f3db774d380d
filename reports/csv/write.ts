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

/** Milliseconds; to the microsecond, which Locust rounds away. */
export function csvMs(us: number): number {
  return Math.round(us) / 1e3;
}
