import { isUtf8 } from 'node:buffer';
import { extname } from 'node:path';
import { errorMessage } from '../../core/error.ts';
import type { RandomStream } from '../../core/plan/random.ts';
import { authorsPath, planPath, readPlanFile } from '../../core/plan-files.ts';
import { PluginError } from '../../core/plugin.ts';
import type { DealtIndices } from '../../core/script/dealt-indices.ts';
import type { DataSource } from '../../core/script/script-source.ts';
import { parseExactJson, repeatedKey } from '../../core/text/exact-json.ts';
import { namesToShow, nearest } from '../../core/text/nearest.ts';
import { decodeUtf8 } from '../../core/text/utf8.ts';
import type { Table } from './csv.ts';
import type { Rows } from './indexed-rows.ts';

/** Which row a request gets. */
export type RowOrder = 'shared' | 'user' | 'random';
/** What happens to a virtual user for whom there is no row left. */
export type AtEnd = 'loop' | 'stop' | 'error';

export interface DataSetOptions {
  readonly file: string;
  readonly order: RowOrder;
  readonly atEnd: AtEnd;
  /** Default: request. */
  readonly per?: 'request' | 'pass';
}

/** A whole file is kept in memory, in every agent process. */
const MAX_FILE_BYTES = 256 << 20;
/** JSON takes many times its size in memory, and nothing else happens in the process until all of it is parsed. */
const MAX_JSON_BYTES = 32 << 20;
/** By the endings of names. */
const DELIMITERS: ReadonlyMap<string, string> = new Map([
  ['.csv', ','],
  ['.tsv', '\t'],
]);

/** The rows of a data file, and who gets which. One for all sessions of a driver in an agent process. */
export class DataSet implements DataSource {
  readonly atEnd: AtEnd;
  readonly file: string;
  readonly rows: Rows;
  readonly columns: readonly string[];
  readonly order: RowOrder;
  /** Whether a virtual user keeps its row until its pass is over. */
  readonly isPerPass: boolean;
  /** Set where all agents use the rows up together. A row is taken when it is sent, so no virtual user keeps one back. */
  readonly #dealt: DealtIndices | undefined;

  /**
   * @param deal gives this agent process the rows that all agents use up together
   * @throws {PluginError} when the file cannot be read, has a wrong row, or has no row
   */
  static async open(
    options: DataSetOptions,
    baseDirectory: string,
    deal: (length: number, repeats: boolean) => DealtIndices,
  ): Promise<DataSet> {
    const table = await readTable(options.file, baseDirectory);
    if (table.rows.length === 0) throw new PluginError(`data file ${options.file} has no rows`);
    return new DataSet(options, table, deal);
  }

  private constructor(
    { file, order, atEnd, per }: DataSetOptions,
    table: Table,
    deal: (length: number, repeats: boolean) => DealtIndices,
  ) {
    this.file = file;
    this.atEnd = atEnd;
    this.rows = table.rows;
    this.order = order;
    this.isPerPass = per === 'pass';
    this.columns = table.columns;
    this.#dealt = order === 'shared' ? deal(table.rows.length, atEnd === 'loop') : undefined;
  }

  /** @throws {PluginError} when there is no such column */
  column(name: string): number {
    const column = this.columns.indexOf(name);
    if (column >= 0) return column;
    const guess = nearest(name, this.columns);
    const hint = guess ? `did you mean "${guess}"?` : `it has ${namesToShow(this.columns)}`;
    throw new PluginError(`data file ${this.file} has no column "${name}"; ${hint}`);
  }

  /**
   * Whether there is a row for a virtual user's next request. A promise where that is not known yet: it resolves when this is
   * to be asked again.
   * @param user 0-based
   */
  hasRow(user: number): boolean | Promise<unknown> {
    if (this.#dealt !== undefined) return this.#dealt.hasNext;
    return this.order === 'random' || this.atEnd === 'loop' || user < this.rows.length;
  }

  /**
   * Takes the row for a virtual user's request, which is sent at once; undefined when there is none.
   * @param user 0-based
   */
  take(user: number, random: RandomStream): readonly string[] | undefined {
    const { length } = this.rows;
    if (this.#dealt !== undefined) {
      const index = this.#dealt.take();
      return index === undefined ? undefined : this.rows.at(index);
    }
    if (this.order === 'random') return this.rows.at(random.integer(length));
    return this.rows.at(this.atEnd === 'loop' ? user % length : user);
  }
}

async function readTable(file: string, baseDirectory: string): Promise<Table> {
  const path = planPath(baseDirectory, file);
  const kind = extname(file).toLowerCase();
  const bytes = readData(file, path, kind === '.json' ? MAX_JSON_BYTES : MAX_FILE_BYTES);
  const delimiter = DELIMITERS.get(kind);
  if (delimiter === undefined && kind !== '.json') {
    throw new PluginError(`data file ${file}: its name must end in .csv, .tsv or .json`);
  }
  checkUtf8(bytes, file);
  if (delimiter === undefined) return tableOf(parseJson(bytes, file), file, (i) => `entry ${i + 1}`);
  const { parseCsv } = await import('./csv.ts');
  return parseCsv(bytes, file, delimiter);
}

/** @throws {PluginError} with the line that is not UTF-8 */
function checkUtf8(bytes: Buffer, file: string): void {
  if (isUtf8(bytes)) return;
  try {
    decodeUtf8(bytes);
  } catch (error) {
    throw new PluginError(`data file ${file}, ${errorMessage(error)}`, { cause: error });
  }
}

function readData(file: string, path: string, maxBytes: number): Buffer {
  try {
    return readPlanFile(path, maxBytes);
  } catch (error) {
    throw new PluginError(`data file ${file} cannot be read: ${authorsPath(path)}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/** Numbers stay as the file writes them: a request must not send other digits. */
function parseJson(bytes: Buffer, file: string): unknown {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (error) {
    throw new PluginError(`data file ${file} is not JSON: ${errorMessage(error)}`);
  }
  const twice = repeatedKey(text);
  if (twice === undefined) return value;
  throw new PluginError(
    `data file ${file}, entry ${twice.entry + 1}: the key "${twice.key}" occurs twice in one object`,
  );
}

/** Objects that have the keys of the first one. */
function tableOf(value: unknown, file: string, place: (index: number) => string): Table {
  if (!Array.isArray(value)) throw new PluginError(`data file ${file} must hold a list of objects`);
  const columns = isObject(value[0]) ? Object.keys(value[0]) : [];
  const rows = value.map((entry: unknown, i) => {
    if (!isObject(entry)) throw new PluginError(`data file ${file}, ${place(i)}: must be an object`);
    return columns.map((column) => {
      const field = entry[column];
      if (field === undefined) throw new PluginError(`data file ${file}, ${place(i)}: "${column}" is missing`);
      if (typeof field !== 'string') return JSON.stringify(field);
      if (field.isWellFormed()) return field;
      const message = `"${column}" contains half a character (a lone surrogate)`;
      throw new PluginError(`data file ${file}, ${place(i)}: ${message}`);
    });
  });
  return { columns, rows };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
