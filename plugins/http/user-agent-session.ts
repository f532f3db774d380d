import type { Outcome, VirtualUserContext } from '../../core/plugin.ts';
import type { DataSet } from '../data/data-set.ts';
import type { HttpClient } from './connections/client.ts';
import type { HttpOrigin } from './connections/origin.ts';
import type { WireRequest } from './connections/sender.ts';
import type { CookieJar } from './cookies/cookie-jar.ts';
import type { Answer, Exchange, RequestShape } from './exchange.ts';
import { HttpSession } from './http-session.ts';
import { type HttpOperation, made } from './operation.ts';
import { RedirectChain, RedirectError, type RedirectPolicy, redirectLocation } from './redirects/redirect-chain.ts';
import { fromWire, toWire } from './redirects/wire-form.ts';

/** What the sessions of a driver do as browsers do. */
export interface UserAgent {
  /** Undefined where no cookies are kept. */
  readonly cookies: CookieRules | undefined;
  /** The origins that requests may be redirected to, by their {@link URL.origin}; those of all operations are among them. */
  readonly origins: ReadonlyMap<string, HttpOrigin>;
}

/** What the module of the cookie jar exports. */
export interface CookieRules {
  jarOf(user: VirtualUserContext): CookieJar;
  combinedCookies(own: string, ofJar: string): string;
}

/** Lines of a head that stay of an answer that was followed: what it set, and where it led. */
const PASSED_ON = /\r\n(?:set-cookie|location):[^\r\n]*/gi;

/** A virtual user of the `http` driver that keeps cookies, follows redirects, or both. */
export class UserAgentSession extends HttpSession {
  readonly #userAgent: UserAgent;
  readonly #jar: CookieJar | undefined;
  /** Where the request under way goes, with its path and query. */
  #origin: HttpOrigin;
  #target = '';
  /** The cookies that the plan itself sends to the operation's origin. */
  #ownCookie = '';
  /** All that the request under way sends. */
  #cookie = '';
  /** Where the last answer redirects to; undefined when it is the final one. */
  #location: string | undefined;
  /** Lines of the answers that were followed, the last one first. */
  #passedOn = '';
  readonly #cookieFor = (target: string): string => {
    const own = this.operation?.parts.cookie;
    this.#target = target;
    this.#ownCookie = own === undefined ? '' : made(own, this);
    this.#cookie = this.#cookies(this.#ownCookie);
    return this.#cookie;
  };

  constructor(
    client: HttpClient,
    operations: ReadonlyMap<string, HttpOperation>,
    sets: readonly DataSet[],
    runId: string,
    user: VirtualUserContext,
    userAgent: UserAgent,
  ) {
    super(client, operations, sets, runId, user);
    this.#userAgent = userAgent;
    this.#jar = userAgent.cookies?.jarOf(user);
    this.#origin = client.origin;
  }

  protected override transmit(operation: HttpOperation, signal: AbortSignal): Promise<Outcome> {
    this.#origin = operation.origin ?? this.client.origin;
    this.#location = undefined;
    this.#passedOn = '';
    const request = operation.renderWithCookie(this, this.#cookieFor);
    const sent = this.senderOf(operation).send(this, operation.shape, request, operation.renderedBodyBytes, signal);
    return operation.redirects === 0 ? sent : this.#followed(operation, request, sent, signal);
  }

  override judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    const { headText } = answer;
    // A head is kept only where somebody needs it, such as one that sets a cookie.
    if (headText !== '') this.#jar?.take(headText, this.#origin.address, this.#target);
    if (exchange.ok && this.operation !== undefined && this.operation.redirects > 0) {
      this.#location = redirectLocation(exchange.status, headText);
      if (this.#location !== undefined) {
        this.#passedOn =
          (headText.match(PASSED_ON) ?? []).join('') + this.#passedOn.replaceAll(/\r\nlocation:.*/gi, '');
        return;
      }
    }
    super.judge(exchange, this.#passedOn === '' ? answer : this.#withPassedOn(answer), shape);
  }

  async #followed(
    operation: HttpOperation,
    first: WireRequest,
    sent: Promise<Outcome>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    let outcome = await sent;
    if (this.#location === undefined) return outcome;
    const home = originText(this.#origin);
    const ownOrigin = this.#origin;
    const { origins } = this.#userAgent;
    const policy: RedirectPolicy = { limit: operation.redirects, origins: new Set(origins.keys()) };
    const chain = new RedirectChain(policy, home);
    let request = fromWire(first, home);
    let bytesSent = 0;
    let bytesReceived = 0;
    for (;;) {
      bytesSent += outcome.bytesSent;
      bytesReceived += outcome.bytesReceived;
      if (this.#location === undefined) return { ...outcome, bytesSent, bytesReceived };
      try {
        request = chain.next(request, this.#cookie, outcome.status, this.#location);
      } catch (error) {
        if (!(error instanceof RedirectError)) throw error;
        const message = `${operation.shape.label}: ${error.message}`;
        return { ok: false, errorKind: error.kind, message, status: outcome.status, bytesSent, bytesReceived };
      }
      const { url, method, body } = request;
      const origin = origins.get(url.origin) as HttpOrigin;
      this.#location = undefined;
      this.#origin = origin;
      this.#target = `${url.pathname}${url.search}`;
      this.#cookie = this.#cookies(origin === ownOrigin ? this.#ownCookie : '');
      const protocol = { http2: origin.settings.http2, connectionPerRequest: origin.connectionPerRequest };
      const wire = toWire(request, this.#cookie, protocol);
      const sender = this.user.senderTo(origin);
      outcome = await sender.send(this, operation.redirectedShape(method), wire, body?.length ?? 0, signal);
    }
  }

  /** @param own the plan's own */
  #cookies(own: string): string {
    const { cookies } = this.#userAgent;
    if (cookies === undefined || this.#jar === undefined) return own;
    return cookies.combinedCookies(own, this.#jar.header(this.#origin.address, this.#target));
  }

  /** An answer in which variables find what redirects on the way to it have set, and where the last one led. */
  #withPassedOn({ headText, contentEncoding, body, bodyBytes }: Answer): Answer {
    const head = headText.endsWith('\r\n\r\n') ? headText.slice(0, -4) : headText;
    return { headText: `${head}${this.#passedOn}\r\n\r\n`, contentEncoding, body, bodyBytes };
  }
}

/** As {@link URL.origin} has it. */
export function originText({ address: { secure, authority } }: HttpOrigin): string {
  return new URL(`${secure ? 'https' : 'http'}://${authority}`).origin;
}
