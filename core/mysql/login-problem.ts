/** Code of the errors by which we refuse a login: mysql2 passes code and message on, but not the error itself. */
export const LOGIN_REFUSED = 'login_refused';
const SUPPORTED = 'mysql_native_password, caching_sha2_password, sha256_password and ed25519';

/**
 * Why a login came to nothing before the server had judged it; continues a sentence about the server.
 * @param error what mysql2 gave
 * @returns undefined when it was something else
 */
export function loginProblem(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === LOGIN_REFUSED) return String(message);
  if (code !== 'AUTH_SWITCH_PLUGIN_ERROR') return undefined;
  const [, method] = /unknown plugin (\S*)\. See/.exec(String(message)) ?? [];
  if (method !== undefined) {
    return `it asks for the login method "${method.slice(0, 64)}", which bench does not have; give the user one of ${SUPPORTED}`;
  }
  if (/AuthMore|AuthPluginMore/.test(String(message))) return 'it broke off the login with an answer out of order';
  return `the login failed (${String(message).slice(0, 200)})`;
}
