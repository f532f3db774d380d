import { decompressed } from './content-coding.ts';
import { ResponseReader } from './response-reader.ts';

/** How much of a message is shown: its head, and the beginning of its body. */
export const DETAIL_HEAD_BYTES = 4096;
export const DETAIL_BODY_BYTES = 4096;
const DETAIL_BYTES = DETAIL_HEAD_BYTES + DETAIL_BODY_BYTES;
/** What a compressed body may expand to for that. */
const DECOMPRESSED_BYTES = 16 << 20;
/** Where more of it than this share is no text, nobody can read it. */
const MAX_BROKEN_SHARE = 0.1;

const HEAD_END = Buffer.from('\r\n\r\n');

/** A request of HTTP/1.1 as a person reads it. @param request bytes, or a string with one character for each */
export function requestText(request: string | Buffer): string {
  const bytes =
    typeof request === 'string'
      ? Buffer.from(request.slice(0, DETAIL_BYTES), 'latin1')
      : request.subarray(0, DETAIL_BYTES);
  const at = bytes.indexOf(HEAD_END);
  if (at < 0) return bytes.toString('latin1');
  return messageText(bytes.toString('latin1', 0, at), bytes.subarray(at + HEAD_END.length), '');
}

/**
 * An answer of HTTP/1.1 as a person reads it, from the bytes of its beginning.
 * @param bodyless the request was one whose answer has no body
 * @param body what is known of its content otherwise, without the transfer coding; empty when nothing is
 */
export function answerText(bytes: Buffer, bodyless: boolean, body: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  const reader = new ResponseReader();
  reader.expect({ bodyless, keepHead: true, keepNavigation: false, keepBody: true, memory: undefined });
  reader.read(bytes, bytes.length);
  const { headText } = reader;
  if (headText === '') return readableText(bytes);
  return messageText(headText.trimEnd(), body.length > 0 ? body : reader.body, reader.contentEncoding);
}

/** @param contentEncoding as the head says; empty when the body is not compressed */
export function messageText(head: string, body: Buffer, contentEncoding: string): string {
  const text = bodyText(body, contentEncoding);
  return text === '' ? head : `${head}\r\n\r\n${text}`;
}

function bodyText(body: Buffer, contentEncoding: string): string {
  if (contentEncoding === '') return readableText(body);
  try {
    return readableText(decompressed(body, contentEncoding, DECOMPRESSED_BYTES));
  } catch {
    // Only its beginning may be known, and that cannot be decompressed.
    return `(${contentEncoding})`;
  }
}

function readableText(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, DETAIL_BODY_BYTES);
  let broken = 0;
  for (let i = 0; i < text.length; i++) if (text[i] === '\ufffd' || text[i] === '\0') broken++;
  return broken > MAX_BROKEN_SHARE * text.length ? '(not text)' : text;
}
