/** English sentences and the same in Chinese. `{name}` stands for a part of both that may be anything. */
export type Sentences = Readonly<Record<string, string>>;

/** What stands in the place of each part of a sentence. */
export type Parts = ReadonlyMap<string, string>;

/** `${…}` of what a sentence shows is none. */
export const PLACE = /(?<!\$)\{(\w+)(?::(\w+))?\}/g;

/** Forms of message.ts that write a count and what is counted, such as `all 3 requests`, of which Chinese writes the number. */
const COUNTED = /requests|passes/i;
const COUNT = /^(?:all |the only )?(?:([\d.,]+) )?(?:requests?|pass(?:es)?)$/i;
const QUOTED = /"[^"]*"/g;

/** The form of a sentence: a text is known by it, and its parts are found again. */
export class Form {
  readonly chinese: string;
  readonly #literals: readonly string[];
  readonly #names: readonly string[];
  readonly #counted: ReadonlySet<string>;
  /** What stands before a sentence is no part of a name. */
  readonly #beginsWithName: boolean;

  constructor(english: string, chinese: string) {
    this.chinese = chinese;
    this.#literals = english.replaceAll(PLACE, '\0').split('\0');
    const places = [...english.matchAll(PLACE)];
    this.#names = places.map(([, name = '']) => name);
    this.#counted = new Set(places.flatMap(([, name = '', how = '']) => (COUNTED.test(how) ? [name] : [])));
    this.#beginsWithName = !/\w/.test(this.#literals[0] ?? '') && !chinese.includes(`{${this.#names[0]}:`);
  }

  /** How many of its characters are always the same. */
  get weight(): number {
    return this.#literals.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Each part is as short as it can be, so that a text is read once from its beginning to its end, whatever stands in it.
   * @returns undefined for a text that is another sentence
   */
  partsOf(text: string): Parts | undefined {
    const literals = this.#literals;
    const first = literals[0] ?? '';
    if (this.#names.length === 0) return text === first ? new Map() : undefined;
    const last = literals.at(-1) ?? '';
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return undefined;
    const parts = new Map<string, string>();
    let at = first.length;
    for (const [i, name] of this.#names.entries()) {
      const literal = literals[i + 1] as string;
      const next = i === this.#names.length - 1 ? end : text.indexOf(literal, at + 1);
      if (next <= at || next > end) return undefined;
      const written = text.slice(at, next);
      const count = this.#counted.has(name) ? COUNT.exec(written) : undefined;
      if (count === null) return undefined;
      const part = count === undefined ? written : (count[1] ?? '1');
      if ((parts.get(name) ?? part) !== part) return undefined;
      if (i === 0 && this.#beginsWithName && text.slice(0, next).replaceAll(QUOTED, '').includes(': '))
        return undefined;
      parts.set(name, part);
      at = next + literal.length;
    }
    return parts;
  }
}
