import type { HttpRequestOptions, QueryValue } from '../../../core/script/http.ts';
import { RequestProblem } from './request-problem.ts';

/** A path that is sent as it stands: printable ASCII without a fragment. */
const PLAIN_PATH = /^\/[!"$-~]*$/;
const ABSOLUTE = /^https?:\/\//i;
const AFTER_ORIGIN = /[/?#]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a URL must not contain
const CONTROL = /[\x00-\x1f\x7f]/;
const NOT_PRINTABLE = /[^!-~]+/gu;

/** Whether a URL names its server. Every other URL is a path of the target. */
export function isAbsolute(url: string): boolean {
  return url.charCodeAt(0) !== 47 && ABSOLUTE.test(url);
}

/** Cuts a whole URL in two, such as `http://shop.example:8080` and `/items?page=2`. */
export function splitUrl(url: string): { readonly origin: string; readonly path: string } {
  const scheme = url.indexOf('//') + 2;
  const length = url.slice(scheme).search(AFTER_ORIGIN);
  if (length < 0) return { origin: url, path: '/' };
  const rest = url.slice(scheme + length);
  return { origin: url.slice(0, scheme + length), path: rest.startsWith('/') ? rest : `/${rest}` };
}

/**
 * A path as it is sent: what is not printable ASCII is percent-encoded, and a fragment, which no server gets, is left out.
 * @throws {RequestProblem} when it does not begin with a slash or contains a line break
 */
export function sentPath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  if (path.charCodeAt(0) !== 47) throw new RequestProblem('a URL begins with / or with http:// or https://');
  if (CONTROL.test(path)) throw new RequestProblem('the URL contains a line break or a control character');
  const fragment = path.indexOf('#');
  const visible = fragment < 0 ? path : path.slice(0, fragment);
  if (!visible.isWellFormed()) throw new RequestProblem('the URL contains half a character (a lone surrogate)');
  return visible.replaceAll(NOT_PRINTABLE, encodeURIComponent);
}

/** Appends parameters to a path that may have some already. */
export function withQuery(path: string, query: NonNullable<HttpRequestOptions['query']>): string {
  let whole = path;
  let separator = path.includes('?') ? '&' : '?';
  for (const name in query) {
    const value = query[name];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly QueryValue[]) : [value as QueryValue]) {
      whole += `${separator}${encoded(name)}=${encoded(one)}`;
      separator = '&';
    }
  }
  return whole;
}

/** @throws {RequestProblem} for half a character */
function encoded(value: QueryValue): string {
  const text = String(value);
  if (!text.isWellFormed()) throw new RequestProblem('the query contains half a character (a lone surrogate)');
  return encodeURIComponent(text);
}

/** The path without its query: what requests of one kind have in common. */
export function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}
