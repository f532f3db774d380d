import type { Outcome, VirtualUserContext } from '../../../core/plugin.ts';
import type { RequestRecorder } from '../../../core/script/request-recorder.ts';
import type { TemplateScope, Text } from '../../data/template.ts';
import type { HttpUser } from '../connections/http-user.ts';
import type { HttpOrigin } from '../connections/origin.ts';
import type { Sender, WireRequest } from '../connections/sender.ts';
import type { CookieJar } from '../cookies/cookie-jar.ts';
import { examineDecompressed } from '../decompressed-answer.ts';
import { type Answer, type Exchange, failedOutcome, type Judge, type RequestShape } from '../exchange.ts';
import { made } from '../operation.ts';
import {
  type RedirectableRequest,
  RedirectChain,
  RedirectError,
  redirectLocation,
} from '../redirects/redirect-chain.ts';
import { originText } from '../redirects/user-agent.ts';
import { fromWire, toWire } from '../redirects/wire-form.ts';
import { HeaderBlocks } from './header-blocks.ts';
import { cookieIn } from './own-headers.ts';
import type { PendingRequest } from './pending-request.ts';
import { callError } from './request-problem.ts';
import type { RequestWriter } from './request-writer.ts';
import type { ScriptClient } from './script-client.ts';

const NO_ORIGINS: ReadonlyMap<string, HttpOrigin> = new Map();

/** The way of one virtual user's requests to one origin: one after the other, in the order in which they were asked for. */
export class Lane implements Judge {
  readonly origin: HttpOrigin;
  readonly isTraced: boolean;
  readonly #client: ScriptClient;
  readonly #context: VirtualUserContext;
  readonly #user: HttpUser;
  readonly #sender: Sender;
  readonly #writer: RequestWriter;
  readonly #blocks = new HeaderBlocks();
  readonly #scope: TemplateScope;
  readonly #requests: RequestRecorder | undefined;
  readonly #jar: CookieJar | undefined;
  /** The cookies that the driver's headers send. */
  readonly #driverCookie: Text;
  readonly #waiting: PendingRequest[] = [];
  #current: PendingRequest | undefined;
  /** Where the current request goes; another origin after a redirect. */
  #at: HttpOrigin;
  #target = '';
  /** The cookies that the script or the driver itself sends to the lane's origin; known where they may be sent again. */
  #ownCookie = '';
  /** All cookies that the request under way sends, where redirects are followed or cookies kept. */
  #cookie = '';
  #wire: WireRequest = '';
  /** Undefined until the current request is redirected. */
  #chain: RedirectChain | undefined;
  /** The request under way, once it is redirected. */
  #request: RedirectableRequest | undefined;
  /** What follows from its answer; undefined when that is the final one. */
  #redirected: RedirectableRequest | undefined;
  #isClosed = false;
  #isStarting = false;
  /** One function for all requests, so that a request makes no closure. */
  readonly #ended = (outcome: Outcome): void => {
    // One that ends while it is sent must not send the next one from within: thousands may wait, and each would be a call deeper.
    if (this.#isStarting) void Promise.resolve({ ...outcome }).then(this.#ended);
    else this.#end(outcome);
  };
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
    this.#context = user;
    this.#client = client;
    this.#user = client.http.join(user, this);
    this.#sender = this.#user.senderTo(origin);
    this.#writer = client.writerFor(origin);
    this.#scope = scope;
    this.#requests = requests;
    this.#jar = client.navigation.userAgent?.cookies?.jarOf(user);
    this.#driverCookie = client.cookieFor(origin);
  }

  /** Connects ahead of the first request. */
  open(limits: RequestShape['limits'], signal: AbortSignal): Promise<void> {
    return this.#sender.open(limits, signal);
  }

  /**
   * Sends a request as soon as those before it have ended. Once the lane is closed, its answer is of the kind `aborted`.
   * @param askedUs when the script asked for it
   */
  take(request: PendingRequest, askedUs: number): void {
    request.answer.askedUs = askedUs;
    if (this.#isClosed) this.#refuse(request);
    else if (this.#current === undefined) this.#send(request, askedUs);
    else this.#waiting.push(request);
  }

  /** Cuts off the request in flight, and those that wait for it. */
  close(): void {
    this.#isClosed = true;
    const waiting = this.#waiting.splice(0);
    this.#user.leave(this);
    this.#blocks.forget();
    for (const request of waiting) this.#refuse(request);
  }

  wantsDetail(errorKind: string): boolean {
    if (this.#requests === undefined) return this.#context.wantsDetail(errorKind);
    return this.#requests.wantsDetail((this.#current as PendingRequest).row, errorKind);
  }

  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    const { answer: taken, checks } = this.#current as PendingRequest;
    if (this.#jar !== undefined && answer.headText !== '') {
      this.#jar.take(answer.headText, this.#at.address, this.#target);
    }
    if (!exchange.ok) return;
    if (this.#client.navigation.redirects > 0) {
      const location = redirectLocation(exchange.status, answer.headText);
      if (location !== undefined) {
        this.#redirect(exchange, location, shape);
        return;
      }
    }
    taken.takeAnswer(answer, shape.keptBytes);
    if (answer.contentEncoding === '') checks.apply(exchange, answer, shape);
    else examineDecompressed(exchange, answer, shape, (plain) => checks.apply(exchange, plain, shape));
  }

  /** Prepares the request that follows, or fails the exchange when there may be none. */
  #redirect(exchange: Exchange, location: string, shape: RequestShape): void {
    const { userAgent, redirects } = this.#client.navigation;
    const home = originText(this.origin);
    this.#chain ??= new RedirectChain({ limit: redirects, origins: userAgent?.origins ?? NO_ORIGINS }, home);
    this.#request ??= fromWire(this.#wire, home);
    try {
      this.#redirected = this.#chain.next(this.#request, this.#cookie, exchange.status, location);
    } catch (error) {
      if (!(error instanceof RedirectError)) throw error;
      exchange.fail(error.kind, `${shape.label}: ${error.message}`);
    }
  }

  #send(request: PendingRequest, startUs: number): void {
    this.#current = request;
    this.#at = this.origin;
    this.#target = request.path;
    this.#chain = undefined;
    this.#request = undefined;
    this.#redirected = undefined;
    request.answer.startUs = startUs;
    try {
      if (this.#client.navigation.userAgent !== undefined) {
        this.#ownCookie = this.#cookieOf(request);
        this.#cookie = this.#cookies(this.#ownCookie);
      }
      const constant = this.#cookie === '' ? request.bytes : undefined;
      this.#wire = constant ?? this.#writer.write(request, this.#scope, this.#cookie, this.#blocks);
      const { shape, body, signal } = request;
      this.#isStarting = true;
      this.#sender.start(this, shape, this.#wire, body?.text.length ?? 0, signal, this.#ended);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isStarting = false;
    }
  }

  #cookieOf({ headers }: PendingRequest): string {
    const own = headers === undefined ? undefined : cookieIn(headers);
    return own ?? made(this.#driverCookie, this.#scope);
  }

  /** @param own what the script or the driver itself sends */
  #cookies(own: string): string {
    if (this.#jar === undefined) return own;
    const ofJar = this.#jar.header(this.#at.address, this.#target);
    return own === '' ? ofJar : (this.#client.navigation.userAgent?.cookies?.combinedCookies(own, ofJar) ?? own);
  }

  #end(outcome: Outcome): void {
    if (this.#redirected === undefined) this.#finish(outcome);
    else this.#follow(outcome).then((last) => this.#finish(last), this.#broke);
  }

  /** Follows the redirects of the current request to the last answer. */
  async #follow(first: Outcome): Promise<Outcome> {
    const { shape, signal, answer } = this.#current as PendingRequest;
    const origins = this.#client.navigation.userAgent?.origins ?? NO_ORIGINS;
    const home = originText(this.origin);
    let outcome = first;
    let { bytesSent, bytesReceived } = first;
    while (this.#redirected !== undefined) {
      if (this.#isClosed) return { ...closedOutcome(shape), bytesSent, bytesReceived };
      const request = this.#redirected;
      const { url, method, body } = request;
      this.#at = url.origin === home ? this.origin : (origins.get(url.origin) as HttpOrigin);
      this.#target = `${url.pathname}${url.search}`;
      this.#cookie = this.#cookies(this.#at === this.origin ? this.#ownCookie : '');
      this.#request = request;
      this.#redirected = undefined;
      answer.url = url.href;
      const protocol = { http2: this.#at.settings.http2, connectionPerRequest: this.#at.connectionPerRequest };
      const wire = toWire(request, this.#cookie, protocol);
      // A POST that has become a GET may be sent once more when its connection breaks.
      const sentShape = method === 'GET' && !shape.idempotent ? { ...shape, idempotent: true } : shape;
      outcome = await this.#user.senderTo(this.#at).send(this, sentShape, wire, body?.length ?? 0, signal);
      bytesSent += outcome.bytesSent;
      bytesReceived += outcome.bytesReceived;
    }
    return { ...outcome, bytesSent, bytesReceived };
  }

  #finish(outcome: Outcome): void {
    const request = this.#current as PendingRequest;
    this.#count(request, outcome);
    this.#next();
    request.resolve(request.answer);
  }

  #count({ answer, row, dueUs }: PendingRequest, outcome: Outcome): void {
    answer.takeOutcome(outcome);
    answer.endUs = this.#requests?.record(row, dueUs, answer.startUs, outcome) ?? this.origin.nowUs();
  }

  /** Ends a request that was not sent before the lane was closed. */
  #refuse(request: PendingRequest): void {
    request.answer.startUs = this.#requests?.nowUs() ?? this.origin.nowUs();
    this.#count(request, closedOutcome(request.shape));
    request.resolve(request.answer);
  }

  #fail(error: unknown): void {
    const { method, answer, reject } = this.#current as PendingRequest;
    this.#next();
    reject(callError(method, answer.url, error));
  }

  #next(): void {
    this.#current = undefined;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const startUs = this.#requests?.nowUs() ?? this.origin.nowUs();
    // It waited for the target's answer to another request, which is no delay of the load generator.
    next.dueUs += startUs - next.answer.askedUs;
    this.#send(next, startUs);
  }
}

function closedOutcome({ label }: RequestShape): Outcome {
  return failedOutcome('aborted', `${label}: the session was closed`);
}
