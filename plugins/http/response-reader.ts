import { KeptBody, MAX_KEPT_BYTES } from '../../core/text/kept-body.ts';
import { MAX_INTERIM_ANSWERS } from '../net/header-rules.ts';
import { type BodySink, CHUNKS_BROKEN, CHUNKS_MORE, ChunkedBody } from './chunked-body.ts';
import type { HeadMemory } from './head-memory.ts';
import { HEAD_BROKEN, HEAD_INCOMPLETE, ResponseHead } from './response-head.ts';

export const READ_MORE = 0;
export const READ_COMPLETE = 1;
/** {@link ResponseReader.failure} and {@link ResponseReader.problem} say why. */
export const READ_FAILED = 2;
export type ReadState = typeof READ_MORE | typeof READ_COMPLETE | typeof READ_FAILED;

const HEAD_LIMIT_BYTES = 64 * 1024;
/** Up to this size an incomplete head is parsed with each read, so that garbage is reported at once and not at the timeout. */
const HEAD_CHECKED_BYTES = 4096;

/** A line break within a header value, which stands for a blank (RFC 9112, 5.2). */
const FOLD = /[ \t]*\r\n[ \t]+/g;
const HEAD_END = Buffer.from('\r\n\r\n');
const HEAD_TOO_LARGE = 'has more than 64 KiB of header';
const TOO_MANY_INTERIM = `has more than ${MAX_INTERIM_ANSWERS} interim ones before it`;
const NO_BYTES = Buffer.alloc(0);

/** Which part of the response is expected next. */
const HEAD = 0;
const COUNTED = 1;
const UNTIL_CLOSE = 2;
const CHUNKED = 3;
type Part = typeof HEAD | typeof COUNTED | typeof UNTIL_CLOSE | typeof CHUNKED;

/** Which parts of a response are needed. */
export interface Wanted {
  /** The answer has no body, whatever its head says: the method is HEAD. */
  readonly bodyless: boolean;
  readonly keepHead: boolean;
  /** The head of an answer that sets cookies or redirects is kept in any case. */
  readonly keepNavigation: boolean;
  readonly keepBody: boolean;
  /** How much of the body is kept, in bytes. */
  readonly keptBytes?: number;
  /** The memory of the operation's answers; without one, each head is parsed. */
  readonly memory: HeadMemory | undefined;
}

const NOTHING_WANTED: Wanted = {
  bodyless: false,
  keepHead: false,
  keepNavigation: false,
  keepBody: false,
  memory: undefined,
};

/** Whether an answer says where a browser goes next, or what it must remember. */
export function navigates(status: number, setsCookie: boolean): boolean {
  return setsCookie || (status >= 300 && status < 400);
}

/**
 * Reads the responses of one connection, one after another, however the network splits their bytes. The caller may reuse
 * the buffer after `read` has returned and the response has been processed.
 */
export class ResponseReader implements BodySink {
  readonly head = new ResponseHead();
  /** Bytes of content received, without chunk sizes. */
  bodyBytes = 0;
  /** Whether a byte of this response has arrived. */
  started = false;
  /** The error kind; empty unless failed. */
  failure = '';
  /** Continues a sentence that begins with "the answer"; empty unless failed. */
  problem = '';
  /** Status line and header lines, each header in one line, when {@link Wanted} asks for them. */
  headText = '';

  #wanted = NOTHING_WANTED;
  #part: Part = HEAD;
  #interim = 0;
  #left = 0;
  /** Length of a final head that began at the first byte of the buffer; 0 otherwise. */
  #headBytes = 0;
  #pending = NO_BYTES;
  #chunks: ChunkedBody | undefined;
  /** A body that arrived in one piece needs no copy. */
  #body: Buffer | undefined;
  #kept: KeptBody | undefined;

  get contentEncoding(): string {
    return this.head.contentEncoding;
  }

  /** Called before each request. */
  expect(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#part = HEAD;
    this.#interim = 0;
    this.started = false;
    this.bodyBytes = 0;
    this.failure = '';
    this.headText = '';
    this.#pending = NO_BYTES;
    this.#body = undefined;
    this.#kept?.clear();
  }

  /** The beginning of the content, as much as {@link Wanted} asks for; valid until the next `read` or `expect`. */
  get body(): Buffer {
    return this.#body ?? this.#kept?.bytes ?? NO_BYTES;
  }

  /**
   * @param length how many of `bytes` count
   * @param words the same memory as `bytes`, from its first byte on
   */
  read(bytes: Buffer, length: number, words?: Int32Array): ReadState {
    this.started = true;
    if (this.#part !== HEAD) return this.#readBody(bytes, 0, length);
    if (this.#pending.length > 0) return this.#readPending(bytes, length);
    const { memory } = this.#wanted;
    if (memory === undefined || words === undefined) return this.#readHead(bytes, length);
    if (memory.recall(bytes, words, length, this.head)) {
      if (this.#keepsHead) {
        memory.text ??= headTextOf(bytes, 0, memory.length);
        this.headText = memory.text;
      } else {
        this.headText = '';
      }
      return this.#beginBody(bytes, memory.length, length);
    }
    const state = this.#readHead(bytes, length);
    if (this.#headBytes > 0) memory.remember(words, this.#headBytes, this.head);
    return state;
  }

  /** The server has closed its side. */
  end(): ReadState {
    if (this.#part === UNTIL_CLOSE) return READ_COMPLETE;
    const missing =
      this.#part === COUNTED ? ` after ${this.bodyBytes} of ${this.bodyBytes + this.#left} body bytes` : '';
    return this.#fail(
      'connection_closed',
      this.started ? `broke off${missing}` : 'never came: the server closed the connection',
    );
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    if (this.#wanted.keepBody) {
      this.#kept ??= new KeptBody();
      this.#kept.append(bytes, start, end, this.#wanted.keptBytes);
    }
    this.bodyBytes += end - start;
  }

  #readHead(bytes: Buffer, length: number): ReadState {
    let start = 0;
    this.#headBytes = 0;
    for (;;) {
      const view = start === 0 ? bytes : bytes.subarray(start, length);
      const headBytes = this.head.parse(view, length - start);
      if (headBytes === HEAD_INCOMPLETE) return this.#keepPending(bytes, start, length);
      if (headBytes === HEAD_BROKEN) return this.#fail('protocol_error', this.head.problem);
      if (headBytes > HEAD_LIMIT_BYTES) return this.#fail('header_too_large', HEAD_TOO_LARGE);
      start += headBytes;
      const { status } = this.head;
      if (status === 101) return this.#fail('protocol_error', 'switches to a protocol that was not asked for');
      if (status >= 200) {
        this.#headBytes = start === headBytes ? headBytes : 0;
        return this.#headRead(bytes, start - headBytes, start, length);
      }
      // This is an interim answer (RFC 9110, 15.2): the final one follows.
      this.#interim += 1;
      if (this.#interim > MAX_INTERIM_ANSWERS) return this.#fail('protocol_error', TOO_MANY_INTERIM);
      if (start === length) return READ_MORE;
    }
  }

  #headRead(bytes: Buffer, start: number, end: number, length: number): ReadState {
    this.headText = this.#keepsHead ? headTextOf(bytes, start, end) : '';
    return this.#beginBody(bytes, end, length);
  }

  get #keepsHead(): boolean {
    const { keepHead, keepNavigation } = this.#wanted;
    return keepHead || (keepNavigation && navigates(this.head.status, this.head.setsCookie));
  }

  #beginBody(bytes: Buffer, start: number, length: number): ReadState {
    const { head } = this;
    if (this.#wanted.bodyless || head.status === 204 || head.status === 304) return this.#complete(start, length);
    if (head.contentLength >= 0) {
      const end = start + head.contentLength;
      if (end <= length) {
        this.bodyBytes = head.contentLength;
        if (this.#wanted.keepBody)
          this.#body = bytes.subarray(start, Math.min(end, start + (this.#wanted.keptBytes ?? MAX_KEPT_BYTES)));
        return this.#complete(end, length);
      }
      this.#part = COUNTED;
      this.#left = head.contentLength;
    } else if (head.chunked) {
      this.#part = CHUNKED;
      this.#chunks ??= new ChunkedBody();
      this.#chunks.begin();
    } else {
      this.#part = UNTIL_CLOSE;
      head.keepAlive = false;
    }
    return this.#readBody(bytes, start, length);
  }

  #readBody(bytes: Buffer, start: number, length: number): ReadState {
    if (this.#part === CHUNKED) {
      const chunks = this.#chunks as ChunkedBody;
      const end = chunks.read(bytes, start, length, this);
      if (end === CHUNKS_BROKEN) return this.#fail('protocol_error', chunks.problem);
      return end === CHUNKS_MORE ? READ_MORE : this.#complete(end, length);
    }
    const end = this.#part === COUNTED ? Math.min(length, start + this.#left) : length;
    this.bodyData(bytes, start, end);
    if (this.#part === UNTIL_CLOSE) return READ_MORE;
    this.#left -= end - start;
    return this.#left === 0 ? this.#complete(end, length) : READ_MORE;
  }

  #complete(end: number, length: number): ReadState {
    if (end < length)
      return this.#fail('protocol_error', `is followed by ${length - end} more bytes that do not belong to it`);
    this.#part = HEAD;
    return READ_COMPLETE;
  }

  #fail(kind: string, problem: string): ReadState {
    this.failure = kind;
    this.problem = problem;
    return READ_FAILED;
  }

  /** Keeps an incomplete head until more bytes arrive. */
  #keepPending(bytes: Buffer, start: number, length: number): ReadState {
    if (length - start > HEAD_LIMIT_BYTES) return this.#fail('header_too_large', HEAD_TOO_LARGE);
    this.#pending = Buffer.from(bytes.subarray(start, length));
    return READ_MORE;
  }

  #readPending(bytes: Buffer, length: number): ReadState {
    const before = this.#pending.length;
    const all = Buffer.concat([this.#pending, bytes.subarray(0, length)]);
    this.#pending = NO_BYTES;
    const worthParsing = all.length <= HEAD_CHECKED_BYTES || all.indexOf(HEAD_END, Math.max(0, before - 3)) >= 0;
    return worthParsing ? this.#readHead(all, all.length) : this.#keepPending(all, 0, all.length);
  }
}

/** Status line and header lines, each header in one line. */
function headTextOf(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('latin1', start, end);
  // Looking for the beginning of a line that goes on is many times as fast as replacing what is hardly ever there.
  return text.includes('\r\n ') || text.includes('\r\n\t') ? text.replaceAll(FOLD, ' ') : text;
}
