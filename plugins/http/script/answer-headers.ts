import type { AnswerHeaders } from '../../../core/script/http.ts';

/** Reads the lines of a head when a script first asks for one of them. */
export class HeadLines implements AnswerHeaders {
  readonly #headText: string;
  #entries: (readonly [name: string, value: string])[] | undefined;

  /** @param headText status line and header lines, each header in one line; empty where no answer came */
  constructor(headText: string) {
    this.#headText = headText;
  }

  get(name: string): string | undefined {
    const values = this.getAll(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  getAll(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (const [own, value] of this.entries()) if (own === wanted) values.push(value);
    return values;
  }

  entries(): readonly (readonly [name: string, value: string])[] {
    this.#entries ??= this.#read();
    return this.#entries;
  }

  #read(): (readonly [string, string])[] {
    const entries: (readonly [string, string])[] = [];
    const text = this.#headText;
    let start = text.indexOf('\r\n') + 2;
    for (;;) {
      const end = text.indexOf('\r\n', start);
      if (start < 2 || end <= start) return entries;
      const colon = text.indexOf(':', start);
      entries.push([text.slice(start, colon).toLowerCase(), text.slice(colon + 1, end).trim()]);
      start = end + 2;
    }
  }
}
