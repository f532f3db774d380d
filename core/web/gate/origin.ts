import type { IncomingHttpHeaders } from 'node:http';
import { oneLine } from '../../text/printable.ts';
import { ApiError } from '../api-error.ts';

/** Characters of an origin that a refusal repeats. */
const MAX_SHOWN = 100;

export interface OriginRule {
  /** `http` or `https`, of this server. */
  readonly scheme: string;
  /** Pages of other servers that may call this one, such as `https://platform.example`. */
  readonly allowed: readonly string[];
}

/**
 * Refuses what a page of another site has a browser send. Nothing but a page can be led astray in this way, so a request that
 * carries a token of its own in a header need not be asked.
 * @param changes whether the request can change anything
 * @throws {ApiError}
 */
export function checkOrigin(headers: IncomingHttpHeaders, changes: boolean, rule: OriginRule): void {
  const { origin, 'sec-fetch-site': site } = headers;
  const isListed = typeof origin === 'string' && rule.allowed.includes(origin);
  if (isListed) {
    if (changes) checkHeader(headers);
    return;
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ApiError(403, `this request comes from a page of another site: list its origin with --web-origin`);
  }
  if (!changes) return;
  if (site === 'none') throw new ApiError(403, 'a request that changes something must come from a page or a program');
  if (origin !== undefined && origin !== ownOrigin(headers, rule.scheme)) {
    throw new ApiError(
      403,
      `requests from ${oneLine(origin, MAX_SHOWN)} are not taken: list the origin with --web-origin`,
    );
  }
  checkHeader(headers);
}

/** A form cannot send it, and a script of another site only after it was allowed to. */
function checkHeader(headers: IncomingHttpHeaders): void {
  if (headers['x-bench'] !== '1')
    throw new ApiError(403, 'a request that changes something needs the header X-Bench: 1');
}

/** The host of the request was compared with the names of this server before. */
function ownOrigin(headers: IncomingHttpHeaders, scheme: string): string {
  return `${scheme}://${hostOf(headers)?.toLowerCase()}`;
}

/** The host that a request is for, with its port if it names one. Over HTTP/2 the header may be there too, and say something else. */
export function hostOf(headers: IncomingHttpHeaders): string | undefined {
  const authority = headers[':authority'];
  return typeof authority === 'string' ? authority : headers.host;
}

/** What every answer says to browsers. @param framedBy origins whose pages may show this one in a frame */
export function securityHeaders(framedBy: readonly string[]): Readonly<Record<string, string>> {
  const frames = framedBy.length === 0 ? "'none'" : framedBy.join(' ');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frames}`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
}
