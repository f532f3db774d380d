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
 * Parses JSON without changing any number: one that JavaScript would write in another way, such as `9007199254740993` or
 * `1.10`, becomes a {@link RawJson}.
 * @throws {SyntaxError} as `JSON.parse` does
 */
export function parseExactJson(text: string): unknown {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && String(value) !== source ? json.rawJSON(source) : value,
  );
}

export function isRawJson(value: unknown): value is RawJson {
  return json.isRawJSON(value);
}
