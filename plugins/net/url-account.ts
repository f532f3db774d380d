import { PluginError } from '../../core/plugin.ts';
import { decoded } from '../../core/secrets/database-url.ts';
import { isHttpUrl } from './http-url.ts';

/**
 * What `fetch` takes of a URL whose references have their values. Node's refuses one with user and password, so they go into a header
 * (RFC 7617).
 * @throws {PluginError} when it is no http URL: Bun and Deno fetch files too
 */
export function withoutAccount(text: string): { plainUrl: string; headers: Record<string, string> } {
  const url = URL.parse(text);
  if (url === null || !isHttpUrl(text)) throw new PluginError('the url is no http URL');
  if (url.username === '' && url.password === '') return { plainUrl: text, headers: {} };
  const account = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = '';
  url.password = '';
  return { plainUrl: url.href, headers: { authorization: `Basic ${Buffer.from(account).toString('base64')}` } };
}
