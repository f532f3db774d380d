/** How much of a body is kept where nobody asks for more or less; the rest is only counted. */
export const MAX_KEPT_BYTES = 1024 * 1024;

const FIRST_BYTES = 4096;
const NO_BYTES = Buffer.alloc(0);

/**
 * The beginning of a body, collected piece by piece in one buffer: a server may send a body byte by byte, and an object
 * for each piece would take hundreds of times the memory of the bytes.
 */
export class KeptBody {
  #buffer = NO_BYTES;
  #length = 0;

  clear(): void {
    this.#length = 0;
    // A buffer that one large answer has needed is not kept for thousands of small ones.
    if (this.#buffer.length > FIRST_BYTES) this.#buffer = NO_BYTES;
  }

  /** Copies the bytes from `start` to `end`, as far as there is room for them. @param limit in bytes, for the whole body */
  append(bytes: Buffer, start: number, end: number, limit = MAX_KEPT_BYTES): void {
    const count = Math.min(end - start, limit - this.#length);
    if (count <= 0) return;
    if (this.#length + count > this.#buffer.length) this.#grow(this.#length + count, limit);
    bytes.copy(this.#buffer, this.#length, start, start + count);
    this.#length += count;
  }

  /** Copies a whole piece. @returns false when there is no room for it: the body has more than `limit` bytes */
  take(piece: Uint8Array, limit: number): boolean {
    const { buffer, byteOffset, byteLength } = piece;
    if (this.#length + byteLength > limit) return false;
    this.append(Buffer.from(buffer, byteOffset, byteLength), 0, byteLength, limit);
    return true;
  }

  /** What has been kept; valid until the next `append` or `clear`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(needed: number, limit: number): void {
    let size = Math.max(FIRST_BYTES, this.#buffer.length);
    while (size < needed) size *= 2;
    const larger = Buffer.allocUnsafeSlow(Math.min(size, limit));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
