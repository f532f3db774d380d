import { ThresholdError } from './threshold-error.ts';

export interface Token {
  readonly kind: 'word' | 'comparison' | 'end';
  /** Without quotes, and with escapes resolved. */
  readonly text: string;
  /** Index into the text of the criterion, from 0. */
  readonly position: number;
  /** Index into `text` from which it was quoted; undefined if it was not. */
  readonly quotedFrom: number | undefined;
}

const COMPARISON = /<=|>=|==|!=|<|>/y;
const SPACE = /\s+/y;

/**
 * Splits a criterion into words and comparisons. A word ends at a space or a comparison; quotes, single or double,
 * keep both inside it (`"GET /health"`, `scenario:"night shift"`), and a backslash takes the next character literally.
 *
 * @throws {ThresholdError} for a quote that is not closed
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const comparison = matchAt(COMPARISON, text, at);
    if (comparison !== undefined) {
      tokens.push({ kind: 'comparison', text: comparison, position: at, quotedFrom: undefined });
      at += comparison.length;
      continue;
    }
    const word = readWord(text, at);
    tokens.push(word.token);
    at = word.end;
  }
  tokens.push({ kind: 'end', text: '', position: text.length, quotedFrom: undefined });
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function readWord(text: string, start: number): { token: Token; end: number } {
  let word = '';
  let quotedFrom: number | undefined;
  let at = start;
  while (at < text.length) {
    const character = text[at] as string;
    if (character === '"' || character === "'") {
      quotedFrom ??= word.length;
      const quoted = readQuoted(text, at);
      word += quoted.text;
      at = quoted.end;
    } else if (/\s/.test(character) || matchAt(COMPARISON, text, at) !== undefined) {
      break;
    } else {
      word += character;
      at++;
    }
  }
  return { token: { kind: 'word', text: word, position: start, quotedFrom }, end: at };
}

function readQuoted(text: string, start: number): { text: string; end: number } {
  const quote = text[start];
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === quote) return { text: content, end: at + 1 };
    if (character === '\\' && at + 1 < text.length) at++;
    content += text[at];
  }
  throw new ThresholdError(text, start, `the quote ${quote} is not closed: write ${quote} after the name`);
}
