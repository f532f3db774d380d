import { decoded } from '../../core/secrets/database-url.ts';

/** Node's `fetch` refuses a URL with user and password, so they go into a header (RFC 7617). */
export function withoutAccount(text: string): { plainUrl: string; headers: Record<string, string> } {
  const url = URL.parse(text);
  if (url === null || (url.username === '' && url.password === '')) return { plainUrl: text, headers: {} };
  const account = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = '';
  url.password = '';
  return { plainUrl: url.href, headers: { authorization: `Basic ${Buffer.from(account).toString('base64')}` } };
}
