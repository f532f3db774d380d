import { compilePattern } from '../../core/text/pattern.ts';
import type { ExposedSample } from './text.ts';

/** Selects the series of one name whose labels match; their values are added up. */
export interface SeriesSelector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
  /** `rate` takes the growth per second instead of the value, for counters; `count` takes how many series there are. */
  readonly takes: 'value' | 'rate' | 'count';
}

/** As in Prometheus, a missing label counts as empty, and a pattern has to match the whole value. */
interface Matcher {
  readonly label: string;
  readonly accepts: (value: string) => boolean;
}

/** A parsed expression, as {@link parseExpression} returns it. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'series'; readonly selector: SeriesSelector }
  | { readonly kind: 'clampMax'; readonly of: Expression; readonly max: number }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression };

type Operator = '+' | '-' | '*' | '/';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const NUMBER = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?/i;
const FUNCTION = /^(rate|count)\s*\(/;
const CLAMP_MAX = /^clamp_max\s*\(/;
const LABEL = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/;

/**
 * Parses an expression in a small part of PromQL: a number, `name`, `name{label="value",…}` with `=`, `!=`, `=~`
 * and `!~`, one of these in `rate(…)` or `count(…)`, these with `+ - * /` and parentheses between them, and
 * `clamp_max(…, number)` around any of these.
 * @returns undefined when the text is not such an expression
 */
export function parseExpression(text: string): Expression | undefined {
  const reader = new Reader(text);
  const expression = reader.sum();
  return expression !== undefined && reader.isAtEnd() ? expression : undefined;
}

class Reader {
  #rest: string;

  constructor(text: string) {
    this.#rest = text.trimStart();
  }

  isAtEnd(): boolean {
    return this.#rest === '';
  }

  sum(): Expression | undefined {
    return this.#chain(/^[+-]/, () => this.#chain(/^[*/]/, () => this.#operand()));
  }

  /** Parses operands with operators between them, from left to right. */
  #chain(operators: RegExp, operand: () => Expression | undefined): Expression | undefined {
    let left = operand();
    while (left !== undefined) {
      const operator = this.#take(operators)?.[0] as Operator | undefined;
      if (operator === undefined) return left;
      const right = operand();
      left = right && { kind: 'binary', operator, left, right };
    }
    return undefined;
  }

  #operand(): Expression | undefined {
    if (this.#take(/^\(/)) {
      const inner = this.sum();
      return this.#take(/^\)/) ? inner : undefined;
    }
    const number = this.#take(NUMBER)?.[0];
    if (number !== undefined) return { kind: 'number', value: Number(number) };
    if (this.#take(CLAMP_MAX)) return this.#clampMax();
    const call = this.#take(FUNCTION)?.[1] as 'rate' | 'count' | undefined;
    const name = this.#take(NAME)?.[0];
    const matchers = this.#take(/^\{/) ? this.#matchers() : [];
    if (name === undefined || matchers === undefined || (call && !this.#take(/^\)/))) return undefined;
    return { kind: 'series', selector: { name, matchers, takes: call ?? 'value' } };
  }

  #clampMax(): Expression | undefined {
    const of = this.sum();
    const max = this.#take(/^,/) && this.#take(NUMBER)?.[0];
    return of !== undefined && max !== undefined && this.#take(/^\)/)
      ? { kind: 'clampMax', of, max: Number(max) }
      : undefined;
  }

  #matchers(): Matcher[] | undefined {
    const matchers: Matcher[] = [];
    while (!this.#take(/^\}/)) {
      const [, label, operator, quoted] = this.#take(LABEL) ?? [];
      const accepts = operator && acceptor(operator, (quoted as string).replace(/\\(.)/g, '$1'));
      if (!label || !accepts) return undefined;
      matchers.push({ label, accepts });
    }
    return matchers;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.#rest) ?? undefined;
    if (match) this.#rest = this.#rest.slice(match[0].length).trimStart();
    return match;
  }
}

function acceptor(operator: string, wanted: string): Matcher['accepts'] | undefined {
  if (operator === '=') return (value) => value === wanted;
  if (operator === '!=') return (value) => value !== wanted;
  // As in Prometheus, it is RE2's, has to fit the whole value, and a dot in it stands for a line break too.
  const pattern = compilePattern(`^(?:${wanted})$`, true);
  if (typeof pattern === 'string') return undefined;
  return operator === '=~' ? (value) => pattern.test(value) : (value) => !pattern.test(value);
}

/**
 * Computes the value of an expression.
 * @param seriesValue gives the value of a series, or undefined when it is not known
 * @returns undefined when a part is not known, or on a division by 0
 */
export function evaluate(
  expression: Expression,
  seriesValue: (selector: SeriesSelector) => number | undefined,
): number | undefined {
  if (expression.kind === 'number') return expression.value;
  if (expression.kind === 'series') return seriesValue(expression.selector);
  if (expression.kind === 'clampMax') {
    const value = evaluate(expression.of, seriesValue);
    return value === undefined ? undefined : Math.min(value, expression.max);
  }
  const left = evaluate(expression.left, seriesValue);
  const right = evaluate(expression.right, seriesValue);
  if (left === undefined || right === undefined) return undefined;
  switch (expression.operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
  }
}

/** The sum of the selected series, or their number; undefined when there is none. NaN and infinite values count as missing. */
export function select(
  samples: readonly ExposedSample[],
  { name, matchers, takes }: SeriesSelector,
): number | undefined {
  let sum: number | undefined;
  for (const sample of samples) {
    if (sample.name !== name || !Number.isFinite(sample.value)) continue;
    if (!matchers.every(({ label, accepts }) => accepts(sample.labels[label] ?? ''))) continue;
    sum = (sum ?? 0) + (takes === 'count' ? 1 : sample.value);
  }
  return sum;
}
