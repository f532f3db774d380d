/** Arrays and objects this deep are written as one. Those of a result are short there: a column of the timeline, say. */
const LEVELS = 4;
/** A piece has at least this many characters, but for the last one. */
const PIECE_LENGTH = 2 ** 18;

/**
 * What `JSON.stringify` makes of a value, in pieces: as one text, the result of a run of several days can be longer than Node and
 * Deno allow, 2^29 − 24 characters.
 * @param value plain data: nothing in it has `toJSON`
 */
export function* jsonPieces(value: unknown): Generator<string, void, undefined> {
  let piece = '';
  for (const text of textsOf(value, LEVELS)) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function* textsOf(value: unknown, levels: number): Generator<string, void, undefined> {
  if (typeof value !== 'object' || value === null || levels === 0) {
    yield JSON.stringify(value) ?? 'null';
    return;
  }
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) {
      yield i === 0 ? '[' : ',';
      yield* textsOf(one, levels - 1);
    }
    yield value.length === 0 ? '[]' : ']';
    return;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  for (const [i, [key, one]] of entries.entries()) {
    yield `${i === 0 ? '{' : ','}${JSON.stringify(key)}:`;
    yield* textsOf(one, levels - 1);
  }
  yield entries.length === 0 ? '{}' : '}';
}
