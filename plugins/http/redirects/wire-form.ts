import type { Http2Request, WireRequest } from '../connections/sender.ts';
import type { RedirectableRequest } from './redirect-chain.ts';

/** Whoever sends a request adds these itself. */
const SENDERS_OWN: ReadonlySet<string> = new Set(['content-length', 'connection', 'cookie']);

/** Requests of these methods usually have a body, and state it when they have none (RFC 9110, 8.6). */
const HAS_BODY = /^(POST|PUT|PATCH)$/;

/**
 * Reads a request back from what was sent, without its cookies.
 * @param origin where it was sent, as {@link URL.origin}
 */
export function fromWire(request: WireRequest, origin: string): RedirectableRequest {
  const { method, target, headers, body } = isHttp2(request)
    ? fromHttp2(request)
    : fromHttp1(request.toString('latin1'));
  return {
    method,
    // A path may begin with two slashes, so it must not be resolved against the origin.
    url: new URL(`${origin}${target}`),
    headers: headers.filter(([name]) => !SENDERS_OWN.has(name.toLowerCase())),
    body,
  };
}

/**
 * The request as the protocol has it.
 * @param cookie value of the header Cookie; empty for none
 */
export function toWire(
  { method, url, headers, body }: RedirectableRequest,
  cookie: string,
  protocol: { readonly http2: boolean; readonly connectionPerRequest: boolean },
): WireRequest {
  const target = `${url.pathname}${url.search}`;
  const sent = cookie === '' ? headers : [...headers, ['Cookie', cookie] as const];
  if (protocol.http2) {
    const fields = sent.map(([name, value]) => [
      name.toLowerCase() === 'host' ? ':authority' : name.toLowerCase(),
      value,
    ]);
    const own = { ':method': method, ':scheme': url.protocol.slice(0, -1), ':authority': url.host, ':path': target };
    return {
      headers: { ...own, ...Object.fromEntries(fields) },
      body: body === undefined ? undefined : Buffer.from(body, 'latin1'),
    };
  }
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(hasHost ? [] : [`Host: ${url.host}`]),
    ...sent.map(([name, value]) => `${name}: ${value}`),
    ...(protocol.connectionPerRequest ? ['Connection: close'] : []),
    ...(body === undefined && !HAS_BODY.test(method) ? [] : [`Content-Length: ${body?.length ?? 0}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

interface WireParts {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

function isHttp2(request: WireRequest): request is Http2Request {
  return typeof request === 'object' && 'headers' in request;
}

function fromHttp1(text: string): WireParts {
  const end = text.indexOf('\r\n\r\n');
  const [requestLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const body = text.slice(end + 4);
  return { method, target, headers, body: body === '' ? undefined : body };
}

function fromHttp2({ headers, body }: Http2Request): WireParts {
  const { ':method': method = '', ':path': target = '', ':authority': host = '', ':scheme': _, ...fields } = headers;
  return {
    method,
    target,
    headers: [['Host', host], ...Object.entries(fields)],
    body: body?.toString('latin1'),
  };
}
