import type { Phase } from '../stats/window.ts';
import { parseDurationUs } from '../text/duration.ts';
import { nearest } from '../text/nearest.ts';
import { type BaselineLimit, readBaselineLimit, startsWithBaseline } from './baseline/baseline-limit.ts';
import { type Limit, readLimit, UNIT_WORDS } from './criterion/limit.ts';
import {
  isKnownAtTheEnd,
  isOfTheWholeRun,
  METRIC_NAMES,
  type Metric,
  metricNamed,
  unitOf,
} from './criterion/metric.ts';
import { ThresholdError } from './criterion/threshold-error.ts';
import { type Token, tokenize } from './criterion/tokens.ts';

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** A word of a criterion that names something in the plan, and its place in the text. */
export interface Named {
  readonly name: string;
  readonly position: number;
}

/** The criterion of a threshold as it was read. What its names stand for is looked up in a plan (`select.ts`). */
export interface Criterion {
  readonly text: string;
  /** An operation, the timing or ratio of a driver (`http.connect`) or the metric of a monitor; undefined for all operations. */
  readonly subject: Named | undefined;
  /** A scenario's passes, in place of operations. */
  readonly journey: Named | undefined;
  /** Something that a script checks, in place of operations. */
  readonly check: Named | undefined;
  readonly scenario: Named | undefined;
  readonly tag: (Named & { readonly value: string }) | undefined;
  readonly phase: Named & { readonly name: Phase };
  readonly time: Named & { readonly name: 'response_time' | 'service_time' };
  readonly metric: Metric;
  /** The metric as written, such as `p95` or `fails`. */
  readonly metricName: string;
  readonly comparison: Comparison;
  readonly limit: Limit & {
    readonly position: number;
    /** Set where the limit follows from a baseline. Its value is not a number until `withFigure` has filled it in. */
    readonly baseline?: BaselineLimit;
  };
  /** Length of the sliding windows; undefined for the whole phase at once. */
  readonly windowSeconds: number | undefined;
}

/**
 * Reads a criterion (docs/thresholds.md):
 *
 * ```
 * criterion  = { selector } metric comparison limit [ "for" duration ]
 * selector   = name | "step" name | "journey" name | "check" name | "scenario:" name | "tag:" key "=" value | "phase:" ( "measure" | "warmup" )
 *            | "response_time" | "service_time"
 * metric     = "p" percentile | "median" | "avg" | "mean" | "min" | "max"
 *            | "rps" | "max_rps" | "requests" | "fails" | "errors" | "error_rate" | "availability"
 *            | "ratio" | "dropped" | "dropped_rate" | "lost" | "extra"
 * comparison = "<" | "<=" | ">" | ">=" | "==" | "!="
 * limit      = amount | "baseline" [ ( "+" | "-" ) amount ]
 * amount     = duration | number [ "%" ] | number [ "rps" | "/s" | "/m" | "/h" ]
 * ```
 *
 * @throws {ThresholdError} with the position of what cannot be read
 */
export function parseThreshold(text: string): Criterion {
  return new Parser(text).criterion();
}

const SELECTORS = ['scenario:', 'tag:', 'phase:'] as const;
const TIMES = ['response_time', 'service_time'] as const;
type Selectors = Partial<
  Record<'subject' | 'journey' | 'check' | 'scenario' | 'tag' | 'phase', { value: string; position: number }> & {
    time: { value: (typeof TIMES)[number]; position: number };
  }
>;

/** What the word before a name makes of it. */
const KINDS: ReadonlyMap<string, 'subject' | 'journey' | 'check'> = new Map([
  ['step', 'subject'],
  ['journey', 'journey'],
  ['check', 'check'],
]);

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  criterion(): Criterion {
    const selectors: Selectors = {};
    const { metric, metricName } = this.#selectorsAndMetric(selectors);
    const comparison = this.#comparison(metricName);
    const limit = this.#limit(metric, metricName, selectors.subject !== undefined);
    const windowSeconds = this.#window(metric, metricName);
    return {
      text: this.#text.trim(),
      subject: named(selectors.subject),
      journey: named(selectors.journey),
      check: named(selectors.check),
      scenario: named(selectors.scenario),
      tag: this.#tag(selectors.tag),
      phase: this.#phase(selectors.phase),
      time: { name: selectors.time?.value ?? 'response_time', position: selectors.time?.position ?? 0 },
      metric,
      metricName,
      comparison,
      limit,
      windowSeconds,
    };
  }

  #selectorsAndMetric(selectors: Selectors): { metric: Metric; metricName: string } {
    for (;;) {
      const token = this.#take();
      if (token.kind !== 'word') this.#fail(token, this.#missingMetric(token, selectors.subject?.value));
      const metric = token.quotedFrom === 0 ? undefined : metricNamed(token.text);
      if (metric !== undefined) {
        this.#refuseSelectors(metric, token.text, selectors);
        return { metric, metricName: token.text };
      }
      if (!this.#isNamedByKind(token, selectors)) this.#selector(token, selectors);
    }
  }

  /** `step order` is the operation order, `journey shoppers` the passes of a scenario, `check paid` a check. Alone, the word is a name. */
  #isNamedByKind({ text, quotedFrom }: Token, selectors: Selectors): boolean {
    const key = quotedFrom === 0 ? undefined : KINDS.get(text);
    const name = this.#peek();
    const isName = name.kind === 'word' && (name.quotedFrom === 0 || metricNamed(name.text) === undefined);
    if (key === undefined || !isName || selectors[key] !== undefined) return false;
    this.#next++;
    selectors[key] = { value: name.text, position: name.position };
    return true;
  }

  #selector(token: Token, selectors: Selectors): void {
    const { text, position, quotedFrom = Number.POSITIVE_INFINITY } = token;
    const prefix = SELECTORS.find((known) => text.startsWith(known) && quotedFrom >= known.length);
    const time = quotedFrom > 0 ? TIMES.find((known) => known === text) : undefined;
    const key = prefix === undefined ? (time === undefined ? 'subject' : 'time') : (prefix.slice(0, -1) as 'scenario');
    if (selectors[key] !== undefined) {
      if (key === 'subject') this.#fail(token, `"${text}" is not a metric; ${suggestion(text)}`);
      this.#fail(token, `${prefix ?? text} is there twice: remove one`);
    }
    if (time !== undefined) selectors.time = { value: time, position };
    else selectors[key as 'scenario'] = { value: text.slice(prefix?.length ?? 0), position };
    if (prefix !== undefined && text.length === prefix.length) {
      this.#fail(token, `${prefix} needs a name right after it, without a space`);
    }
  }

  /** A metric of the whole load cannot be measured on a part of it. */
  #refuseSelectors(metric: Metric, metricName: string, selectors: Selectors): void {
    const given = Object.values(selectors)[0];
    if (given === undefined || !isOfTheWholeRun(metric)) return;
    throw new ThresholdError(
      this.#text,
      given.position,
      `${metricName} is measured only on the whole run: write it without "${given.value}"`,
    );
  }

  #missingMetric(found: Token, subject: string | undefined): string {
    const before = found.kind === 'end' ? 'the criterion ends' : `"${found.text}" comes`;
    if (subject === undefined) return `${before} before a metric; start with one, such as p95, or with a name`;
    const guess = meant(subject);
    if (guess !== undefined) return `${before} before a metric; did you mean "${guess}" by "${subject}"?`;
    return `${before} before a metric; write one after "${subject}", such as p95, error_rate or rps`;
  }

  #comparison(metricName: string): Comparison {
    const token = this.#take();
    if (token.kind === 'comparison') return token.text as Comparison;
    const found = token.kind === 'end' ? 'nothing' : `"${token.text}"`;
    if (token.text.startsWith('=')) this.#fail(token, 'write == for "equals"');
    this.#fail(
      token,
      `expected <, <=, >, >=, == or != after ${metricName}, not ${found}; put a name that is also a metric in quotes`,
    );
  }

  #limit(metric: Metric, metricName: string, isNamed: boolean): Criterion['limit'] {
    const token = this.#take();
    if (token.kind !== 'word') this.#fail(token, `a limit is missing after the comparison, such as 200ms or 0.1%`);
    if (token.quotedFrom === undefined && startsWithBaseline(token.text))
      return this.#baseline(token, metric, metricName, isNamed);
    const unit = this.#peek();
    const spaced = /^[\d.]+$/.test(token.text) && unit.kind === 'word' && UNIT_WORDS.has(unit.text);
    if (spaced) this.#next++;
    const limit = readLimit(spaced ? token.text + unit.text : token.text, metricName, unitOf(metric), isNamed);
    if (typeof limit === 'string') this.#fail(token, limit);
    return { ...limit, position: token.position };
  }

  /** A limit such as `baseline + 10%`, with or without spaces. */
  #baseline(first: Token, metric: Metric, metricName: string, isNamed: boolean): Criterion['limit'] {
    let text = first.text;
    for (
      let { kind, text: more } = this.#peek();
      kind === 'word' && more !== 'for';
      { kind, text: more } = this.#peek()
    ) {
      text += more;
      this.#next++;
    }
    const read = readBaselineLimit(text, metricName, unitOf(metric), isNamed);
    if (typeof read === 'string') this.#fail(first, read);
    return { ...read, position: first.position };
  }

  #window(metric: Metric, metricName: string): number | undefined {
    const word = this.#take();
    if (word.kind === 'end') return undefined;
    if (word.text !== 'for') this.#fail(word, `expected "for" and a duration, or nothing, after the limit`);
    const token = this.#take();
    const us = parseDurationUs(token.text) ?? 0;
    if (us < 1e6 || us % 1e6 !== 0) this.#fail(token, 'after "for" comes a duration of whole seconds, such as 10s');
    if (isKnownAtTheEnd(metric)) this.#fail(word, `${metricName} is known only after the run: write it without "for"`);
    const rest = this.#take();
    if (rest.kind !== 'end') this.#fail(rest, `"${rest.text}" is too much: the criterion ends after the duration`);
    return us / 1e6;
  }

  #tag(given: Selectors['tag']): Criterion['tag'] {
    if (given === undefined) return undefined;
    const equals = given.value.indexOf('=');
    if (equals > 0) {
      return { name: given.value.slice(0, equals), value: given.value.slice(equals + 1), position: given.position };
    }
    throw new ThresholdError(this.#text, given.position, 'write a tag as tag:key=value');
  }

  #phase(given: Selectors['phase']): Criterion['phase'] {
    const { value, position } = given ?? { value: 'measure', position: 0 };
    if (value === 'measure' || value === 'warmup') return { name: value, position };
    throw new ThresholdError(this.#text, position, `there is no phase "${value}": write phase:measure or phase:warmup`);
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #fail(token: Token, problem: string): never {
    throw new ThresholdError(this.#text, token.position, problem);
  }
}

/** Words of k6, whose letters are nearer to another word of ours. */
const OF_K6: ReadonlyMap<string, string> = new Map([
  ['rate', 'error_rate'],
  ['med', 'median'],
  ['count', 'requests'],
  ['http_reqs', 'rps'],
  ['http_req_duration', 'p95'],
  ['http_req_failed', 'error_rate'],
]);

function meant(word: string): string | undefined {
  const [, percentile] = /^p\((\d+(?:\.\d+)?)\)$/.exec(word) ?? [];
  return percentile === undefined ? (OF_K6.get(word) ?? nearest(word, METRIC_NAMES)) : `p${percentile}`;
}

function suggestion(word: string): string {
  const guess = meant(word);
  return guess ? `did you mean "${guess}"?` : `known are ${METRIC_NAMES.join(', ')}`;
}

function named(given: { value: string; position: number } | undefined): Named | undefined {
  return given && { name: given.value, position: given.position };
}
