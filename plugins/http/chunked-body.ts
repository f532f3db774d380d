import { TOKEN } from './response-head.ts';

const CR = 13;
const LF = 10;
const TAB = 9;
const SPACE = 32;
const COLON = 58;
const SEMICOLON = 59;
const DELETE = 127;
/** Limit for one chunk's extensions, and for all trailers together. */
const LINE_LIMIT_BYTES = 64 * 1024;

const SIZE_FIRST = 0;
const SIZE = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const DATA = 4;
const DATA_CR = 5;
const DATA_LF = 6;
const TRAILER_FIRST = 7;
const TRAILER_NAME = 8;
const TRAILER_VALUE = 9;
const TRAILER_LF = 10;
const LAST_LF = 11;
const SIZE_BLANK = 12;

/** More bytes are needed. */
export const CHUNKS_MORE = -1;
/** The bytes are not a chunked body; {@link ChunkedBody.problem} says why. */
export const CHUNKS_BROKEN = -2;

/** Receives the content of a body piece by piece. */
export interface BodySink {
  bodyData(bytes: Buffer, start: number, end: number): void;
}

/** Decodes the chunked transfer coding (RFC 9112, 7.1), however the network splits its bytes. */
export class ChunkedBody {
  /** Continues a sentence that begins with "the answer"; empty unless broken. */
  problem = '';
  #state = SIZE_FIRST;
  #left = 0;
  #lineBytes = 0;
  /** Whether a trailer line has been read. */
  #isTrailing = false;

  begin(): void {
    this.problem = '';
    this.#state = SIZE_FIRST;
    this.#left = 0;
    this.#lineBytes = 0;
    this.#isTrailing = false;
  }

  /** @returns the index after the last byte of the body, {@link CHUNKS_MORE} or {@link CHUNKS_BROKEN} */
  read(bytes: Buffer, start: number, length: number, sink: BodySink): number {
    let i = start;
    while (i < length) {
      if (this.#state === DATA) {
        const end = Math.min(length, i + this.#left);
        sink.bodyData(bytes, i, end);
        this.#left -= end - i;
        i = end;
        if (this.#left === 0) this.#state = DATA_CR;
      } else if (this.#state === LAST_LF) {
        return bytes[i] === LF ? i + 1 : this.#broken('has a chunked body that does not end in CR LF');
      } else if (!this.#step(bytes[i++] as number)) {
        return CHUNKS_BROKEN;
      }
    }
    return CHUNKS_MORE;
  }

  /** Reads one byte outside the content. @returns false when it is not allowed there */
  #step(byte: number): boolean {
    switch (this.#state) {
      case SIZE_FIRST:
      case SIZE:
        return this.#size(byte);
      case SIZE_BLANK:
        return this.#sizeEnd(byte) || this.#no('has a chunk size that is not a number');
      case EXTENSION:
        if (byte === CR) this.#state = SIZE_LF;
        else if (!this.#inLine(byte)) return false;
        return true;
      case SIZE_LF:
        this.#state = this.#left > 0 ? DATA : TRAILER_FIRST;
        this.#lineBytes = 0;
        return byte === LF || this.#no('has a chunk size that does not end in CR LF');
      case DATA_CR:
        this.#state = DATA_LF;
        return byte === CR || this.#no('has a chunk that is longer than its size');
      case DATA_LF:
        this.#state = SIZE_FIRST;
        return byte === LF || this.#no('has a chunk that does not end in CR LF');
      default:
        return this.#trailer(byte);
    }
  }

  #size(byte: number): boolean {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#left = this.#left * 16 + digit;
      this.#state = SIZE;
      // Zeros before the size do not make it larger, so they are counted too.
      this.#lineBytes += 1;
      const fits = this.#left <= Number.MAX_SAFE_INTEGER && this.#lineBytes <= LINE_LIMIT_BYTES;
      return fits || this.#no('has a chunk size that is far too large');
    }
    if (this.#state === SIZE_FIRST) return this.#no('has a chunk size that is not a number');
    return this.#sizeEnd(byte) || this.#no('has a chunk size that is not a number');
  }

  /** Some servers pad the size with blanks, and blanks may stand before an extension (RFC 9112, 7.1.1). */
  #sizeEnd(byte: number): boolean {
    if (byte === CR) this.#state = SIZE_LF;
    else if (byte === SEMICOLON) this.#state = EXTENSION;
    else if (byte === SPACE || byte === TAB) this.#state = SIZE_BLANK;
    else return false;
    return this.#inLine(byte === CR ? SPACE : byte);
  }

  #trailer(byte: number): boolean {
    switch (this.#state) {
      case TRAILER_FIRST:
        if (byte === CR) {
          this.#state = LAST_LF;
          return true;
        }
        if (this.#isTrailing && (byte === SPACE || byte === TAB)) {
          // This line continues the value of the one before it.
          this.#state = TRAILER_VALUE;
          return this.#inLine(byte);
        }
        this.#isTrailing = true;
        this.#state = TRAILER_NAME;
        return (TOKEN[byte] === 1 && this.#inLine(byte)) || this.#no('has a trailer line without a proper name');
      case TRAILER_NAME:
        if (byte === COLON) this.#state = TRAILER_VALUE;
        return ((byte === COLON || TOKEN[byte] === 1) && this.#inLine(byte)) || this.#no('has a broken trailer line');
      case TRAILER_VALUE:
        if (byte === CR) this.#state = TRAILER_LF;
        return byte === CR || this.#inLine(byte);
      default:
        this.#state = TRAILER_FIRST;
        return byte === LF || this.#no('has a trailer line that does not end in CR LF');
    }
  }

  #inLine(byte: number): boolean {
    if (byte < SPACE ? byte !== TAB : byte === DELETE) return this.#no('has a control character in its chunked body');
    this.#lineBytes += 1;
    return this.#lineBytes <= LINE_LIMIT_BYTES || this.#no('has chunk extensions or trailers of more than 64 KiB');
  }

  #no(problem: string): false {
    if (this.problem === '') this.problem = problem;
    return false;
  }

  #broken(problem: string): typeof CHUNKS_BROKEN {
    this.problem = problem;
    return CHUNKS_BROKEN;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
