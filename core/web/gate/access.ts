import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../api-error.ts';

/** Who makes a request. */
export interface WebCaller {
  readonly role: 'viewer' | 'operator';
  /** What its requests and streams are counted by; undefined where nobody logs in. */
  readonly session: string | undefined;
  /** RFC 3339; undefined where nobody logs in. */
  readonly expiresAt: string | undefined;
  /** Asked again while a stream is open. */
  readonly isWithdrawn: () => boolean;
}

export interface LoggedIn {
  readonly caller: WebCaller;
  /** To be sent as `Set-Cookie`. */
  readonly cookie: string;
}

/** Decides who may come in. */
export interface WebAccess {
  readonly login: 'none' | 'token';
  /**
   * @param address of the peer
   * @returns undefined for whoever has to log in first
   * @throws {ApiError} for a token that is not accepted
   */
  callerOf(headers: IncomingHttpHeaders, address: string): Promise<WebCaller | undefined>;
  /** @throws {ApiError} */
  logIn(token: string, address: string): Promise<LoggedIn>;
  /** @returns what to send as `Set-Cookie` */
  logOut(headers: IncomingHttpHeaders): Promise<string>;
}

const OPERATOR: WebCaller = {
  role: 'operator',
  session: undefined,
  expiresAt: undefined,
  isWithdrawn: () => false,
};

/** On loopback nobody logs in: everybody on this machine is an operator. */
export const loopbackAccess: WebAccess = {
  login: 'none',
  callerOf: async () => OPERATOR,
  logIn: () => Promise.reject(new ApiError(404, 'nobody logs in here: this server answers only its own machine')),
  logOut: () => Promise.reject(new ApiError(404, 'nobody logs in here: this server answers only its own machine')),
};
