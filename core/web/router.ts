import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { addressOf, type Caller, peerOf } from '../../proto/rpc/caller.ts';
import { CallerTurns } from '../../proto/rpc/caller-turns.ts';
import { RpcError } from '../../proto/rpc/rpc-error.ts';
import type { Clock } from '../clock.ts';
import { LeakyBuckets } from '../control/security/leaky-buckets.ts';
import { StoreError } from '../control/store/run-store.ts';
import { errorMessage, unexpectedStack } from '../error.ts';
import type { Log } from '../log.ts';
import { object } from '../plan/fields.ts';
import { shown } from '../plan/messages.ts';
import { type Route, type RouteName, routes } from './api/routes.ts';
import { ApiError } from './api-error.ts';
import { type Answer, type Asked, languageOf, type WebRequest, type WebResponse } from './exchange.ts';
import type { WebAccess, WebCaller } from './gate/access.ts';
import type { HostCheck } from './gate/host-names.ts';
import { checkOrigin, hostOf, type OriginRule } from './gate/origin.ts';
import { ANONYMOUS, RequestBodies } from './request-bodies.ts';
import { sendAnswer, sendProblem } from './send.ts';
import type { OpenStreams } from './stream/open-streams.ts';

export const API_ROOT = '/api/v1';
/** Requests of one session, or without one of an address: this many at once, and then this often. */
const REQUESTS = { max: 100, intervalUs: 1e6 / 50 };

/** Answers of a session that are made or read at the same time; more of them wait. One that is read slowly stays in memory. */
const MAX_ANSWERS = 16;

export type Handlers = { readonly [Name in RouteName]: (asked: Asked) => Promise<Answer> | Answer };

export interface RouterOptions {
  readonly handlers: Handlers;
  readonly access: WebAccess;
  readonly isOwnHost: HostCheck;
  readonly origin: OriginRule;
  readonly streams: OpenStreams;
  readonly clock: Clock;
  readonly log: Log;
  /** Answers what is not of the API. */
  readonly page: (path: string, request: WebRequest, response: WebResponse) => void;
  /** Headers that every answer has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes each request to its handler, if it may come there. */
export class Router {
  readonly #options: RouterOptions;
  readonly #rates: LeakyBuckets;
  readonly #bodies: RequestBodies;
  readonly #answers = new CallerTurns(MAX_ANSWERS);

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#rates = new LeakyBuckets(options.clock, REQUESTS);
    this.#bodies = new RequestBodies(options.clock);
  }

  /** Never rejects. */
  async serve(request: WebRequest, response: WebResponse): Promise<void> {
    const { headers, log } = this.#options;
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.on('error', () => gone.abort());
    try {
      await this.#serve(request, response, gone.signal);
    } catch (error) {
      const known = apiErrorOf(error);
      if (known === undefined && !gone.signal.aborted) {
        log(`${request.method} ${pathOf(request)}: ${errorMessage(error)}`, {
          level: 'error',
          stack: unexpectedStack(error),
        });
      }
      const told = known ?? faultOf(error);
      const ownHeaders = { ...headers, ...this.#corsHeaders(request.headers) };
      sendProblem(response, told, languageOf(request), ownHeaders);
    }
  }

  async #serve(request: WebRequest, response: WebResponse, signal: AbortSignal): Promise<void> {
    const { access, handlers, isOwnHost, page, origin, headers, streams } = this.#options;
    if (!isOwnHost(hostOf(request.headers))) {
      throw new ApiError(403, 'this server has another name: ask for it by the one that it was started with');
    }
    const path = pathOf(request);
    if (path !== API_ROOT && !path.startsWith(`${API_ROOT}/`)) return page(path, request, response);
    const ownHeaders = { ...headers, ...this.#corsHeaders(request.headers) };
    if (request.method === 'OPTIONS' && 'access-control-allow-origin' in ownHeaders) {
      response.writeHead(204, { ...ownHeaders, ...PREFLIGHT });
      response.end();
      return;
    }
    const { name, route, params } = routeOf(request.method ?? 'GET', path.slice(API_ROOT.length));
    // No page of another site can have a browser send a token; a name and a password from an address it can.
    const isProgram = access.login === 'token' && /^bearer /i.test(request.headers.authorization ?? '');
    if (!isProgram) checkOrigin(request.headers, route.method !== 'GET', origin);
    const peer = peerOf(request.socket);
    const address = addressOf(peer);
    const caller = await this.#callerFor(route, request, address);
    const query = parsed(route.query ?? NO_QUERY, queryOf(request), 'query');
    const limit = route.role === 'anyone' ? ANONYMOUS : undefined;
    const body =
      route.body === undefined ? undefined : parsed(route.body, await this.#bodies.json(request, limit), 'body');
    if (route.answer === 'events') streams.admit(caller);
    const lang = languageOf(request);
    const asked: Asked = { params, query, body, caller, headers: request.headers, lang, address, signal };
    const send = async () => {
      const answer = await handlers[name](asked);
      sendAnswer(response, answer, { route, headers: ownHeaders, streams, caller, signal });
    };
    const { session } = caller;
    const isKept = session !== undefined && route.method === 'GET' && route.answer !== 'events';
    await (isKept ? this.#inTurn({ peer, certificate: session }, signal, send) : send());
  }

  /** @param signal aborted when the answer has left, or its reader has gone */
  async #inTurn(caller: Caller, signal: AbortSignal, send: () => Promise<void>): Promise<void> {
    if (!(await this.#answers.wait(caller, signal))) return;
    const end = () => this.#answers.end(caller);
    try {
      await send();
    } finally {
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    }
  }

  async #callerFor({ role, method }: Route, { headers }: WebRequest, address: string): Promise<WebCaller> {
    const { access } = this.#options;
    const caller = role === 'anyone' ? NOBODY : await access.callerOf(headers, address);
    if (access.login === 'token') this.#limit(caller?.session ?? address);
    if (caller === undefined)
      throw new ApiError(
        401,
        'log in first: ask for an invitation (`bench control invite --web`, for a program `--api`)',
      );
    if (role === 'operator' && caller.role !== 'operator') {
      const doing = method === 'GET' ? 'see' : 'do';
      throw new ApiError(403, `a viewer may not ${doing} this: ask for an invitation for the role operator`);
    }
    return caller;
  }

  #limit(sessionOrAddress: string): void {
    if (this.#rates.waitUs(sessionOrAddress) > 0) {
      throw new ApiError(429, 'too many requests: at most 50 a second', { headers: { 'retry-after': '1' } });
    }
    this.#rates.fill(sessionOrAddress);
  }

  /** Pages of the listed origins may call with a token; nobody else's may read an answer. */
  #corsHeaders({ origin }: IncomingHttpHeaders): Record<string, string> {
    if (typeof origin !== 'string' || !this.#options.origin.allowed.includes(origin)) return {};
    return { 'access-control-allow-origin': origin, 'cross-origin-resource-policy': 'cross-origin', vary: 'Origin' };
  }
}

const NO_QUERY = object({});

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Bench',
  'access-control-max-age': '600',
};

const NOBODY: WebCaller = {
  role: 'viewer',
  session: undefined,
  expiresAt: undefined,
  isWithdrawn: () => false,
};

interface Found {
  readonly name: RouteName;
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const compiled = Object.entries<Route>(routes).map(([name, route]) => ({
  name: name as RouteName,
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/** @throws {ApiError} */
function routeOf(method: string, path: string): Found {
  const here = compiled.flatMap(({ name, route, pattern }): Found[] => {
    const match = pattern.exec(path);
    return match === null ? [] : [{ name, route, params: decoded(match.groups ?? {}) }];
  });
  const found = here.find(({ route }) => route.method === method || (method === 'HEAD' && hasHead(route)));
  if (found !== undefined) return found;
  if (here.length === 0) throw new ApiError(404, `there is no ${API_ROOT}${path}: see ${API_ROOT}/openapi.json`);
  const allow = here.map(({ route }) => route.method).join(', ');
  throw new ApiError(405, `${API_ROOT}${path} takes ${allow}`, { headers: { allow } });
}

function hasHead({ method, answer }: Route): boolean {
  return method === 'GET' && answer !== 'events';
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]));
  } catch {
    throw new ApiError(400, 'the path holds a % that begins no character');
  }
}

function pathOf({ url = '/' }: WebRequest): string {
  return url.split('?', 1)[0] ?? '/';
}

/** @throws {ApiError} when a name is given twice, because one of the two would be ignored */
function queryOf({ url = '/' }: WebRequest): Record<string, string> {
  const at = url.indexOf('?');
  const given = new Map<string, string>();
  for (const [name, text] of new URLSearchParams(at < 0 ? '' : url.slice(at + 1))) {
    if (given.has(name)) throw new ApiError(400, `the query has ${shown(name)} twice: give it once`);
    given.set(name, text);
  }
  return Object.fromEntries(given);
}

function parsed(schema: z.ZodType, value: unknown, what: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.slice(0, 5).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join('.')}: ${message}`;
  });
  throw new ApiError(400, `the ${what} is not right: ${wrong.join('; ')}`);
}

/** Of a failure whose reason is for those who read control's log. */
function faultOf(error: unknown): ApiError {
  if (!(error instanceof StoreError)) {
    return new ApiError(500, 'control has a fault of its own here: its log says more');
  }
  const headers = { 'retry-after': '5' };
  return new ApiError(503, 'control cannot use its store: try again later, its log says why', { headers });
}

const STATUS_OF: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 409,
  RESOURCE_EXHAUSTED: 503,
  UNAVAILABLE: 503,
};

function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (!(error instanceof RpcError)) return undefined;
  const status = STATUS_OF[error.code];
  return status === undefined ? undefined : new ApiError(status, error.message, { cause: error });
}
