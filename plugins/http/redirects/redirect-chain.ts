/** A request that may be redirected. */
export interface RedirectableRequest {
  readonly method: string;
  readonly url: URL;
  /** Without those that whoever sends it adds: Content-Length, Connection, and the cookies of a jar. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** One character for each byte. */
  readonly body: string | undefined;
}

export interface RedirectPolicy {
  /** How many redirects of one request are followed. */
  readonly limit: number;
  /** Origins that redirects may lead to, such as `https://id.example.test`, beside that of the request itself. */
  readonly origins: { has(origin: string): boolean };
}

/** Why a redirect is not followed. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
  /** The kind of error that the request ends with. */
  readonly kind: string;

  /** @param message a clause that continues a sentence */
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Those of answers that send whoever asked elsewhere. */
export const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const LOCATION = /\r\nlocation:[ \t]*([^\r\n]*)/i;
/** What describes a body that is no longer sent (Fetch Standard, request-body-header name). */
const BODY_HEADERS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]);
/** What another origin must not learn. */
export const OWN_ORIGIN_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'host',
  'proxy-authorization',
]);

/**
 * Where an answer redirects to; undefined when it does not.
 * @param headText status line and header lines of the answer
 */
export function redirectLocation(status: number, headText: string): string | undefined {
  if (!REDIRECT_STATUSES.has(status)) return undefined;
  const location = LOCATION.exec(headText)?.[1]?.trim();
  // The head is read byte by byte, and addresses that are not ASCII are UTF-8.
  return location === undefined ? undefined : Buffer.from(location, 'latin1').toString('utf8');
}

/** The redirects of one request, followed as browsers do (Fetch Standard, HTTP-redirect fetch). */
export class RedirectChain {
  readonly #policy: RedirectPolicy;
  readonly #home: string;
  readonly #answered = new Set<string>();

  /** @param origin of the first request, as {@link URL.origin} */
  constructor(policy: RedirectPolicy, origin: string) {
    this.#policy = policy;
    this.#home = origin;
  }

  /**
   * The request that follows from a redirect.
   * @param sent the request that was redirected
   * @param cookie what was sent as its header Cookie: with another one, the same address may answer differently
   * @throws {RedirectError}
   */
  next(sent: RedirectableRequest, cookie: string, status: number, location: string): RedirectableRequest {
    const url = this.#target(location, sent.url);
    const key = `${sent.method} ${sent.url.href} ${cookie}`;
    if (this.#answered.has(key)) {
      throw new RedirectError('redirect_loop', `its redirects go round in circles, by way of ${shownUrl(sent.url)}`);
    }
    this.#answered.add(key);
    if (this.#answered.size > this.#policy.limit) {
      const { limit } = this.#policy;
      const few = `${limit} redirect${limit === 1 ? '' : 's'}`;
      throw new RedirectError('too_many_redirects', `more than ${few}, the last one to ${shownUrl(url)}`);
    }
    const becomesGet = turnsIntoGet(sent.method, status);
    const crossesOrigin = url.origin !== sent.url.origin;
    return {
      method: becomesGet ? 'GET' : sent.method,
      url,
      headers: sent.headers.filter(([header]) => {
        const name = header.toLowerCase();
        return !(becomesGet && BODY_HEADERS.has(name)) && !(crossesOrigin && OWN_ORIGIN_HEADERS.has(name));
      }),
      body: becomesGet ? undefined : sent.body,
    };
  }

  #target(location: string, base: URL): URL {
    if (!URL.canParse(location, base.href)) {
      throw new RedirectError('redirect_refused', `it redirects to an address that is none: ${shortened(location)}`);
    }
    const url = new URL(location, base);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      const message = `it redirects to ${shortened(location)}, which is not an address of HTTP`;
      throw new RedirectError('redirect_refused', message);
    }
    if (url.origin !== this.#home && !this.#policy.origins.has(url.origin)) {
      const message = `it redirects to another origin, ${shownUrl(url)}: allow it with redirectOrigins: [${url.origin}]`;
      throw new RedirectError('redirect_refused', message);
    }
    return url;
  }
}

function turnsIntoGet(method: string, status: number): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return method === 'POST' && (status === 301 || status === 302);
}

/** A query may hold secrets, and is left out. */
function shownUrl({ origin, pathname }: URL): string {
  return shortened(`${origin}${pathname}`);
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
