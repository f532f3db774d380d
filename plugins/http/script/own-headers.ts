import type { HttpRequestOptions } from '../../../core/script/http.ts';
import { byteString } from '../../data/template.ts';
import { HEADER_CONTROL, HEADER_NAME, HTTP1_HEADERS, OWN_HEADERS } from '../../net/header-rules.ts';
import { RequestProblem } from './request-problem.ts';

type Headers = NonNullable<HttpRequestOptions['headers']>;

/** Values of these characters are sent as they stand. */
const PLAIN_VALUE = /^[\t -~]*$/;
/** A script that makes up header names has them looked at each time. */
const MAX_REMEMBERED = 1000;

/** Names that have been looked at, and what they are in lower case. */
const known = new Map<string, string>();

/** @throws {RequestProblem} for a name that is none, or one that the client sets itself */
export function lowerName(name: string): string {
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  if (!HEADER_NAME.test(name)) throw new RequestProblem(`${JSON.stringify(name)} is not a valid header name`);
  const lower = name.toLowerCase();
  if (OWN_HEADERS.has(lower)) throw new RequestProblem(`the header ${name} is set by the client itself: leave it out`);
  if (known.size < MAX_REMEMBERED) known.set(name, lower);
  return lower;
}

/** @returns the value with one character for each byte. @throws {RequestProblem} for line breaks and control characters */
export function headerValue(name: string, value: string | number): string {
  const text = typeof value === 'string' ? value : String(value);
  if (PLAIN_VALUE.test(text)) return text;
  if (HEADER_CONTROL.test(text))
    throw new RequestProblem(`the header ${name} contains a line break or a control character`);
  return byteString(text);
}

/**
 * The header lines of HTTP/1.1, each with its line end.
 * @param names gets the names in lower case
 * @param withoutCookie cookies are sent otherwise
 */
export function headerLines(headers: Headers, names: string[], withoutCookie: boolean): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const lower = lowerName(name);
    if (withoutCookie && lower === 'cookie') continue;
    names.push(lower);
    lines += `${name}: ${headerValue(name, value)}\r\n`;
  }
  return lines;
}

/** The cookies that a script gives itself; undefined when it gives none. */
export function cookieIn(headers: Headers): string | undefined {
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && lowerName(name) === 'cookie') return headerValue(name, value);
  }
  return undefined;
}

/** Adds the headers to those of an HTTP/2 request. @throws {RequestProblem} for one that HTTP/2 does not allow */
export function addHttp2Headers(headers: Headers, request: Record<string, string>): void {
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const lower = lowerName(name);
    if (HTTP1_HEADERS.has(lower) || (lower === 'te' && value !== 'trailers')) {
      throw new RequestProblem(`the header ${name} is not allowed in HTTP/2: leave it out`);
    }
    request[lower === 'host' ? ':authority' : lower] = headerValue(name, value);
  }
}
