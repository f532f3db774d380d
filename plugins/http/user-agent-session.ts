import type { Outcome, OutcomeDetail, VirtualUserContext } from '../../core/plugin.ts';
import type { DataSet } from '../data/data-set.ts';
import type { HttpClient } from './connections/client.ts';
import type { HttpOrigin } from './connections/origin.ts';
import type { WireRequest } from './connections/sender.ts';
import type { CookieJar } from './cookies/cookie-jar.ts';
import type { Answer, Exchange, RequestShape } from './exchange.ts';
import { HttpSession } from './http-session.ts';
import { type CookieScope, type HttpOperation, made } from './operation.ts';
import {
  type RedirectableRequest,
  RedirectChain,
  RedirectError,
  redirectLocation,
} from './redirects/redirect-chain.ts';
import { originText, type UserAgent } from './redirects/user-agent.ts';
import { fromWire, toWire } from './redirects/wire-form.ts';
import type { ScriptClient } from './script/script-client.ts';

/** Lines of a head that stay of an answer that was followed: what it set, and where it led. */
const PASSED_ON = /\r\n(?:set-cookie|location):[^\r\n]*/gi;

/** A virtual user of the `http` driver that keeps cookies, follows redirects, or both. */
export class UserAgentSession extends HttpSession implements CookieScope {
  readonly #userAgent: UserAgent;
  readonly #jar: CookieJar | undefined;
  /** Where the request under way goes, with its path and query. */
  #origin: HttpOrigin;
  #target = '';
  /** The cookies that the plan itself sends to the operation's origin. */
  #ownCookie = '';
  /** All that the request under way sends. */
  #cookie = '';
  #sent: WireRequest = '';
  /** Undefined until the request under way is redirected. */
  #chain: RedirectChain | undefined;
  /** The request under way, once it is redirected. */
  #request: RedirectableRequest | undefined;
  /** What follows from its last answer; undefined when that is the final one. */
  #next: RedirectableRequest | undefined;
  /** Lines of the answers that were followed, the last one first. */
  #passedOn = '';

  constructor(
    client: HttpClient,
    operations: ReadonlyMap<string, HttpOperation>,
    sets: readonly DataSet[],
    runId: string,
    user: VirtualUserContext,
    scriptClient: () => ScriptClient,
    sendable: ReadonlySet<string> | undefined,
    userAgent: UserAgent,
  ) {
    super(client, operations, sets, runId, user, scriptClient, sendable);
    this.#userAgent = userAgent;
    this.#jar = userAgent.cookies?.jarOf(user);
    this.#origin = client.origin;
  }

  protected override transmit(operation: HttpOperation, signal: AbortSignal): Promise<Outcome> {
    this.#origin = operation.origin ?? this.client.origin;
    this.#chain = undefined;
    this.#request = undefined;
    this.#next = undefined;
    this.#passedOn = '';
    const last = this.lastOf(operation);
    const isSame = last !== undefined && this.cookieFor(last.target) === last.cookie;
    const request = isSame ? last.request : operation.renderWithCookie(this);
    const bodyBytes = isSame ? last.bodyBytes : operation.renderedBodyBytes;
    if (!isSame && operation.repeats) this.keepLast(operation, request, this.#target, this.#cookie);
    const sent = this.senderOf(operation).send(this, operation.shape, request, bodyBytes, signal);
    if (operation.redirects === 0) return sent;
    this.#sent = request;
    return this.#followed(operation, sent, signal);
  }

  cookieFor(target: string): string {
    const own = this.operation?.parts.cookie;
    this.#target = target;
    this.#ownCookie = own === undefined ? '' : made(own, this);
    this.#cookie = this.#cookies(this.#ownCookie);
    return this.#cookie;
  }

  override judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    const { headText } = answer;
    // A head is kept only where somebody needs it, such as one that sets a cookie.
    if (headText !== '') this.#jar?.take(headText, this.#origin.address, this.#target);
    const redirects = this.operation?.redirects ?? 0;
    const location = exchange.ok && redirects > 0 ? redirectLocation(exchange.status, headText) : undefined;
    if (location !== undefined) this.#redirect(exchange, headText, location, redirects);
    else super.judge(exchange, this.#passedOn === '' ? answer : this.#withPassedOn(answer), shape);
  }

  /** Prepares the request that follows, or fails the exchange when there may be none. */
  #redirect(exchange: Exchange, headText: string, location: string, limit: number): void {
    const earlier = this.#passedOn.replaceAll(/\r\nlocation:.*/gi, '');
    this.#passedOn = (headText.match(PASSED_ON) ?? []).join('') + earlier;
    const home = originText(this.#origin);
    this.#chain ??= new RedirectChain({ limit, origins: this.#userAgent.origins }, home);
    this.#request ??= fromWire(this.#sent, home);
    try {
      this.#next = this.#chain.next(this.#request, this.#cookie, exchange.status, location);
    } catch (error) {
      if (!(error instanceof RedirectError)) throw error;
      exchange.fail(error.kind, `${this.operation?.shape.label}: ${error.message}`);
    }
  }

  async #followed(operation: HttpOperation, sent: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
    let outcome = await sent;
    if (this.#next === undefined) return outcome;
    const ownOrigin = this.#origin;
    const outcomes: Outcome[] = [];
    while (this.#next !== undefined) {
      outcomes.push(this.#copied(outcome));
      const { url, method, body } = this.#next;
      const origin = this.#userAgent.origins.get(url.origin) as HttpOrigin;
      this.#origin = origin;
      this.#target = `${url.pathname}${url.search}`;
      this.#cookie = this.#cookies(origin === ownOrigin ? this.#ownCookie : '');
      const protocol = { http2: origin.settings.http2, connectionPerRequest: origin.connectionPerRequest };
      const wire = toWire(this.#next, this.#cookie, protocol);
      this.#request = this.#next;
      this.#next = undefined;
      const sender = this.user.senderTo(origin);
      outcome = await sender.send(this, operation.redirectedShape(method), wire, body?.length ?? 0, signal);
    }
    return together([...outcomes, this.#copied(outcome)]);
  }

  /** The next request uses the same object again, and leaves an old detail in it where nobody wants one. */
  #copied(outcome: Outcome): Outcome {
    return { ...outcome, detail: this.isTraced || !outcome.ok ? outcome.detail : undefined };
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

/** The last outcome, with all that was sent and received on the way to it. */
function together(outcomes: readonly Outcome[]): Outcome {
  const last = outcomes.at(-1) as Outcome;
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const texts = (of: (detail: OutcomeDetail) => string | undefined) => {
    const parts = outcomes.flatMap(({ detail }) => (detail && of(detail)) ?? []);
    return parts.length === 0 ? undefined : parts.join('\n\n');
  };
  return {
    ...last,
    bytesSent: sum(({ bytesSent }) => bytesSent),
    bytesReceived: sum(({ bytesReceived }) => bytesReceived),
    detail: last.detail && {
      ...last.detail,
      sent: texts(({ sent }) => sent),
      received: texts(({ received }) => received),
    },
  };
}
