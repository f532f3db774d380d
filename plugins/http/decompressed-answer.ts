import { DecompressionError, decompressed } from './content-coding.ts';
import type { Answer } from './exchange.ts';
import { MAX_KEPT_BYTES } from './kept-body.ts';

/** The most that a body may have once it is decompressed. */
const LIMIT_BYTES = 16 << 20;

/** An answer with a compressed body, which is decompressed when somebody first reads it. */
export class DecompressedAnswer implements Answer {
  readonly headText: string;
  readonly contentEncoding = '';
  readonly #answer: Answer;
  #text: Buffer | undefined;

  constructor(answer: Answer) {
    this.headText = answer.headText;
    this.#answer = answer;
  }

  /** @throws {DecompressionError} */
  get body(): Buffer {
    return this.#whole().subarray(0, MAX_KEPT_BYTES);
  }

  /** @throws {DecompressionError} */
  get bodyBytes(): number {
    return this.#whole().length;
  }

  #whole(): Buffer {
    const { body, bodyBytes, contentEncoding } = this.#answer;
    if (this.#text === undefined) {
      if (bodyBytes > body.length) throw new DecompressionError('it has more than 1 MiB even while it is compressed');
      this.#text = decompressed(body, contentEncoding, LIMIT_BYTES);
    }
    return this.#text;
  }
}
