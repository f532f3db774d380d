import type { Text } from '../../data/template.ts';
import { parseAddress, type TargetAddress } from '../../net/target-address.ts';
import type { HttpClient } from '../connections/client.ts';
import type { HttpOrigin } from '../connections/origin.ts';
import { OWN_ORIGIN_HEADERS } from '../redirects/redirect-chain.ts';
import type { UserAgent } from '../redirects/user-agent.ts';
import { NamedRequests } from './named-request.ts';
import { RequestProblem } from './request-problem.ts';
import { type DefaultHeader, RequestWriter } from './request-writer.ts';

/** The request was cut off before its server was reached. The message continues a sentence. */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

/**
 * How many servers the scripts of one driver may speak to in an agent: each has connections, and memory for as long as the run
 * lasts. A script that follows addresses in answers would otherwise let the target decide how many there are.
 */
const MAX_ORIGINS = 256;

/** What a driver's clients do as browsers do. */
export interface Navigation {
  /** Undefined where they keep no cookies and follow no redirects. */
  readonly userAgent: UserAgent | undefined;
  /** How many redirects of one request are followed. */
  readonly redirects: number;
}

/** What the HTTP clients of all virtual users of one driver share in a process. */
export class ScriptClient {
  readonly http: HttpClient;
  /** Prefix of all paths, which the target has. */
  readonly basePath: string;
  readonly navigation: Navigation;
  /** The cookies that the driver's headers send to its own origin. */
  readonly #ownCookie: Text;
  readonly #headers: readonly DefaultHeader[];
  readonly #writers = new Map<HttpOrigin, RequestWriter>();
  readonly #origins = new Map<string, HttpOrigin>();
  readonly #requests = new Map<string, NamedRequests>();

  /** @param headers those of all requests */
  constructor(http: HttpClient, basePath: string, headers: readonly DefaultHeader[], navigation: Navigation) {
    this.http = http;
    this.basePath = basePath;
    this.navigation = navigation;
    this.#ownCookie = headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1] ?? '';
    this.#headers = headers;
  }

  requestsOf(method: string): NamedRequests {
    let requests = this.#requests.get(method);
    if (requests === undefined) {
      requests = new NamedRequests(method, this.http.settings.limits);
      this.#requests.set(method, requests);
    }
    return requests;
  }

  /** The cookies that the driver's headers send to an origin; empty for none. */
  cookieFor(origin: HttpOrigin): Text {
    return origin === this.http.origin ? this.#ownCookie : '';
  }

  /** Writes requests to an origin. Any other than the driver's own learns neither its credentials nor its Host. */
  writerFor(origin: HttpOrigin): RequestWriter {
    let writer = this.#writers.get(origin);
    if (writer === undefined) {
      const isOwn = origin === this.http.origin;
      const headers = this.#headers.filter(([name]) => isOwn || !OWN_ORIGIN_HEADERS.has(name.toLowerCase()));
      writer = new RequestWriter(origin, headers);
      this.#writers.set(origin, writer);
    }
    return writer;
  }

  /** An origin that a script has named before, as it was written. */
  known(origin: string): HttpOrigin | undefined {
    return this.#origins.get(origin);
  }

  /**
   * @param origin such as `https://shop.example`
   * @param signal of the request that waits for it; what is under way goes on for others
   * @throws {RequestProblem} when it is none, {@link UnreachableError} when no address of it answers, and
   *   {@link CutOffError} when the signal is aborted first
   */
  open(origin: string, signal: AbortSignal): Promise<HttpOrigin> {
    return unlessAborted(this.#open(origin), signal);
  }

  async #open(origin: string): Promise<HttpOrigin> {
    if (this.#origins.size >= MAX_ORIGINS) {
      throw new RequestProblem(`scripts have spoken to ${MAX_ORIGINS} servers already, and may speak to no more`);
    }
    const opened = await this.http.openOrigin(addressOf(origin));
    this.#origins.set(origin, opened);
    return opened;
  }
}

function addressOf(origin: string): TargetAddress {
  const address = parseAddress(origin, 'path');
  if (typeof address === 'string') throw new RequestProblem(`it ${address}`);
  return address;
}

/**
 * What the promise resolves to, unless the signal is aborted before: nobody waits for it then.
 * @throws {CutOffError} when the signal is aborted first
 */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cutOff = () => reject(new CutOffError('it was cut off before the server was reached'));
    if (signal.aborted) cutOff();
    else signal.addEventListener('abort', cutOff, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cutOff));
  });
}
