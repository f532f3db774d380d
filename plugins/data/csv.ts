import { setImmediate } from 'node:timers/promises';
import { type CsvError, parse } from 'csv-parse/sync';
import { PluginError } from '../../core/plugin.ts';
import { CARRIAGE_RETURN, IndexedRows, LINE_FEED, QUOTE, type Rows } from './indexed-rows.ts';

/** A file's rows; each has one value per column. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: Rows;
}

/** All line ends that are in use, mixed or not: left to itself, the parser takes the first line's end for all. */
const LINE_ENDS = ['\r\n', '\n', '\r'];
/** Rows of smaller files are kept as lists of texts, which are at hand at once. */
const MAX_LISTED_BYTES = 4 << 20;
/** A quote that nobody closes may have all the rest of the file behind it. */
const MAX_SHOWN_BYTES = 1 << 20;
/** How long one stretch of a large file may keep the process from everything else. */
const STRETCH_MS = 25;
/** The clock is read after as many bytes: they take a millisecond or less. */
const STRETCH_BYTES = 256 << 10;

/**
 * Reads CSV (RFC 4180) whose first row names the columns. A large file is read in stretches, between which the process answers
 * others: an agent that is silent for seconds is taken for lost.
 * @param bytes UTF-8, as the caller has checked; the rows of a large file are in them, so they must not change
 * @param file its name, for messages
 * @param delimiter one ASCII character
 * @throws {PluginError} with the number of the line that is wrong
 */
export async function parseCsv(bytes: Buffer, file: string, delimiter: string): Promise<Table> {
  return (bytes.length > MAX_LISTED_BYTES ? indexCsv : listCsv)(bytes, file, delimiter);
}

/** All rows as lists of texts. */
export function listCsv(bytes: Buffer, file: string, delimiter: string): Table {
  const [names = [], ...rows] = parsed(bytes, file, delimiter, 0);
  return { columns: columnsOf(names, file), rows };
}

/** Only looks for where rows begin: what a parser makes takes many times as much memory. */
export async function indexCsv(bytes: Buffer, file: string, delimiter: string): Promise<Table> {
  const head = bytes.subarray(0, endOfRow(bytes, 0));
  const [names = []] = parsed(head, file, delimiter, 0);
  const columns = columnsOf(names, file);
  const rows = new IndexedRows(bytes, columns.length, delimiter.charCodeAt(0));
  let sinceMs = performance.now();
  for (let at = head.length; at < bytes.length; ) {
    const stretchEnd = Math.min(at + STRETCH_BYTES, bytes.length);
    const { next, isWrong } = addRows(rows, bytes, at, stretchEnd);
    if (isWrong) throw wrongRow(bytes, next, head, file, delimiter);
    at = next;
    if (performance.now() - sinceMs < STRETCH_MS) continue;
    await setImmediate();
    sinceMs = performance.now();
  }
  return { columns, rows };
}

/** Adds the rows that begin before `end`. @returns where the next one begins, or the first that is wrong */
function addRows(rows: IndexedRows, bytes: Buffer, start: number, end: number): { next: number; isWrong: boolean } {
  let at = start;
  while (at < end) {
    const byte = bytes[at];
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
      at += 1;
      continue;
    }
    const next = rows.add(at);
    if (next < 0) return { next: at, isWrong: true };
    at = next;
  }
  return { next: at, isWrong: false };
}

/** Says what is wrong with the row that begins here, as of a small file. */
function wrongRow(bytes: Buffer, start: number, head: Buffer, file: string, delimiter: string): PluginError {
  const linesBefore = linesIn(bytes.subarray(0, start)) - linesIn(head);
  const end = Math.min(endOfRow(bytes, start), start + MAX_SHOWN_BYTES);
  try {
    parsed(Buffer.concat([head, bytes.subarray(start, end)]), file, delimiter, linesBefore);
  } catch (error) {
    if (error instanceof PluginError) return error;
    throw error;
  }
  return new PluginError(`data file ${file}, line ${linesBefore + linesIn(head) + 1}: it is no CSV`);
}

/** @returns where the line after this row begins: after a line end that is not within quotes */
function endOfRow(bytes: Buffer, start: number): number {
  let isQuoted = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LINE_FEED && !isQuoted) return at + 1;
    else if (byte === CARRIAGE_RETURN && !isQuoted) return at + (bytes[at + 1] === LINE_FEED ? 2 : 1);
  }
  return bytes.length;
}

/** @param linesBefore how many lines of the file come before these bytes */
function parsed(bytes: Buffer, file: string, delimiter: string, linesBefore: number): string[][] {
  try {
    return parse(bytes, { bom: true, delimiter, record_delimiter: LINE_ENDS, skip_empty_lines: true }) as string[][];
  } catch (error) {
    const { code, message, lines } = error as CsvError & { lines?: number };
    // The parser is at the end of the file by then.
    const at = code === 'CSV_QUOTE_NOT_CLOSED' ? lineOfOpenQuote(bytes) : lines;
    const line = at === undefined ? '?' : at + linesBefore;
    throw new PluginError(`data file ${file}, line ${line}: ${explain(message)}`, { cause: error });
  }
}

/** Where the quote stands that is never closed. A quote within quotes is written twice. */
function lineOfOpenQuote(bytes: Buffer): number {
  let opened = 0;
  let isQuoted = false;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    if (isQuoted && bytes[at + 1] === QUOTE) at += 1;
    else {
      if (!isQuoted) opened = at;
      isQuoted = !isQuoted;
    }
  }
  return bytes.toString('latin1', 0, opened).split(/\r\n|\r|\n/).length;
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
