import type { RandomStream } from '../../core/plan/random.ts';
import { nearest } from '../../core/text/nearest.ts';

/** What stands between `${` and `}` in a template. */
export type Placeholder =
  | { readonly kind: 'vu' | 'iteration' | 'runId' | 'uuid' }
  | { readonly kind: 'random'; readonly least: number; readonly most: number; readonly decimals: number }
  | { readonly kind: 'randomText'; readonly characters: number }
  /** A column of a data file, by the name that the plan gives the file. */
  | { readonly kind: 'column'; readonly set: string; readonly column: string }
  /** To a variable or a file; whoever drives the load has put the value in its place. */
  | { readonly kind: 'reference'; readonly text: string };

/** Texts and placeholders by turns, in any order. */
export type Template = readonly (string | Placeholder)[];

/** Where a request is made: what placeholders take their values from. */
export interface TemplateScope {
  /** From 1. */
  readonly vu: number;
  /** The virtual user's operations so far: from 0. */
  readonly iteration: number;
  readonly runId: string;
  readonly random: RandomStream;
  /** The present row of each data set, by its place among the plan's. */
  readonly rows: readonly (readonly string[] | undefined)[];
}

/** Where a column is, once its file is read. */
export type FindColumn = (set: string, column: string) => { readonly set: number; readonly column: number };

/** Says how a value is written where it goes, such as percent-encoded in a path. */
export type Escape = (value: string) => string;

const PLACEHOLDER = /\$(\$?)\{([^{}]*)\}/g;
const NUMBER = '-?\\d+(?:\\.\\d+)?';
const RANDOM = new RegExp(`^random\\(\\s*(${NUMBER})\\s*,\\s*(${NUMBER})\\s*(?:,\\s*(\\d))?\\s*\\)$`);
const RANDOM_TEXT = /^randomText\(\s*(\d{1,4})\s*\)$/;
const COLUMN = /^([\w-]+)\.(.+)$/;
const KNOWN = ['vu', 'iteration', 'runId', 'uuid', 'random(least, most)', 'randomText(characters)', 'data.column'];

/**
 * Reads a template. `$${` stands for a plain `${`.
 * @returns the template, or what is wrong with it in a sentence
 */
export function parseTemplate(text: string): Template | string {
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const isReference = /^(env|file):/.test(match[2] as string);
    if (match[1] === '$') {
      // What makes this a plain text is taken away where references get their values.
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
    if (least > most) return `\${${text}}: the least value must not be above the most`;
    if ((most - least) * 10 ** decimals > 2 ** 32 - 1) return `\${${text}}: there are more than 2^32 such values`;
    return { kind: 'random', least, most, decimals };
  }
  const characters = RANDOM_TEXT.exec(text)?.[1];
  if (characters !== undefined) return { kind: 'randomText', characters: Number(characters) };
  const [, set, column] = COLUMN.exec(text) ?? [];
  if (set !== undefined && column !== undefined) return { kind: 'column', set, column };
  const guess = nearest(text, KNOWN);
  return `unknown placeholder \${${text}}; ${guess ? `did you mean \${${guess}}?` : `known: ${KNOWN.join(', ')}`}`;
}

/** Whether what a placeholder gives is a number in any case. */
export function isNumeric(part: string | Placeholder | undefined): boolean {
  return typeof part === 'object' && (part.kind === 'vu' || part.kind === 'iteration' || part.kind === 'random');
}

/** A template made ready: a text, or what makes one. Characters are bytes: UTF-8, one character for each byte. */
export type Text = string | ((scope: TemplateScope) => string);

/** @throws what `findColumn` throws */
export function compileTemplate(template: Template, escaped: Escape, findColumn: FindColumn): Text {
  const parts = template.map((part) =>
    typeof part === 'string' ? byteString(part) : compile(part, escaped, findColumn),
  );
  return joinTexts(parts);
}

/** One text of several, in their order. */
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

/** UTF-8 with one character for each byte. */
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

/** Version 4 (RFC 9562, 5.4), out of the virtual user's own stream: the same seed gives the same ones. */
function uuid(random: RandomStream): string {
  let text = '';
  for (let i = 0; i < 16; i++) {
    const byte = random.integer(256);
    text += HEX[i === 6 ? 0x40 | (byte & 0x0f) : i === 8 ? 0x80 | (byte & 0x3f) : byte];
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-';
  }
  return text;
}
