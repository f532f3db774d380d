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
  return {
    source,
    test: (text) => compiled.matcher(text).find(),
    find(text) {
      const matcher = compiled.matcher(text);
      return matcher.find() ? (matcher.group(group) ?? '') : undefined;
    },
    findAll(text) {
      const matcher = compiled.matcher(text);
      const found: string[] = [];
      while (matcher.find()) found.push(matcher.group(group) ?? '');
      return found;
    },
  };
}
