import { type CST, type Document, isNode, isScalar, Parser, visit } from 'yaml';

/** Of maps and lists in each other. The package calls itself for each, and out of stack it tries on for ever. */
const MAX_LEVELS = 200;

/**
 * Where YAML is nested too deeply to be read, found without calls for each level.
 * @returns the offset in the text; undefined where it can be read
 */
export function tooDeepAt(text: string): number | undefined {
  const left: { readonly token: CST.Token; readonly level: number }[] = [];
  for (const token of new Parser().parse(text)) left.push({ token, level: 0 });
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
