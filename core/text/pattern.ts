import { RE2JS } from 're2js';
import { errorMessage } from '../error.ts';

/**
 * A regular expression in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax). It takes time in proportion to
 * the text, whatever the expression: no answer of a target can make it run without end, as backtracking ones can.
 */
export interface Pattern {
  readonly source: string;
  /** Whether it occurs anywhere in the text. */
  test(text: string): boolean;
  /** The first group of the first occurrence, or the whole occurrence where the expression has no group. */
  find(text: string): string | undefined;
  /** The same of every occurrence, in order. */
  findAll(text: string): string[];
}

/** Two characters that stand for themselves, and no alternative to them. Only speed depends on it. */
const BEGINS_WITH_TEXT = /^[^\\^$.|?*+()[\]{}]{2}[^|]*$/;

/**
 * @param isDotAll whether a dot stands for a line break too
 * @returns the compiled expression, or a sentence that says what is wrong with it
 */
export function compilePattern(source: string, isDotAll = false): Pattern | string {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, isDotAll ? RE2JS.DOTALL : 0);
  } catch (error) {
    return `is not a regular expression: ${errorMessage(error).replace(/^error parsing regexp: /, '')}`;
  }
  const group = compiled.groupCount() > 0 ? 1 : 0;
  // A matcher skips to the text that an expression begins with. Where there is none, it goes step by step, and RE2JS' automaton,
  // which knows no groups, is ten times as fast.
  const occurs = BEGINS_WITH_TEXT.test(source)
    ? (text: string) => compiled.matcher(text).find()
    : (text: string) => compiled.test(text);
  const mayOccur = BEGINS_WITH_TEXT.test(source) ? () => true : occurs;
  return {
    source,
    test: occurs,
    find(text) {
      if (!mayOccur(text)) return undefined;
      const matcher = compiled.matcher(text);
      return matcher.find() ? (matcher.group(group) ?? '') : undefined;
    },
    findAll(text) {
      const found: string[] = [];
      if (!mayOccur(text)) return found;
      const matcher = compiled.matcher(text);
      while (matcher.find()) found.push(matcher.group(group) ?? '');
      return found;
    },
  };
}
