import {
  Composer,
  type CST,
  type Document,
  isNode,
  isScalar,
  type LineCounter,
  Parser,
  visit,
  YAMLParseError,
} from 'yaml';

/** Of maps and lists in each other. The package calls itself for each, and out of stack it tries on for ever. */
const MAX_LEVELS = 200;
const SEVERAL_DOCUMENTS = 'there is more than one document: remove the line --- that begins another one';

/**
 * Reads YAML of one document, with merges by `<<` as of YAML 1.1, which other tools know. Where it is nested too deeply is found without calls for each level, in the tokens that the
 * document is then made of.
 * @param lines is told where each line begins
 * @returns the document with its errors, or the offset in the text at which it is nested too deeply
 */
export function yamlDocument(text: string, lines: LineCounter): Document.Parsed | number {
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tooDeepAt(tokens);
  if (deep !== undefined) return deep;
  // The package looks for equal keys by comparing each with each, which takes minutes for a large map.
  const composer = new Composer({ merge: true, prettyErrors: false, uniqueKeys: false });
  const [document, another] = composer.compose(tokens, true, text.length) as Iterable<Document.Parsed>;
  if (document === undefined) throw new Error('The package has made no document of the text.');
  if (another !== undefined) {
    const [begin, end] = another.range;
    document.errors.push(new YAMLParseError([begin, end], 'MULTIPLE_DOCS', SEVERAL_DOCUMENTS));
  }
  return document;
}

function tooDeepAt(tokens: readonly CST.Token[]): number | undefined {
  const left: { readonly token: CST.Token; readonly level: number }[] = [];
  for (const token of tokens) left.push({ token, level: 0 });
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, level } = next;
    if (level > MAX_LEVELS) return token.offset;
    if (token.type === 'document' && token.value !== undefined) left.push({ token: token.value, level: 1 });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) left.push({ token: key, level: level + 1 });
      if (value) left.push({ token: value, level: level + 1 });
    }
  }
  return undefined;
}

/** What is said of a {@link keyOfParts}. */
export const KEY_OF_PARTS = 'a key must be a text, not a list, a map or an alias';

/**
 * Where a key is no scalar. The package makes a text of it, and for each level of one in another does so twice: thirty characters keep
 * it busy for hours.
 * @returns the offset in the text of the first one
 */
export function keyOfParts(document: Document): number | undefined {
  let found: number | undefined;
  visit(document, {
    Pair(_key, { key }) {
      if (!isNode(key) || isScalar(key)) return undefined;
      found = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}
