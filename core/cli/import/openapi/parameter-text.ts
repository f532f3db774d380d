import { percentEncoded } from '../plan-text.ts';
import { simpleText } from './examples.ts';
import { type Fields, isFields } from './specification.ts';

/** What stands between the values of a list, by the style of its parameter (OpenAPI 3.1.1, 4.8.12.3). */
const SEPARATORS: Readonly<Record<string, string>> = { spaceDelimited: '%20', pipeDelimited: '%7C' };

/** A value as a part of a path, percent-encoded; of a list and a map, commas separate the parts. */
export function pathText(value: unknown): string {
  return encodedParts(value).join(',');
}

/**
 * A value as fields of a query: a list or a map is one field for each part, or one of all of them.
 * @returns names and values, percent-encoded
 */
export function queryFields(name: string, value: unknown, { style, explode }: Fields): [name: string, value: string][] {
  const encoded = percentEncoded(name);
  const isExploded = explode ?? (style === undefined || style === 'form' || style === 'deepObject');
  if (isFields(value) && isExploded) {
    return Object.entries(value).map(([key, inner]) => {
      return [percentEncoded(style === 'deepObject' ? `${name}[${key}]` : key), percentEncoded(simpleText(inner))];
    });
  }
  if (Array.isArray(value) && isExploded) return value.map((one) => [encoded, percentEncoded(simpleText(one))]);
  return [[encoded, encodedParts(value).join(SEPARATORS[String(style)] ?? ',')]];
}

function encodedParts(value: unknown): string[] {
  const parts = isFields(value) ? Object.entries(value).flat() : [value].flat();
  return parts.map((part) => percentEncoded(simpleText(part)));
}
