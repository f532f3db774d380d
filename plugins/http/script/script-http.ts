import type { VirtualUserContext } from '../../../core/plugin.ts';
import type { Http, HttpAnswer, HttpRequestOptions } from '../../../core/script/http.ts';
import type { RequestRecorder } from '../../../core/script/request-recorder.ts';
import type { TemplateScope } from '../../data/template.ts';
import { UnreachableError } from '../connections/open-origin.ts';
import type { HttpOrigin } from '../connections/origin.ts';
import { failedOutcome } from '../exchange.ts';
import { answerChecks, DEFAULT_CHECKS } from './answer-checks.ts';
import { Lane } from './lane.ts';
import type { NamedRequests, RepeatedRequest } from './named-request.ts';
import type { PendingRequest } from './pending-request.ts';
import { bodyOf, checkOptions } from './request-options.ts';
import { callError, RequestProblem } from './request-problem.ts';
import { isAbsolute, sentPath, splitUrl, withoutQuery, withQuery } from './request-url.ts';
import { ScriptAnswer } from './script-answer.ts';
import { CutOffError, type ScriptClient } from './script-client.ts';

const METHOD = /^[A-Z][A-Z-]{0,30}$/;

/** The HTTP client of one virtual user. */
export class ScriptHttp implements Http {
  readonly #client: ScriptClient;
  readonly #user: VirtualUserContext;
  readonly #scope: TemplateScope;
  readonly #requests: RequestRecorder | undefined;
  readonly #signal: AbortSignal;
  readonly #get: NamedRequests;
  readonly #post: NamedRequests;
  /** To the target. */
  readonly #home: Lane;
  #lanes: Map<HttpOrigin, Lane> | undefined;
  #isClosed = false;
  /** Those that requests bring, each together with that of the load. */
  readonly #signals = new WeakMap<AbortSignal, AbortSignal>();
  #resolve: PendingRequest['resolve'] | undefined;
  #reject: PendingRequest['reject'] | undefined;
  /** One function for all promises, so that a request makes no closure. */
  readonly #capture = (resolve: PendingRequest['resolve'], reject: PendingRequest['reject']) => {
    this.#resolve = resolve;
    this.#reject = reject;
  };

  /**
   * @param scope for placeholders in the driver's headers
   * @param requests undefined where nobody counts requests one by one
   * @param signal cuts off what is in flight, for requests that bring none of their own
   */
  constructor(
    client: ScriptClient,
    user: VirtualUserContext,
    scope: TemplateScope,
    requests: RequestRecorder | undefined,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#user = user;
    this.#scope = scope;
    this.#requests = requests;
    this.#signal = signal;
    this.#get = client.requestsOf('GET');
    this.#post = client.requestsOf('POST');
    this.#home = this.#newLane(client.http.origin);
  }

  get(url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    return this.#call(this.#get, url, options);
  }

  head(url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    return this.#call(this.#client.requestsOf('HEAD'), url, options);
  }

  post(url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    return this.#call(this.#post, url, options);
  }

  put(url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    return this.#call(this.#client.requestsOf('PUT'), url, options);
  }

  patch(url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    return this.#call(this.#client.requestsOf('PATCH'), url, options);
  }

  delete(url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    return this.#call(this.#client.requestsOf('DELETE'), url, options);
  }

  options(url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    return this.#call(this.#client.requestsOf('OPTIONS'), url, options);
  }

  request(method: string, url: string, options?: HttpRequestOptions): Promise<HttpAnswer> {
    const upper = String(method).toUpperCase();
    if (!METHOD.test(upper)) {
      return Promise.reject(callError(method, url, new RequestProblem('the method is none such as GET')));
    }
    return this.#call(this.#client.requestsOf(upper), url, options);
  }

  /** Connects to the target ahead of the first request. */
  open(signal: AbortSignal): Promise<void> {
    return this.#home.open(this.#client.http.settings.limits, signal);
  }

  /** Cuts off what is in flight. */
  close(): void {
    this.#isClosed = true;
    this.#home.close();
    for (const lane of this.#lanes?.values() ?? []) lane.close();
  }

  #call(requests: NamedRequests, url: string, options: HttpRequestOptions | undefined): Promise<HttpAnswer> {
    try {
      if (typeof url !== 'string') throw new RequestProblem('the URL is not text');
      const repeated = options === undefined ? requests.repeated(url) : undefined;
      if (repeated !== undefined) return this.#sent(this.#home, this.#plain(requests, repeated, url));
      if (isAbsolute(url)) return this.#callElsewhere(requests, url, options);
      const ownPath = sentPath(url);
      const { basePath } = this.#client;
      const path = basePath === '' ? ownPath : basePath + ownPath;
      const request = this.#pending(requests, withoutQuery(ownPath), path, url, options);
      if (options === undefined && requests.remembersMore) {
        const bytes = this.#client.writerFor(this.#home.origin).constant(requests.method, path);
        requests.remember(url, { named: requests.at(withoutQuery(ownPath)), path, bytes });
      }
      return this.#sent(this.#home, request);
    } catch (error) {
      return Promise.reject(callError(requests.method, url, error));
    }
  }

  /** Sends a request to a whole URL, to whose server there may be no connection yet. */
  #callElsewhere(named: NamedRequests, url: string, options: HttpRequestOptions | undefined): Promise<HttpAnswer> {
    const { origin: name, path: rest } = splitUrl(url);
    const path = sentPath(rest);
    const request = this.#pending(named, name + withoutQuery(path), path, url, options);
    const origin = this.#client.known(name);
    return origin === undefined ? this.#openAndSend(name, request) : this.#sent(this.#laneTo(origin), request);
  }

  async #openAndSend(name: string, request: PendingRequest): Promise<HttpAnswer> {
    try {
      const wait = this.#requests?.wait();
      if (wait !== undefined && !(await this.#mayBegin(wait))) return refused(request);
      const origin = await this.#client.open(name, request.signal);
      return await this.#sent(this.#laneTo(origin), request);
    } catch (error) {
      const isCutOff = error instanceof CutOffError;
      if (!isCutOff && !(error instanceof UnreachableError)) {
        throw callError(request.method, request.answer.url, error);
      }
      const { answer, row, shape } = request;
      const { kind, reason } = isCutOff ? { kind: 'aborted', reason: error.message } : error.failure;
      const outcome = failedOutcome(kind, `${shape.label}: ${reason}`);
      answer.takeOutcome(outcome);
      if (this.#requests !== undefined) {
        const dueUs = this.#requests.due();
        answer.askedUs = this.#requests.askedUs;
        answer.startUs = answer.askedUs;
        answer.endUs = this.#requests.record(row, dueUs, answer.startUs, outcome);
      }
      return answer;
    }
  }

  #pending(
    requests: NamedRequests,
    ownPath: string,
    path: string,
    url: string,
    options: HttpRequestOptions | undefined,
  ): PendingRequest {
    if (options === undefined) {
      return this.#plain(requests, { named: requests.at(ownPath), path, bytes: undefined }, url);
    }
    checkOptions(options);
    const { name, query, headers, checks, tags, signal } = options;
    const named = name === undefined ? requests.at(ownPath) : requests.named(name);
    return {
      method: requests.method,
      path: query === undefined ? path : withQuery(path, query),
      headers,
      body: bodyOf(options, this.#scope.random),
      shape: named.shapeFor(options),
      checks: checks === undefined ? DEFAULT_CHECKS : answerChecks(checks),
      bytes: undefined,
      row: this.#requests?.row(named.row, requests.method, tags) ?? 0,
      signal: signal === undefined ? this.#signal : this.#withCut(signal),
      answer: new ScriptAnswer(named.shape.label, url),
      dueUs: 0,
      resolve: unset,
      reject: unset,
    };
  }

  /** A request without options. */
  #plain(requests: NamedRequests, { named, path, bytes }: RepeatedRequest, url: string): PendingRequest {
    return {
      method: requests.method,
      path,
      headers: undefined,
      body: undefined,
      shape: named.shape,
      checks: DEFAULT_CHECKS,
      bytes,
      row: this.#requests?.row(named.row, requests.method) ?? 0,
      signal: this.#signal,
      answer: new ScriptAnswer(named.shape.label, url),
      dueUs: 0,
      resolve: unset,
      reject: unset,
    };
  }

  /** A counted request that brings its own signal is cut off with the load too. */
  #withCut(own: AbortSignal): AbortSignal {
    if (this.#requests === undefined || own === this.#signal) return own;
    let both = this.#signals.get(own);
    if (both === undefined) {
      both = AbortSignal.any([own, this.#signal]);
      this.#signals.set(own, both);
    }
    return both;
  }

  #sent(lane: Lane, request: PendingRequest): Promise<HttpAnswer> {
    const promise = new Promise<HttpAnswer>(this.#capture);
    request.resolve = this.#resolve as PendingRequest['resolve'];
    request.reject = this.#reject as PendingRequest['reject'];
    const requests = this.#requests;
    const wait = requests?.wait();
    if (wait !== undefined) void this.#sendAfter(wait, lane, request);
    else this.#give(lane, request);
    return promise;
  }

  #give(lane: Lane, request: PendingRequest): void {
    const requests = this.#requests;
    if (requests === undefined) {
      lane.take(request, lane.origin.nowUs());
    } else {
      request.dueUs = requests.due();
      lane.take(request, requests.askedUs);
    }
  }

  async #sendAfter(wait: Promise<void>, lane: Lane, request: PendingRequest): Promise<void> {
    if (await this.#mayBegin(wait)) this.#give(lane, request);
    else request.resolve(refused(request));
  }

  /** @param wait what the recorder said @returns false when the load has been cut off meanwhile */
  async #mayBegin(wait: Promise<void>): Promise<boolean> {
    const requests = this.#requests as RequestRecorder;
    for (let next: Promise<void> | undefined = wait; next !== undefined; next = requests.wait()) {
      await next;
      if (requests.signal.aborted) return false;
    }
    return true;
  }

  #laneTo(origin: HttpOrigin): Lane {
    // A closed client opens no further lanes, and its first one refuses whatever comes.
    if (origin === this.#home.origin || this.#isClosed) return this.#home;
    this.#lanes ??= new Map();
    const lane = this.#lanes.get(origin) ?? this.#newLane(origin);
    this.#lanes.set(origin, lane);
    return lane;
  }

  #newLane(origin: HttpOrigin): Lane {
    return new Lane(origin, this.#client, this.#user, this.#scope, this.#requests);
  }
}

/** Until the request's promise is made. */
function unset(): never {
  throw new Error('the request has no promise yet');
}

/** A request that is not sent, because the load is cut off before it may begin. */
function refused({ answer, shape }: PendingRequest): HttpAnswer {
  answer.takeOutcome(failedOutcome('aborted', `${shape.label}: the load is over`));
  return answer;
}
