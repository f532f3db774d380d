import { ApiError } from '../api-error.ts';
import type { WebAccess, WebCaller } from './access.ts';

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
