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

/** How many steps the expressions of one plan may have together; each takes some hundred bytes of memory. */
const MAX_STEPS = 500_000;
/**
 * How many bytes the automata of one plan's expressions may take together, and one of them: they grow with what a target sends. Each
 * gets an eighth of what is left, and what does not fit is forgotten and made again.
 */
const MAX_AUTOMATA = 64 << 20;
const MAX_AUTOMATON = 8 << 20;
const LEAST_AUTOMATON = 16 << 10;
/** A class of Unicode, such as `\pL`, has hundreds of ranges. */
const CLASS = /\\[pP]/g;
const CLASS_STEPS = 500;
/** Said late: to write a number as English does loads what the runtime knows of languages, 2 ms of each start. */
const tooLarge = () =>
  `is one too many: the regular expressions of a plan may have ${MAX_STEPS.toLocaleString('en')} steps together, what is repeated counted each time; use fewer, or shorter ones`;

/** What the expressions of a plan have taken of what they may take. */
export class PatternBudget {
  #left = MAX_STEPS;
  #automata = MAX_AUTOMATA;
  readonly #patterns = new Map<string, Pattern | string>();

  /** Expressions that are compiled while this works, without waiting for anything, count here. */
  during<Result>(work: () => Result): Result {
    const before = current;
    current = this;
    try {
      return work();
    } finally {
      current = before;
    }
  }

  /** Once there is too much, nothing more is compiled. @returns the same for what was compiled before */
  compile(source: string, isDotAll: boolean): Pattern | string {
    const key = `${isDotAll} ${source}`;
    const before = this.#patterns.get(key);
    if (before !== undefined) return before;
    const made = this.#compile(source, isDotAll);
    this.#patterns.set(key, made);
    return made;
  }

  #compile(source: string, isDotAll: boolean): Pattern | string {
    this.#left -= source.length + CLASS_STEPS * [...source.matchAll(CLASS)].length;
    if (this.#left < 0) return tooLarge();
    const compiled = compiledOf(source, isDotAll);
    if (typeof compiled === 'string') return compiled;
    this.#left -= compiled.programSize();
    if (this.#left < 0) return tooLarge();
    const { dfa } = compiled.re2();
    const bytes = Math.max(LEAST_AUTOMATON, Math.min(MAX_AUTOMATON, this.#automata / 8));
    this.#automata -= bytes;
    dfa.stateBudget = bytes;
    dfa.memBudget = bytes;
    return patternOf(source, compiled);
  }
}

let current: PatternBudget | undefined;

/** Two characters that stand for themselves, and no alternative to them. Only speed depends on it. */
const BEGINS_WITH_TEXT = /^[^\\^$.|?*+()[\]{}]{2}[^|]*$/;

/**
 * @param isDotAll whether a dot stands for a line break too
 * @returns the compiled expression, or a sentence that says what is wrong with it
 */
export function compilePattern(source: string, isDotAll = false): Pattern | string {
  return (current ?? new PatternBudget()).compile(source, isDotAll);
}

function compiledOf(source: string, isDotAll: boolean): RE2JS | string {
  try {
    return RE2JS.compile(source, isDotAll ? RE2JS.DOTALL : 0);
  } catch (error) {
    return `is not a regular expression: ${errorMessage(error).replace(/^error parsing regexp: /, '')}`;
  }
}

function patternOf(source: string, compiled: RE2JS): Pattern {
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
