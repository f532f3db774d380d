const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const DELETE = 127;
/** Length of the shortest beginning that tells the status: `HTTP/1.1 200` and one more byte. */
const STATUS_LINE_BYTES = 13;
const PREFIX = Buffer.from('HTTP/1.');

/** 1 for each byte that a header name may contain (`token`, RFC 9110, 5.6.2). */
export const TOKEN: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte)) && byte < 128 ? 1 : 0,
);

/** The head is not complete yet: more bytes are needed. */
export const HEAD_INCOMPLETE = 0;
/** The bytes are not the head of a response; {@link ResponseHead.problem} says why. */
export const HEAD_BROKEN = -1;

/**
 * What a client must know about a response's head to find the end of the body (RFC 9112). It is as strict as Node's own
 * parser. It works on the bytes and creates no strings, because it runs once per request.
 */
export class ResponseHead {
  status = 0;
  /** −1 when the head does not state it. */
  contentLength = -1;
  /** The response has a `Transfer-Encoding`. */
  transferCoded = false;
  /** The last transfer coding is `chunked`. */
  chunked = false;
  /** The server allows another request on the connection. */
  keepAlive = false;
  /** How the content is compressed: the codings in the order in which they were applied; empty when it is not. */
  contentEncoding = '';
  /** The response sets a cookie at least. */
  setsCookie = false;
  /** Continues a sentence that begins with "the answer"; empty unless broken. */
  problem = '';

  #close = false;
  #keep = false;

  /**
   * @param bytes begins with the head; bytes after it are ignored
   * @param length how many of `bytes` count
   * @returns the head's length in bytes, {@link HEAD_INCOMPLETE} or {@link HEAD_BROKEN}
   */
  parse(bytes: Buffer, length: number): number {
    this.status = 0;
    this.contentLength = -1;
    this.transferCoded = false;
    this.chunked = false;
    this.contentEncoding = '';
    this.setsCookie = false;
    this.problem = '';
    this.#close = false;
    this.#keep = false;
    if (!beginsWithPrefix(bytes, length)) return this.#broken('does not begin with HTTP/1.1');
    if (length < STATUS_LINE_BYTES) return HEAD_INCOMPLETE;
    const minor = bytes[7] as number;
    if ((minor !== 48 && minor !== 49) || bytes[8] !== SPACE) return this.#broken('does not begin with HTTP/1.1');
    for (let i = 9; i < 12; i++) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) return this.#broken('has a status that is not a number');
      this.status = this.status * 10 + digit;
    }
    if (this.status < 100) return this.#broken('has a status below 100');
    if (bytes[12] !== SPACE && bytes[12] !== CR) return this.#broken('has a status of more than three digits');
    const end = this.#lines(bytes, length);
    if (end > 0) {
      if (this.transferCoded && this.contentLength >= 0) {
        return this.#broken('has both Content-Length and Transfer-Encoding');
      }
      this.keepAlive = minor === 49 ? !this.#close : this.#keep && !this.#close;
    }
    return end;
  }

  /** The rest of the status line and the header lines, up to and with the empty one. */
  #lines(bytes: Buffer, length: number): number {
    let i = STATUS_LINE_BYTES - 1;
    let inStatusLine = true;
    // The reason phrase has no meaning for a client.
    while (i < length && bytes[i] !== CR && bytes[i] !== LF) i++;
    for (;;) {
      // At the end of a line: CR, LF.
      if (i >= length) return HEAD_INCOMPLETE;
      if (bytes[i] !== CR) return this.#broken('has a header line with a control character');
      if (++i >= length) return HEAD_INCOMPLETE;
      if (bytes[i] !== LF) return this.#broken('has a header line that does not end in CR LF');
      if (++i >= length) return HEAD_INCOMPLETE;
      if (bytes[i] === CR) {
        if (++i >= length) return HEAD_INCOMPLETE;
        return bytes[i] === LF ? i + 1 : this.#broken('has a header line that does not end in CR LF');
      }
      if (isBlank(bytes[i])) {
        // This line continues the value of the one before it (RFC 9112, 5.2).
        if (inStatusLine) return this.#broken('has a header line without a proper name');
        i = valueEnd(bytes, i, length);
        continue;
      }
      inStatusLine = false;
      const name = i;
      while (i < length && TOKEN[bytes[i] as number] === 1) i++;
      if (i >= length) return HEAD_INCOMPLETE;
      if (bytes[i] !== COLON || i === name) return this.#broken('has a header line without a proper name');
      const nameBytes = i - name;
      do i++;
      while (i < length && isBlank(bytes[i]));
      const value = i;
      i = valueEnd(bytes, i, length);
      if (nameBytes === 14 || nameBytes === 17 || nameBytes === 10 || nameBytes === 16) {
        // The byte after the line end tells whether the value goes on in the next line.
        if (i + 2 >= length) return HEAD_INCOMPLETE;
        if (isBlank(bytes[i + 2])) {
          i = foldedEnd(bytes, i, length);
          if (i + 2 >= length) return HEAD_INCOMPLETE;
          const line = unfolded(bytes, name, i);
          if (!this.#take(line, 0, nameBytes, value - name, line.length)) return HEAD_BROKEN;
        } else if (bytes[i] === CR && !this.#take(bytes, name, nameBytes, value, i)) return HEAD_BROKEN;
      }
    }
  }

  /** Reads a header that decides where the body ends, whether the connection stays open, or how the answer is read. */
  #take(bytes: Buffer, name: number, nameBytes: number, value: number, end: number): boolean {
    if (nameBytes === 14 && spells(bytes, name, 'content-length')) return this.#takeLength(bytes, value, end);
    if (nameBytes === 17 && spells(bytes, name, 'transfer-encoding')) {
      const codings = lowerText(bytes, value, end).split(',');
      this.transferCoded = true;
      this.chunked = codings.at(-1)?.trim() === 'chunked';
    } else if (nameBytes === 10 && spells(bytes, name, 'connection')) {
      // Many servers send this header with each answer, so the two usual values must not create a string.
      if (end - value === 10 && spells(bytes, value, 'keep-alive')) this.#keep = true;
      else if (end - value === 5 && spells(bytes, value, 'close')) this.#close = true;
      else this.#takeConnection(lowerText(bytes, value, end));
    } else if (nameBytes === 10 && spells(bytes, name, 'set-cookie')) {
      this.setsCookie = true;
    } else if (nameBytes === 16 && spells(bytes, name, 'content-encoding')) {
      const codings = lowerText(bytes, value, end).trim();
      this.contentEncoding = this.contentEncoding === '' ? codings : `${this.contentEncoding}, ${codings}`;
    }
    return true;
  }

  #takeConnection(options: string): void {
    for (const option of options.split(',')) {
      if (option.trim() === 'close') this.#close = true;
      else if (option.trim() === 'keep-alive') this.#keep = true;
    }
  }

  #takeLength(bytes: Buffer, value: number, end: number): boolean {
    let first = value;
    let last = end;
    while (first < last && isBlank(bytes[first])) first++;
    while (last > first && isBlank(bytes[last - 1])) last--;
    let contentLength = 0;
    for (let i = first; i < last; i++) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) return this.#refuse('has a Content-Length that is not a number');
      contentLength = contentLength * 10 + digit;
    }
    if (last === first) return this.#refuse('has an empty Content-Length');
    if (contentLength > Number.MAX_SAFE_INTEGER) return this.#refuse('has a Content-Length that is far too large');
    if (this.contentLength >= 0) return this.#refuse('has two Content-Lengths');
    this.contentLength = contentLength;
    return true;
  }

  #refuse(problem: string): false {
    this.problem = problem;
    return false;
  }

  #broken(problem: string): typeof HEAD_BROKEN {
    this.problem = problem;
    return HEAD_BROKEN;
  }
}

function beginsWithPrefix(bytes: Buffer, length: number): boolean {
  for (let i = 0; i < length && i < PREFIX.length; i++) {
    if (bytes[i] !== PREFIX[i]) return false;
  }
  return true;
}

/** Index of the first byte from `from` on that a header value must not contain (RFC 9110, 5.5); `length` if there is none. */
function valueEnd(bytes: Buffer, from: number, length: number): number {
  let i = from;
  for (; i < length; i++) {
    const byte = bytes[i] as number;
    if (byte < SPACE ? byte !== TAB : byte === DELETE) break;
  }
  return i;
}

/** The end of a value that continues in one line or more, from the end of its first line on. */
function foldedEnd(bytes: Buffer, from: number, length: number): number {
  let i = from;
  while (i + 2 < length && bytes[i] === CR && bytes[i + 1] === LF && isBlank(bytes[i + 2])) {
    i = valueEnd(bytes, i + 2, length);
  }
  return i;
}

/** A copy of a header in one line, with blanks in place of the line ends within its value. */
function unfolded(bytes: Buffer, start: number, end: number): Buffer {
  const line = Buffer.from(bytes.subarray(start, end));
  for (let i = 0; i < line.length; i++) if (line[i] === CR || line[i] === LF) line[i] = SPACE;
  return line;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function spells(bytes: Buffer, start: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    if (((bytes[start + i] as number) | 32) !== lower.charCodeAt(i)) return false;
  }
  return true;
}

function lowerText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end).toLowerCase();
}
