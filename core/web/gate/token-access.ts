import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../clock.ts';
import { InvitationError, type Invitations } from '../../control/security/invitations.ts';
import { KeyedMutex } from '../../control/security/keyed-mutex.ts';
import { FAILED_TOKENS, LeakyBuckets } from '../../control/security/leaky-buckets.ts';
import type { Role } from '../../control/security/role.ts';
import { ApiError } from '../api-error.ts';
import type { LoggedIn, WebAccess, WebCaller } from './access.ts';
import { type WebSession, WebSessions } from './web-sessions.ts';

/** The prefix has browsers take it only over TLS, for this host alone and all of its paths. */
const COOKIE = '__Host-bench';
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Strict';
const MAX_TOKEN_LENGTH = 100;

/** Knows callers by sessions, which people get for the token of an invitation, and programs by such a token itself. */
export class TokenAccess implements WebAccess {
  readonly login = 'token';
  readonly #book: Invitations;
  readonly #clock: Clock;
  readonly #sessions: WebSessions;
  readonly #failures: LeakyBuckets;
  readonly #attempts = new KeyedMutex();

  /** @param folder control's security folder */
  constructor(folder: string, book: Invitations, clock: Clock) {
    this.#book = book;
    this.#clock = clock;
    this.#sessions = new WebSessions(folder, clock);
    this.#failures = new LeakyBuckets(clock, FAILED_TOKENS);
  }

  async callerOf(headers: IncomingHttpHeaders, address: string): Promise<WebCaller | undefined> {
    const { authorization } = headers;
    if (authorization !== undefined) return this.#bearer(authorization, address);
    const secret = cookieOf(headers);
    const session = secret === undefined ? undefined : await this.#sessions.of(secret);
    if (session === undefined || this.#book.isRevoked(session.invitation)) return undefined;
    return this.#callerWith(session);
  }

  async logIn(token: string, address: string): Promise<LoggedIn> {
    const { id, role } = await this.#holderOf(token, 'web', address);
    const { secret, session } = await this.#sessions.begin(id, role);
    return { caller: this.#callerWith(session), cookie: `${COOKIE}=${secret}; ${ATTRIBUTES}; Max-Age=43200` };
  }

  async logOut(headers: IncomingHttpHeaders): Promise<string> {
    const secret = cookieOf(headers);
    if (secret !== undefined) await this.#sessions.end(secret);
    return `${COOKIE}=; ${ATTRIBUTES}; Max-Age=0`;
  }

  async #bearer(authorization: string, address: string): Promise<WebCaller> {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw new ApiError(401, 'the header Authorization must be `Bearer` and a token');
    const { id, role, expiresAt } = await this.#holderOf(token, 'api', address);
    return {
      role,
      session: id,
      expiresAt,
      isWithdrawn: () => this.#book.isRevoked(id) || Date.parse(expiresAt) <= this.#clock.epochMs(),
    };
  }

  #callerWith(session: WebSession): WebCaller {
    return {
      role: session.role,
      session: session.hash,
      expiresAt: new Date(session.expiresAtMs).toISOString(),
      isWithdrawn: () => {
        if (this.#book.isRevoked(session.invitation) || this.#sessions.isOver(session)) return true;
        this.#sessions.use(session);
        return false;
      },
    };
  }

  /** Attempts of one address run one after the other: many at the same time would all pass the limit. */
  #holderOf(token: string, use: 'web' | 'api', address: string) {
    return this.#attempts.run(address, async () => {
      const waitUs = this.#failures.waitUs(address);
      if (waitUs > 0) {
        const headers = { 'retry-after': String(Math.ceil(waitUs / 1e6)) };
        throw new ApiError(429, `too many tokens from ${address} were not accepted: try again later`, { headers });
      }
      try {
        if (token.length > MAX_TOKEN_LENGTH) throw new InvitationError('the token is too long');
        const holder = await this.#book.holderOf(token, use, this.#clock.epochMs());
        return { ...holder, role: webRole(holder.role) };
      } catch (error) {
        if (!(error instanceof InvitationError)) throw error;
        this.#failures.fill(address);
        throw new ApiError(401, error.message, { cause: error });
      }
    });
  }
}

/** Agents are invited with certificates alone. */
function webRole(role: Role): WebCaller['role'] {
  if (role === 'agent') throw new ApiError(403, 'an invitation for an agent opens no page');
  return role;
}

function cookieOf({ cookie }: IncomingHttpHeaders): string | undefined {
  for (const pair of cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === COOKIE) return value;
  }
  return undefined;
}
