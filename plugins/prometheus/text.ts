import { BenchError, type ErrorDetails } from '../../core/error.ts';

/** One line of a metrics page. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** A metrics page that breaks the format; the message names the first bad line. */
export class ExpositionError extends BenchError {
  override readonly name = 'ExpositionError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('invalid_metrics_page', message, details);
  }
}

/** Metrics and their labels. Each takes ten times the bytes that it may have on the page, every second. */
const MAX_VALUES = 1_000_000;
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*(,|(?=\}))/y;
const REST = /[ \t]*([^\s]+)(?:[ \t]+-?\d+)?[ \t]*$/y;
const ESCAPE = /\\(.)/g;

/**
 * Parses the Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). Comments, types
 * and timestamps are ignored.
 * @throws {ExpositionError} with the number of the first line that breaks the format
 */
export function parseExposition(text: string): ExposedSample[] {
  const samples: ExposedSample[] = [];
  let number = 0;
  let values = 0;
  for (let from = 0, end = 0; end < text.length; from = end + 1) {
    end = text.indexOf('\n', from);
    if (end < 0) end = text.length;
    number += 1;
    const line = text.slice(from, end).trim();
    if (line === '' || line.startsWith('#')) continue;
    const sample = parseSample(line);
    if (sample === undefined) throw new ExpositionError(`line ${number} is not a metric: ${line.slice(0, 80)}`);
    values += 1 + Object.keys(sample.labels).length;
    if (values > MAX_VALUES) {
      throw new ExpositionError(`it has more than ${MAX_VALUES.toLocaleString('en')} metrics and labels`);
    }
    samples.push(sample);
  }
  return samples;
}

function parseSample(line: string): ExposedSample | undefined {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  const selector = parseLabels(line, name.length);
  if (selector === undefined) return undefined;
  REST.lastIndex = selector.end;
  const value = parseValue(REST.exec(line)?.[1]);
  return value === undefined ? undefined : { name, labels: selector.labels, value };
}

function parseLabels(text: string, start: number): { labels: Record<string, string>; end: number } | undefined {
  const labels: Record<string, string> = {};
  const open = /[ \t]*\{[ \t]*/y;
  open.lastIndex = start;
  if (!open.test(text)) return { labels, end: start };
  let end = open.lastIndex;
  while (text[end] !== '}') {
    LABEL.lastIndex = end;
    const match = LABEL.exec(text);
    if (match === null) return undefined;
    labels[match[1] as string] = (match[2] as string).replace(ESCAPE, (_, c: string) => (c === 'n' ? '\n' : c));
    end = LABEL.lastIndex;
    while (text[end] === ' ' || text[end] === '\t') end += 1;
  }
  return { labels, end: end + 1 };
}

function parseValue(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
