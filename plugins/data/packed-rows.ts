import { isAscii } from 'node:buffer';

/** Rows by their index, each with one text per column. A list of lists is one too. */
export interface Rows {
  readonly length: number;
  at(index: number): readonly string[] | undefined;
}

const FIRST_VALUES = 1 << 16;

/**
 * Rows of a large file, as one stretch of UTF-8: lists of texts would take ten times as much memory. A row becomes texts
 * when it is taken.
 */
export class PackedRows implements Rows {
  readonly #columns: number;
  readonly #text: Buffer;
  /** One byte for each character: then a row is made of one text, which is cut. */
  readonly #isAscii: boolean;
  /** Where each value ends in the text. */
  #ends = new Uint32Array(FIRST_VALUES);
  #values = 0;

  /** @param text is written over from its beginning; it has room for all values */
  constructor(columns: number, text: Buffer) {
    this.#columns = columns;
    this.#text = text;
    this.#isAscii = isAscii(text);
  }

  get length(): number {
    return this.#values / this.#columns;
  }

  /** @param values one per column */
  add(values: readonly string[]): void {
    for (const value of values) {
      if (this.#values === this.#ends.length) this.#grow();
      const start = this.#endOf(this.#values - 1);
      this.#ends[this.#values++] = start + this.#text.write(value, start, 'utf8');
    }
  }

  at(index: number): readonly string[] | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const first = index * this.#columns;
    const start = this.#endOf(first - 1);
    const text = this.#isAscii
      ? this.#text.toString('latin1', start, this.#endOf(first + this.#columns - 1))
      : undefined;
    const row: string[] = [];
    let from = start;
    for (let value = first; value < first + this.#columns; value++) {
      const to = this.#ends[value] as number;
      row.push(text === undefined ? this.#text.toString('utf8', from, to) : text.slice(from - start, to - start));
      from = to;
    }
    return row;
  }

  /** @param value its number; −1 is before the first one */
  #endOf(value: number): number {
    return value < 0 ? 0 : (this.#ends[value] as number);
  }

  #grow(): void {
    const ends = new Uint32Array(this.#ends.length * 2);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
