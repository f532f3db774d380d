import { type CsvError, parse } from 'csv-parse/sync';
import { PluginError } from '../../core/plugin.ts';

/** A file's rows; each is as long as `columns`. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Reads CSV (RFC 4180) whose first row names the columns.
 * @param file its name, for messages
 * @throws {PluginError} with the number of the line that is wrong
 */
export function parseCsv(text: string, file: string, delimiter: string): Table {
  try {
    const [columns = [], ...rows] = parse(text, { bom: true, delimiter, skip_empty_lines: true }) as string[][];
    return { columns: columns.map((name) => name.trim()), rows };
  } catch (error) {
    const { message, lines } = error as CsvError & { lines?: number };
    throw new PluginError(`data file ${file}, line ${lines ?? '?'}: ${explain(message)}`);
  }
}

function explain(message: string): string {
  const wrongLength = /expect (\d+), got (\d+)/.exec(message);
  if (wrongLength) return `the row has ${wrongLength[2]} values, and there are ${wrongLength[1]} columns`;
  if (message.startsWith('Quote Not Closed')) return 'a quote is opened and never closed';
  return message.split(':', 1)[0]?.toLowerCase() ?? message;
}
