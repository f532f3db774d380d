import { isAscii } from 'node:buffer';

/** Rows by their index, each with one text per column. A list of lists is one too. */
export interface Rows {
  readonly length: number;
  at(index: number): readonly string[] | undefined;
}

export const QUOTE = 34;
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;
const FIRST_ROWS = 1 << 14;

/**
 * Rows of a large CSV file (RFC 4180), as its bytes and where each row begins: lists of texts would take ten times as much
 * memory. A row becomes texts when it is taken.
 */
export class IndexedRows implements Rows {
  readonly #bytes: Buffer;
  readonly #columns: number;
  readonly #delimiter: number;
  /** One byte for each character: then a row is made of one text, which is cut. */
  readonly #isAscii: boolean;
  #starts = new Uint32Array(FIRST_ROWS);
  #rows = 0;

  /** @param delimiter the byte between two values */
  constructor(bytes: Buffer, columns: number, delimiter: number) {
    this.#bytes = bytes;
    this.#columns = columns;
    this.#delimiter = delimiter;
    this.#isAscii = isAscii(bytes);
  }

  get length(): number {
    return this.#rows;
  }

  /**
   * Adds the row that begins here.
   * @returns where the next line begins; −1 when the row is wrong, and is not added
   */
  add(start: number): number {
    const end = this.#endOf(start);
    if (end < 0) return -1;
    if (this.#rows === this.#starts.length) this.#grow();
    this.#starts[this.#rows++] = start;
    return end;
  }

  at(index: number): readonly string[] | undefined {
    if (!(index >= 0 && index < this.#rows)) return undefined;
    const start = this.#starts[index] as number;
    const bytes = this.#bytes;
    const row: string[] = [];
    let at = start;
    for (let column = 0; column < this.#columns; column++) {
      const isQuoted = bytes[at] === QUOTE;
      const end = isQuoted ? this.#endOfQuoted(at) : this.#endOfPlain(at);
      row.push(isQuoted ? this.#text(at + 1, end - 1).replaceAll('""', '"') : this.#text(at, end));
      at = end + 1;
    }
    return row;
  }

  #text(start: number, end: number): string {
    return this.#bytes.toString(this.#isAscii ? 'latin1' : 'utf8', start, end);
  }

  /** @returns where the line after this row begins; −1 when it has other columns, or quotes where there may be none */
  #endOf(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    for (let column = 1; ; column++) {
      at = bytes[at] === QUOTE ? this.#endOfQuoted(at) : this.#endOfPlain(at);
      const byte = bytes[at];
      if (at < 0) return -1;
      if (byte === this.#delimiter) {
        at += 1;
        continue;
      }
      const isEnd = at === bytes.length || byte === LINE_FEED || byte === CARRIAGE_RETURN;
      return isEnd && column === this.#columns ? Math.min(at + 1, bytes.length) : -1;
    }
  }

  /** @returns where a value without quotes ends; −1 when there is a quote in it */
  #endOfPlain(start: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === delimiter || byte === LINE_FEED || byte === CARRIAGE_RETURN) return at;
      if (byte === QUOTE) return -1;
    }
    return bytes.length;
  }

  /** @returns the place after the closing quote; −1 when there is none */
  #endOfQuoted(start: number): number {
    const bytes = this.#bytes;
    for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 2)) {
      if (bytes[at + 1] !== QUOTE) return at + 1;
    }
    return -1;
  }

  #grow(): void {
    const starts = new Uint32Array(this.#starts.length * 2);
    starts.set(this.#starts);
    this.#starts = starts;
  }
}
