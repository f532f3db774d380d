/** What a header's name may be (RFC 9110, 5.1). */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a header's value must not contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
export const HEADER_CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
/** In lower case: the client sets these itself; a wrong value would break the connection. */
export const OWN_HEADERS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection']);
/** In lower case: headers about HTTP/1.1 connections, which make a request malformed in HTTP/2 (RFC 9113, 8.2.2). */
export const HTTP1_HEADERS: ReadonlySet<string> = new Set([
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'http2-settings',
]);
