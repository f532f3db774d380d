import { MAX_KEPT_BYTES } from '../../core/text/kept-body.ts';
import { DecompressionError, decompressed } from './content-coding.ts';
import type { Answer, Exchange, RequestShape } from './exchange.ts';

/** The most that a body may have once it is decompressed, unless more is to be kept. */
export const MAX_DECOMPRESSED_BYTES = 16 << 20;

/** An answer with a compressed body, which is decompressed when somebody first reads it. */
export class DecompressedAnswer implements Answer {
  readonly headText: string;
  readonly contentEncoding = '';
  readonly #answer: Answer;
  readonly #keptBytes: number;
  #text: Buffer | undefined;

  /** @param keptBytes the most of the decompressed body that is examined */
  constructor(answer: Answer, keptBytes: number) {
    this.headText = answer.headText;
    this.#answer = answer;
    this.#keptBytes = keptBytes;
  }

  /** @throws {DecompressionError} */
  get body(): Buffer {
    return this.#whole().subarray(0, this.#keptBytes);
  }

  /** @throws {DecompressionError} */
  get bodyBytes(): number {
    return this.#whole().length;
  }

  #whole(): Buffer {
    const { body, bodyBytes, contentEncoding } = this.#answer;
    if (this.#text === undefined) {
      if (bodyBytes > body.length)
        throw new DecompressionError('it has more bytes than are kept, even while it is compressed');
      this.#text = decompressed(body, contentEncoding, Math.max(this.#keptBytes, MAX_DECOMPRESSED_BYTES));
    }
    return this.#text;
  }
}

/** Examines a compressed answer. Fails the exchange when its body is needed and cannot be decompressed. */
export function examineDecompressed(
  exchange: Exchange,
  answer: Answer,
  shape: RequestShape,
  examine: (answer: Answer) => void,
): void {
  try {
    examine(new DecompressedAnswer(answer, shape.keptBytes ?? MAX_KEPT_BYTES));
  } catch (error) {
    if (!(error instanceof DecompressionError)) throw error;
    exchange.fail('decompression_failed', `${shape.label}: the body cannot be decompressed: ${error.message}`);
  }
}
