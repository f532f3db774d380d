import { createHash } from 'node:crypto';
import type { RandomStream } from '../../core/plan/random.ts';
import { nearest } from '../../core/text/nearest.ts';

/** What stands between `${` and `}` in a template. */
export type Placeholder =
  | { readonly kind: 'vu' | 'iteration' | 'runId' | 'uuid' }
  | { readonly kind: 'random'; readonly least: number; readonly most: number; readonly decimals: number }
  | { readonly kind: 'randomText'; readonly characters: number }
  /** A new trace; this share of them asks its receivers to be recorded. */
  | { readonly kind: 'traceparent'; readonly share: number }
  /** A column of a data file, by the name that the plan gives the file. */
  | { readonly kind: 'column'; readonly set: string; readonly column: string }
  /** A value that a step of the virtual user has set. */
  | { readonly kind: 'variable'; readonly name: string }
  /** A reference to an environment variable or a file. It has been replaced by its value before a load is driven. */
  | { readonly kind: 'reference'; readonly text: string };

/** Texts and placeholders, in the order in which they are written. */
export type Template = readonly (string | Placeholder)[];

/** What placeholders take their values from. */
export interface TemplateScope {
  /** From 1. */
  readonly vu: number;
  /** The virtual user's operations so far: from 0. */
  readonly iteration: number;
  readonly runId: string;
  readonly random: RandomStream;
  /** The current row of each data set, by its position in the plan. */
  readonly rows: readonly (readonly string[] | undefined)[];
  /** What the virtual user's steps have set, by name. */
  readonly variables: ReadonlyMap<string, string>;
  /** Set where a template begins a trace that asks to be recorded: its id. */
  traceId?: string | undefined;
}

/** Finds the position of a column, once its file has been read. */
export type FindColumn = (set: string, column: string) => { readonly set: number; readonly column: number };

/** Escapes a value for the place where it goes, such as percent-encoding in a path. */
export type Escape = (value: string) => string;

const PLACEHOLDER = /\$(\$?)\{([^{}]*)\}/g;
const NUMBER = '-?\\d+(?:\\.\\d+)?';
const RANDOM = new RegExp(`^random\\(\\s*(${NUMBER})\\s*,\\s*(${NUMBER})\\s*(?:,\\s*(\\d))?\\s*\\)$`);
const RANDOM_TEXT = /^randomText\(\s*(\d{1,4})\s*\)$/;
const TRACEPARENT = /^traceparent(?:\(\s*(0(?:\.\d+)?|1)\s*\))?$/;
const VARIABLE = /^[A-Za-z_][\w-]*$/;
const COLUMN = /^([\w-]+)\.(.+)$/;
const KNOWN = [
  'vu',
  'iteration',
  'runId',
  'uuid',
  'random(least, most)',
  'randomText(characters)',
  'traceparent(share)',
  'data.column',
];

/**
 * Reads a template. `$${` stands for a plain `${`.
 * @returns the template, or a sentence that says what is wrong with it
 */
export function parseTemplate(text: string): Template | string {
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const isReference = /^(env|file):/.test(match[2] as string);
    if (match[1] === '$') {
      // The escaping is removed later, where references get their values.
      parts.push(isReference ? match[0] : match[0].slice(1));
      continue;
    }
    if (isReference) {
      parts.push({ kind: 'reference', text: match[0] });
      continue;
    }
    const placeholder = parsePlaceholder((match[2] as string).trim());
    if (typeof placeholder === 'string') return placeholder;
    parts.push(placeholder);
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

function parsePlaceholder(text: string): Placeholder | string {
  if (text === 'vu' || text === 'iteration' || text === 'runId' || text === 'uuid') return { kind: text };
  const random = RANDOM.exec(text);
  if (random) {
    const [least, most, decimals] = [Number(random[1]), Number(random[2]), Number(random[3] ?? 0)];
    const needed = Math.max(decimalsOf(random[1] as string), decimalsOf(random[2] as string));
    if (needed > decimals) {
      const how = needed > 9 ? 'with at most nine decimals' : `such as \${random(${least}, ${most}, ${needed})}`;
      return `\${${text}}: say how many decimals its values have, ${how}`;
    }
    if (least > most) return `\${${text}}: the least value must not be above the most`;
    if ((most - least) * 10 ** decimals > 2 ** 32 - 1) return `\${${text}}: there are more than 2^32 such values`;
    return { kind: 'random', least, most, decimals };
  }
  const characters = RANDOM_TEXT.exec(text)?.[1];
  if (characters !== undefined) return { kind: 'randomText', characters: Number(characters) };
  const traceparent = TRACEPARENT.exec(text);
  if (traceparent) return { kind: 'traceparent', share: Number(traceparent[1] ?? 1) };
  const [, set, column] = COLUMN.exec(text) ?? [];
  if (set !== undefined && column !== undefined) return { kind: 'column', set, column };
  // Whether a step sets a variable of this name is known only when the whole flow is: `id` and `uid` are no slips of `vu`.
  if (VARIABLE.test(text)) return { kind: 'variable', name: text };
  const guess = nearest(text, KNOWN);
  return `unknown placeholder \${${text}}; ${guess ? `did you mean \${${guess}}?` : `known: ${KNOWN.join(', ')}`}`;
}

function decimalsOf(number: string): number {
  return /\.(\d*[1-9])/.exec(number)?.[1]?.length ?? 0;
}

/** Whether the value of a placeholder is always a number. */
export function isNumeric(part: string | Placeholder | undefined): boolean {
  return typeof part === 'object' && (part.kind === 'vu' || part.kind === 'iteration' || part.kind === 'random');
}

/** Names of the variables that templates use, without repetition. */
export function variablesIn(templates: readonly Template[]): string[] {
  const names = templates
    .flat()
    .flatMap((part) => (typeof part === 'object' && part.kind === 'variable' ? [part.name] : []));
  return [...new Set(names)];
}

/** A compiled template: a text, or a function that makes one. Each character stands for one byte of UTF-8. */
export type Text = string | ((scope: TemplateScope) => string);

/** @throws what `findColumn` throws */
export function compileTemplate(template: Template, escaped: Escape, findColumn: FindColumn): Text {
  const parts = template.map((part) =>
    typeof part === 'string' ? byteString(part) : compile(part, escaped, findColumn),
  );
  return joinTexts(parts);
}

/** Joins texts in their order. */
export function joinTexts(texts: readonly Text[]): Text {
  const parts: Text[] = [];
  for (const text of texts) {
    const last = parts.at(-1);
    if (typeof text === 'string' && typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  }
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  return (scope) => {
    let result = '';
    for (const part of parts) result += typeof part === 'string' ? part : part(scope);
    return result;
  };
}

/** Encodes as UTF-8, with one character for each byte. */
export function byteString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the control characters
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function compile(placeholder: Placeholder, escaped: Escape, findColumn: FindColumn): Text {
  switch (placeholder.kind) {
    case 'vu':
      return ({ vu }) => String(vu);
    case 'iteration':
      return ({ iteration }) => String(iteration);
    case 'runId':
      return ({ runId }) => runId;
    case 'uuid':
      return ({ random }) => uuid(random);
    case 'random': {
      const { least, decimals } = placeholder;
      const scale = 10 ** decimals;
      const values = Math.floor((placeholder.most - least) * scale + 1e-9) + 1;
      const first = Math.round(least * scale);
      if (decimals === 0) return ({ random }) => String(first + random.integer(values));
      return ({ random }) => ((first + random.integer(values)) / scale).toFixed(decimals);
    }
    case 'randomText': {
      const { characters } = placeholder;
      return ({ random }) =>
        Array.from({ length: characters }, () => ALPHABET[random.integer(ALPHABET.length)]).join('');
    }
    case 'traceparent':
      return traceparent(placeholder.share);
    case 'variable': {
      const { name } = placeholder;
      return ({ variables }) => byteString(escaped(variables.get(name) ?? ''));
    }
    case 'reference':
      return byteString(escaped(placeholder.text));
    case 'column': {
      const { set, column } = findColumn(placeholder.set, placeholder.column);
      return ({ rows }) => byteString(escaped(rows[set]?.[column] ?? ''));
    }
  }
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Version 4 (RFC 9562, 5.4), from the virtual user's own random stream: the same seed gives the same ids. */
function uuid(random: RandomStream): string {
  let text = '';
  for (let i = 0; i < 16; i++) {
    const byte = random.integer(256);
    text += HEX[i === 6 ? 0x40 | (byte & 0x0f) : i === 8 ? 0x80 | (byte & 0x3f) : byte];
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-';
  }
  return text;
}

/**
 * W3C Trace Context, version 00 (https://www.w3.org/TR/trace-context/#traceparent-header). The first half of a trace's id is the run's,
 * because another run with the same seed draws the same random numbers; samplers go by the second half.
 */
function traceparent(share: number): (scope: TemplateScope) => string {
  let ofRun = '';
  let half = '';
  return (scope) => {
    const { random, runId } = scope;
    if (runId !== ofRun) {
      ofRun = runId;
      half = createHash('sha256').update(runId).digest('hex').slice(0, 16);
    }
    const id = half + hex32(random) + hex32(random);
    const span = hex32(random) + hex32(random);
    const isRecorded = random.next() < share;
    if (isRecorded) scope.traceId = id;
    return `00-${id}-${span}-${isRecorded ? '01' : '00'}`;
  };
}

/** Never 0 alone, which no id may be. */
function hex32(random: RandomStream): string {
  return (1 + random.integer(2 ** 32 - 1)).toString(16).padStart(8, '0');
}
