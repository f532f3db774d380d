import type { ResponseHead } from './response-head.ts';

/** After this many new heads in a row, remembering heads costs more than it saves. */
const MISSES_TO_GIVE_UP = 64;

/**
 * The last head that answered an operation. A server's heads are identical except for the second in their `Date`, and
 * comparing four bytes at a time costs a sixth of parsing.
 */
export class HeadMemory {
  /** Length of the remembered head in bytes; 0 before the first. */
  length = 0;
  /** The remembered head as text; undefined until somebody needs it, who then puts it here. */
  text: string | undefined;
  #words = new Int32Array(0);
  #misses = 0;
  #status = 0;
  #contentLength = -1;
  #transferCoded = false;
  #chunked = false;
  #keepAlive = false;
  #contentEncoding = '';
  #setsCookie = false;

  /**
   * Whether the bytes begin with the remembered head. If so, `head` is filled as if it had been parsed.
   * @param words the same memory as `bytes`, from its first byte on
   */
  recall(bytes: Uint8Array, words: Int32Array, length: number, head: ResponseHead): boolean {
    const { length: headBytes } = this;
    if (headBytes === 0 || length < headBytes) return false;
    const known = this.#words;
    const whole = headBytes >> 2;
    for (let i = 0; i < whole; i++) {
      if (words[i] !== known[i]) return false;
    }
    // The remaining bytes, three at most, belong to the empty line at the end.
    if (bytes[headBytes - 3] !== 10 || bytes[headBytes - 2] !== 13 || bytes[headBytes - 1] !== 10) return false;
    this.#misses = 0;
    head.status = this.#status;
    head.contentLength = this.#contentLength;
    head.transferCoded = this.#transferCoded;
    head.chunked = this.#chunked;
    head.keepAlive = this.#keepAlive;
    head.contentEncoding = this.#contentEncoding;
    head.setsCookie = this.#setsCookie;
    return true;
  }

  /** @param headBytes length of the head that was just parsed from `words` */
  remember(words: Int32Array, headBytes: number, head: ResponseHead): void {
    if (this.#misses >= MISSES_TO_GIVE_UP) {
      this.length = 0;
      return;
    }
    this.#misses += 1;
    const whole = headBytes >> 2;
    if (this.#words.length < whole) this.#words = new Int32Array(whole);
    for (let i = 0; i < whole; i++) this.#words[i] = words[i] as number;
    this.length = headBytes;
    this.text = undefined;
    this.#status = head.status;
    this.#contentLength = head.contentLength;
    this.#transferCoded = head.transferCoded;
    this.#chunked = head.chunked;
    this.#keepAlive = head.keepAlive;
    this.#contentEncoding = head.contentEncoding;
    this.#setsCookie = head.setsCookie;
  }
}
