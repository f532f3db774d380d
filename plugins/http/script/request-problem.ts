import { shown } from '../../../core/plan/messages.ts';
import { PluginError } from '../../../core/plugin.ts';

/** Why a call is no request that can be sent. The message continues a sentence that begins with the call. */
export class RequestProblem extends Error {}

const METHODS_WITH_FUNCTION: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** What a call rejects with: a sentence about the call where the script is to blame, and otherwise the error itself. */
export function callError(method: string, url: unknown, error: unknown): unknown {
  if (!(error instanceof RequestProblem)) return error;
  // A user name and a password are no part of a message.
  const where = shown(typeof url === 'string' ? url.replace(/\/\/[^/?#@]*@/, '//…@') : url);
  const call = METHODS_WITH_FUNCTION.has(method)
    ? `http.${method.toLowerCase()}(${where})`
    : `http.request(${shown(method)}, ${where})`;
  return new PluginError(`${call}: ${error.message}`);
}
