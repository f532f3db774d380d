import { BenchError, type ErrorDetails } from '../core/error.ts';

/** A message that breaks the protocol's rules; the message says which field and why. */
export class WireError extends BenchError {
  override readonly name = 'WireError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('protocol_broken', message, details);
  }
}

/** Kinds of a field's encoding (https://protobuf.dev/programming-guides/encoding/#structure). */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a Protocol Buffers message field by field, without an object for each nested message. Every read is checked against
 * the end of the nested message that it is in. `BinaryReader` of @bufbuild/protobuf knows only the end of the whole message, and
 * takes longer for a window all the same: it has no arrays of the right length.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** End of the message, or of the nested message that is being read. */
  #end: number;
  #hasSkipped = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Reads a field's tag: its number is `tag >>> 3`, its kind `tag & 7`. */
  tag(): number {
    return this.uint32();
  }

  /** Reads a number. Of a longer one it returns the low 32 bits, as all readers do. */
  uint32(): number {
    const bytes = this.#bytes;
    let byte = this.#next();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = bytes[this.#at] ?? 0;
      this.#take(1);
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new WireError('a window has a number of more than ten bytes');
  }

  /**
   * Reads the numbers of a packed field, into an array that is as long as they need: one that grows takes half as long again.
   * @param before what earlier parts of the field had: it may come in several
   * @returns all of it; `before` itself unless it is empty
   */
  packed(before: number[]): number[] {
    const length = this.uint32();
    const end = this.#take(length) + length;
    const bytes = this.#bytes;
    let at = end - length;
    let count = 0;
    for (let i = at; i < end; i++) if ((bytes[i] as number) < 0x80) count++;
    const numbers = new Array<number>(count);
    for (let i = 0; at < end; i++) {
      const byte = bytes[at++] as number;
      if (byte < 0x80) numbers[i] = byte;
      else {
        const second = bytes[at] as number;
        if (second < 0x80 && at < end) {
          numbers[i] = (byte & 0x7f) | (second << 7);
          at++;
        } else {
          at = this.#long(at - 1, end, numbers, i);
        }
      }
    }
    if (before.length === 0) return numbers;
    for (const number of numbers) before.push(number);
    return before;
  }

  double(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, true);
  }

  text(): string {
    const length = this.uint32();
    const at = this.#take(length);
    try {
      return utf8.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw new WireError('a window has a text that is not UTF-8');
    }
  }

  /** Enters a nested message: until {@link leave}, its end is the end. @returns the end to pass to `leave` */
  enter(): number {
    const length = this.uint32();
    const outerEnd = this.#end;
    if (this.#at + length > outerEnd) throw new WireError(CUT_OFF);
    this.#end = this.#at + length;
    return outerEnd;
  }

  /** Leaves the nested message. Called at its end. */
  leave(outerEnd: number): void {
    this.#end = outerEnd;
  }

  /** Whether the message has fields that are not known here: {@link skip} was called. */
  get hasSkipped(): boolean {
    return this.#hasSkipped;
  }

  /** Skips a field that is not known here. */
  skip(tag: number): void {
    this.#hasSkipped = true;
    const kind = tag & 7;
    if (tag >>> 3 === 0) throw new WireError('a window has a field of number 0');
    if (kind === VARINT) this.uint32();
    else if (kind === FIXED64) this.#take(8);
    else if (kind === LENGTH_DELIMITED) this.#take(this.uint32());
    else if (kind === FIXED32) this.#take(4);
    else throw new WireError(`a window has a field of kind ${kind}, which is not known`);
  }

  /** Reads a number of three bytes or more into this place. @returns where it ends */
  #long(from: number, end: number, numbers: number[], place: number): number {
    const after = this.#at;
    const outerEnd = this.#end;
    this.#at = from;
    this.#end = end;
    numbers[place] = this.uint32();
    const at = this.#at;
    this.#at = after;
    this.#end = outerEnd;
    return at;
  }

  #next(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  /** Advances by this many bytes. @returns where they begin */
  #take(count: number): number {
    const at = this.#at;
    this.#at = at + count;
    if (this.#at > this.#end) throw new WireError(CUT_OFF);
    return at;
  }
}

const CUT_OFF = 'a window is cut off';
