import { isJsonNestedDeeper } from './nesting.ts';

/** A number that {@link JSON.stringify} writes as it was written (https://github.com/tc39/proposal-json-parse-with-source). */
export interface RawJson {
  readonly rawJSON: string;
}

interface SourceAwareJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
}

const json = JSON as unknown as SourceAwareJson;

/**
 * A runtime takes seconds for a few megabytes of nothing but brackets, which a server can send in some kilobytes, and goes through
 * what it parses number by number with a call for each level.
 */
const MAX_LEVELS = 1000;

/** JSON that nobody means. */
export class DeepJsonError extends SyntaxError {
  constructor() {
    super(`JSON is nested more than ${MAX_LEVELS} levels deep`);
  }
}

/**
 * What a number looks like that JavaScript may write in another way: one of 16 digits, with an exponent, with a zero at its
 * end, or with six zeros after the point, and minus zero. All others come back as they were, so most texts are parsed
 * quickly. A text in quotes may look like that too; it is then only parsed slowly.
 */
const MAY_CHANGE = /(?:^|[\s:,[])(?:-0|-?(?:[\d.]{16}|\d+(?:\.\d*0(?!\d)|[\d.]*[eE])|0\.000000))/;

/**
 * Parses JSON without changing any number: one that JavaScript would write in another way, such as `9007199254740993` or
 * `1.10`, becomes a {@link RawJson}.
 * @throws {SyntaxError} as `JSON.parse` does
 * @throws {DeepJsonError} for more than a thousand levels
 */
export function parseExactJson(text: string): unknown {
  refuseDeep(text);
  if (!MAY_CHANGE.test(text)) return JSON.parse(text);
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && String(value) !== source ? json.rawJSON(source) : value,
  );
}

function refuseDeep(text: string): void {
  if (isJsonNestedDeeper(text, MAX_LEVELS)) throw new DeepJsonError();
}

export function isRawJson(value: unknown): value is RawJson {
  return json.isRawJSON(value);
}

/** Only integers with this many digits may be beyond what a number holds exactly, so most texts are parsed quickly. */
const LONG_INTEGER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Parses JSON as `JSON.parse` does, except that an integer beyond ±(2^53 − 1) becomes a bigint instead of being rounded.
 * @throws {SyntaxError} as `JSON.parse` does
 * @throws {DeepJsonError} for more than a thousand levels
 */
export function parseJsonWithBigints(text: string): unknown {
  refuseDeep(text);
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source) ? BigInt(source) : value,
  );
}

/**
 * Writes JSON as `JSON.stringify` does, and bigints as their digits.
 * @returns undefined for what JSON has no word for, such as a function
 * @throws {TypeError} for what contains itself
 */
export function writeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) as string | undefined;
  } catch (error) {
    // It threw because of a bigint or because of a circle; only the second will throw again.
    if (!(error instanceof TypeError)) throw error;
    const write = (_key: string, one: unknown) => (typeof one === 'bigint' ? json.rawJSON(String(one)) : one);
    return JSON.stringify(value, write) as string | undefined;
  }
}

/**
 * The first key that occurs twice in an object, of which `JSON.parse` would keep the last value alone.
 * @param text valid JSON
 * @returns the key, where it occurs again in the text, and the index of the entry that it is in where the text is a list
 */
export function repeatedKey(
  text: string,
): { readonly key: string; readonly at: number; readonly entry: number } | undefined {
  /** The keys of each object around the place; undefined for a list. */
  const around: (Set<string> | undefined)[] = [];
  let entry = 0;
  let keys: Set<string> | undefined;
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '"': {
        const start = i++;
        while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
        if (keys === undefined) break;
        const written = text.slice(start, i + 1);
        const key = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
        if (keys.has(key)) return { key, at: start, entry };
        keys.add(key);
        keys = undefined;
        break;
      }
      case '{':
        keys = new Set();
        around.push(keys);
        break;
      case '[':
        around.push(undefined);
        break;
      case '}':
      case ']':
        around.pop();
        keys = undefined;
        break;
      case ',':
        keys = around.at(-1);
        if (around.length === 1 && keys === undefined) entry++;
        break;
    }
  }
  return undefined;
}
