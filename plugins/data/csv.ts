import { isUtf8 } from 'node:buffer';
import { type CsvError, parse } from 'csv-parse/sync';
import { errorMessage } from '../../core/error.ts';
import { PluginError } from '../../core/plugin.ts';
import { decodeUtf8 } from '../../core/text/utf8.ts';
import { PackedRows, type Rows } from './packed-rows.ts';

/** A file's rows; each has one value per column. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: Rows;
}

/** All line ends that are in use, mixed or not: left to itself, the parser takes the first line's end for all. */
const LINE_ENDS = ['\r\n', '\n', '\r'];
const QUOTE = 34;
const LINE_FEED = 10;
/** Rows of smaller files are kept as lists of texts, which are at hand at once. */
const MAX_LISTED_BYTES = 4 << 20;
/** Of a large file, so much is parsed at once: what the parser makes takes many times as much memory. */
const PART_BYTES = 1 << 20;

/**
 * Reads CSV (RFC 4180) whose first row names the columns.
 * @param bytes UTF-8; of a large file they are used up
 * @param file its name, for messages
 * @throws {PluginError} with the number of the line that is wrong
 */
export function parseCsv(bytes: Buffer, file: string, delimiter: string): Table {
  checkUtf8(bytes, file);
  if (bytes.length > MAX_LISTED_BYTES) return parseLarge(bytes, file, delimiter);
  const [names = [], ...rows] = parsed(bytes, file, delimiter, 0);
  return { columns: columnsOf(names, file), rows };
}

/** Parses part by part, and packs the rows into the bytes that have been parsed: a value is never longer than it was written. */
function parseLarge(bytes: Buffer, file: string, delimiter: string): Table {
  const parts = partsOf(bytes);
  const headEnd = parts.next().value ?? bytes.length;
  // Each part is parsed behind the first row, which says how many values a row has.
  const head = Buffer.from(bytes.subarray(0, headEnd));
  const headLines = linesIn(head);
  const [names = []] = parsed(head, file, delimiter, 0);
  const columns = columnsOf(names, file);
  const rows = new PackedRows(columns.length, bytes);
  let lines = headLines;
  let start = headEnd;
  for (const end of parts) {
    const part = Buffer.concat([head, bytes.subarray(start, end)]);
    for (const row of parsed(part, file, delimiter, lines - headLines).slice(1)) rows.add(row);
    lines += linesIn(part) - headLines;
    start = end;
  }
  return { columns, rows };
}

/** Where the first row ends, and then each part: after a line feed that is not within quotes, and at the end of all. */
function* partsOf(bytes: Buffer): Generator<number, void, undefined> {
  let isQuoted = false;
  let least = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LINE_FEED && !isQuoted && at + 1 >= least) {
      yield at + 1;
      least = at + PART_BYTES;
    }
  }
  yield bytes.length;
}

/** @param linesBefore how many lines of the file come before these bytes */
function parsed(bytes: Buffer, file: string, delimiter: string, linesBefore: number): string[][] {
  try {
    return parse(bytes, { bom: true, delimiter, record_delimiter: LINE_ENDS, skip_empty_lines: true }) as string[][];
  } catch (error) {
    const { message, lines } = error as CsvError & { lines?: number };
    const line = lines === undefined ? '?' : lines + linesBefore;
    throw new PluginError(`data file ${file}, line ${line}: ${explain(message)}`, { cause: error });
  }
}

function columnsOf(names: readonly string[], file: string): string[] {
  const columns = names.map((name) => name.trim());
  const seen = new Set<string>();
  const twice = columns.find((name) => {
    const isKnown = seen.has(name);
    seen.add(name);
    return isKnown && name !== '';
  });
  if (twice !== undefined) throw new PluginError(`data file ${file}, line 1: two columns are named "${twice}"`);
  return columns;
}

function explain(message: string): string {
  const wrongLength = /expect (\d+), got (\d+)/.exec(message);
  if (wrongLength) return `the row has ${wrongLength[2]} values, but there are ${wrongLength[1]} columns`;
  if (message.startsWith('Quote Not Closed')) return 'a quote is opened and never closed';
  return message.split(':', 1)[0]?.toLowerCase() ?? message;
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/** @throws {PluginError} with the line that is not UTF-8 */
export function checkUtf8(bytes: Buffer, file: string): void {
  if (isUtf8(bytes)) return;
  try {
    decodeUtf8(bytes);
  } catch (error) {
    throw new PluginError(`data file ${file}, ${errorMessage(error)}`, { cause: error });
  }
}
