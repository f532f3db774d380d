import { type CsvError, parse } from 'csv-parse/sync';
import { PluginError } from '../../core/plugin.ts';

/** A file's rows; each has one value per column. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All line ends that are in use, mixed or not: left to itself, the parser takes the first line's end for all. */
const LINE_ENDS = ['\r\n', '\n', '\r'];

/**
 * Reads CSV (RFC 4180) whose first row names the columns.
 * @param file its name, for messages
 * @throws {PluginError} with the number of the line that is wrong
 */
export function parseCsv(text: string, file: string, delimiter: string): Table {
  let table: string[][];
  try {
    const options = { bom: true, delimiter, record_delimiter: LINE_ENDS, skip_empty_lines: true };
    table = parse(text, options) as string[][];
  } catch (error) {
    const { message, lines } = error as CsvError & { lines?: number };
    throw new PluginError(`data file ${file}, line ${lines ?? '?'}: ${explain(message)}`, { cause: error });
  }
  const [names = [], ...rows] = table;
  const columns = names.map((name) => name.trim());
  const twice = columns.find((name, i) => name !== '' && columns.indexOf(name) !== i);
  if (twice !== undefined) throw new PluginError(`data file ${file}, line 1: two columns are named "${twice}"`);
  return { columns, rows };
}

function explain(message: string): string {
  const wrongLength = /expect (\d+), got (\d+)/.exec(message);
  if (wrongLength) return `the row has ${wrongLength[2]} values, but there are ${wrongLength[1]} columns`;
  if (message.startsWith('Quote Not Closed')) return 'a quote is opened and never closed';
  return message.split(':', 1)[0]?.toLowerCase() ?? message;
}
