import type { Outcome, VirtualUserContext } from '../../../core/plugin.ts';
import type { RequestRecorder } from '../../../core/script/request-recorder.ts';
import type { TemplateScope } from '../../data/template.ts';
import type { HttpUser } from '../connections/http-user.ts';
import type { HttpOrigin } from '../connections/origin.ts';
import type { Sender, WireRequest } from '../connections/sender.ts';
import type { CookieJar } from '../cookies/cookie-jar.ts';
import { examineDecompressed } from '../decompressed-answer.ts';
import type { Answer, Exchange, Judge, RequestShape } from '../exchange.ts';
import { made } from '../operation.ts';
import { RedirectChain, RedirectError, redirectLocation } from '../redirects/redirect-chain.ts';
import { originText } from '../redirects/user-agent.ts';
import { fromWire, toWire } from '../redirects/wire-form.ts';
import { cookieIn } from './own-headers.ts';
import type { PendingRequest } from './pending-request.ts';
import { callError } from './request-problem.ts';
import type { RequestWriter } from './request-writer.ts';
import type { ScriptClient } from './script-client.ts';

/** The way of one virtual user's requests to one origin: one after the other, in the order in which they were asked for. */
export class Lane implements Judge {
  readonly origin: HttpOrigin;
  readonly wantsDetail: Judge['wantsDetail'];
  readonly isTraced: boolean;
  readonly #client: ScriptClient;
  readonly #user: HttpUser;
  readonly #sender: Sender;
  readonly #writer: RequestWriter;
  readonly #scope: TemplateScope;
  readonly #requests: RequestRecorder | undefined;
  readonly #jar: CookieJar | undefined;
  readonly #waiting: PendingRequest[] = [];
  #current: PendingRequest | undefined;
  /** Where the current request goes; another origin after a redirect. */
  #at: HttpOrigin;
  #target = '';
  /** The cookies that it sends. */
  #cookie = '';
  #wire: WireRequest = '';
  /** Where its answer redirects to; undefined when it is the final one. */
  #location: string | undefined;
  /** One function for all requests, so that a request makes no closure. */
  readonly #ended = (outcome: Outcome) => this.#end(outcome);
  readonly #broke = (error: unknown) => this.#fail(error);

  /**
   * @param scope for placeholders in the driver's headers
   * @param requests undefined where nobody counts them one by one
   */
  constructor(
    origin: HttpOrigin,
    client: ScriptClient,
    user: VirtualUserContext,
    scope: TemplateScope,
    requests: RequestRecorder | undefined,
  ) {
    this.origin = origin;
    this.#at = origin;
    this.isTraced = user.wantsDetail('');
    this.wantsDetail = user.wantsDetail;
    this.#client = client;
    this.#user = client.http.join(user, this);
    this.#sender = this.#user.senderTo(origin);
    this.#writer = client.writerFor(origin);
    this.#scope = scope;
    this.#requests = requests;
    this.#jar = client.navigation.userAgent?.cookies?.jarOf(user);
  }

  /** Connects ahead of the first request. */
  open(limits: RequestShape['limits'], signal: AbortSignal): Promise<void> {
    return this.#sender.open(limits, signal);
  }

  /** Sends a request as soon as those before it have ended. @param askedUs when the script asked for it */
  take(request: PendingRequest, askedUs: number): void {
    request.answer.askedUs = askedUs;
    if (this.#current === undefined) this.#send(request, askedUs);
    else this.#waiting.push(request);
  }

  /** Cuts off the request in flight. */
  close(): void {
    this.#user.leave(this);
  }

  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    const { answer: taken, checks } = this.#current as PendingRequest;
    if (this.#jar !== undefined && answer.headText !== '') {
      this.#jar.take(answer.headText, this.#at.address, this.#target);
    }
    if (!exchange.ok) return;
    if (this.#client.navigation.redirects > 0) {
      this.#location = redirectLocation(exchange.status, answer.headText);
      if (this.#location !== undefined) return;
    }
    taken.takeAnswer(answer, shape.keptBytes);
    if (answer.contentEncoding === '') checks.apply(exchange, answer, shape);
    else examineDecompressed(exchange, answer, shape, (plain) => checks.apply(exchange, plain, shape));
  }

  #send(request: PendingRequest, startUs: number): void {
    this.#current = request;
    this.#at = this.origin;
    this.#target = request.path;
    this.#location = undefined;
    request.answer.startUs = startUs;
    try {
      this.#cookie = this.#jar === undefined ? '' : this.#cookies(this.#jar, this.#ownCookie(request));
      this.#wire = this.#writer.write(request, this.#scope, this.#cookie);
      const { shape, body, signal } = request;
      this.#sender.send(this, shape, this.#wire, body?.text.length ?? 0, signal).then(this.#ended, this.#broke);
    } catch (error) {
      this.#fail(error);
    }
  }

  #ownCookie({ headers }: PendingRequest): string {
    const own = headers === undefined ? undefined : cookieIn(headers);
    return own ?? made(this.#client.ownCookie, this.#scope);
  }

  /** @param own what the script or the driver itself sends */
  #cookies(jar: CookieJar, own: string): string {
    const ofJar = jar.header(this.#at.address, this.#target);
    return own === '' ? ofJar : (this.#client.navigation.userAgent?.cookies?.combinedCookies(own, ofJar) ?? own);
  }

  #end(outcome: Outcome): void {
    if (this.#location === undefined) this.#finish(outcome);
    else this.#follow(outcome).then((last) => this.#finish(last), this.#broke);
  }

  /** Follows the redirects of the current request to the last answer. */
  async #follow(first: Outcome): Promise<Outcome> {
    const { shape, signal, answer, headers } = this.#current as PendingRequest;
    const { userAgent, redirects } = this.#client.navigation;
    const home = originText(this.origin);
    const origins = new Map([...(userAgent?.origins ?? []), [home, this.origin]]);
    const chain = new RedirectChain({ limit: redirects, origins: new Set(origins.keys()) }, home);
    const own = headers === undefined ? '' : (cookieIn(headers) ?? '');
    let request = fromWire(this.#wire, home);
    let outcome = first;
    let { bytesSent, bytesReceived } = first;
    while (this.#location !== undefined) {
      try {
        request = chain.next(request, this.#cookie, outcome.status, this.#location);
      } catch (error) {
        if (!(error instanceof RedirectError)) throw error;
        const message = `${shape.label}: ${error.message}`;
        return { ok: false, errorKind: error.kind, message, status: outcome.status, bytesSent, bytesReceived };
      }
      const { url, body } = request;
      this.#at = origins.get(url.origin) as HttpOrigin;
      this.#target = `${url.pathname}${url.search}`;
      this.#location = undefined;
      this.#cookie = this.#jar === undefined ? '' : this.#cookies(this.#jar, this.#at === this.origin ? own : '');
      answer.url = url.href;
      const protocol = { http2: this.#at.settings.http2, connectionPerRequest: this.#at.connectionPerRequest };
      const wire = toWire(request, this.#cookie, protocol);
      outcome = await this.#user.senderTo(this.#at).send(this, shape, wire, body?.length ?? 0, signal);
      bytesSent += outcome.bytesSent;
      bytesReceived += outcome.bytesReceived;
    }
    return { ...outcome, bytesSent, bytesReceived };
  }

  #finish(outcome: Outcome): void {
    const { answer, row, dueUs, resolve } = this.#current as PendingRequest;
    answer.takeOutcome(outcome);
    if (this.#requests === undefined) {
      answer.endUs = this.origin.nowUs();
    } else {
      answer.endUs = this.#requests.nowUs();
      this.#requests.record(row, dueUs, answer.startUs, outcome);
    }
    this.#next();
    resolve(answer);
  }

  #fail(error: unknown): void {
    const { method, answer, reject } = this.#current as PendingRequest;
    this.#next();
    reject(callError(method, answer.url, error));
  }

  #next(): void {
    this.#current = undefined;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#send(next, this.#requests?.nowUs() ?? this.origin.nowUs());
  }
}
