import { KeptBody } from '../../core/text/kept-body.ts';

/** A flag and the length of the message (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
export const PREFIX_BYTES = 5;

const NO_BYTES = Buffer.alloc(0);

/**
 * Puts the prefix before a message. Whoever makes messages in buffers of their own leaves {@link PREFIX_BYTES} free for it, and
 * copies nothing.
 * @param frame its first bytes are overwritten; the rest is the message
 */
export function writePrefix(frame: Buffer): Buffer {
  frame[0] = 0;
  frame.writeUInt32BE(frame.length - PREFIX_BYTES, 1);
  return frame;
}

/** @param parts of one message, in their order */
export function messageFrame(...parts: readonly Uint8Array[]): Buffer {
  return writePrefix(Buffer.concat([Buffer.alloc(PREFIX_BYTES), ...parts]));
}

/** What is wrong with the bytes of an answer. */
export interface FrameFault {
  readonly status: 'INTERNAL' | 'RESOURCE_EXHAUSTED';
  /** Continues a sentence. */
  readonly reason: string;
}

const fault = (reason: string, status: FrameFault['status'] = 'INTERNAL'): FrameFault => ({ status, reason });

/** What of an answer is wanted. */
export interface FrameOptions {
  /** Whether anybody wants the message; otherwise its bytes are only counted. */
  readonly keepMessage: boolean;
  /** How many bytes it may have. */
  readonly maxAnswerBytes: number;
  /** What that follows from, after "more than", for people. */
  readonly answerLimit: string;
}

/** Reads the one message of an answer, in whatever pieces its bytes come. */
export class FrameReader {
  /** Bytes of the message so far. */
  messageBytes = 0;
  readonly #keep: boolean;
  readonly #most: number;
  readonly #limit: string;
  /** The message, where it came in one piece, as most do. */
  #whole: Buffer = NO_BYTES;
  #kept: KeptBody | undefined;
  #prefix: Buffer = NO_BYTES;
  #length = -1;

  constructor({ keepMessage, maxAnswerBytes, answerLimit }: FrameOptions) {
    this.#keep = keepMessage;
    this.#most = maxAnswerBytes;
    this.#limit = answerLimit;
  }

  /** The whole message; empty where it is not kept. */
  get message(): Buffer {
    return this.#kept?.bytes ?? this.#whole;
  }

  /** @param bytes are kept as they are: they must not change later */
  read(bytes: Buffer): FrameFault | undefined {
    let rest = bytes;
    if (this.#length < 0) {
      if (this.#prefix.length > 0) rest = Buffer.concat([this.#prefix, rest]);
      if (rest.length < PREFIX_BYTES) {
        this.#prefix = rest;
        return undefined;
      }
      if (rest[0] !== 0) return fault('the answer is compressed, which it was not asked to be');
      this.#length = rest.readUInt32BE(1);
      if (this.#length > this.#most) {
        const reason = `the answer has ${this.#length} bytes, more than ${this.#limit} (${this.#most})`;
        return fault(reason, 'RESOURCE_EXHAUSTED');
      }
      rest = rest.subarray(PREFIX_BYTES);
    }
    this.messageBytes += rest.length;
    if (this.messageBytes > this.#length) return fault('the answer is more than one message');
    if (!this.#keep || rest.length === 0) return undefined;
    if (rest.length === this.#length) this.#whole = rest;
    else {
      this.#kept ??= new KeptBody();
      this.#kept.append(rest, 0, rest.length, this.#length);
    }
    return undefined;
  }

  /** The answer has ended well. */
  end(): FrameFault | undefined {
    if (this.#length < 0) return fault('the answer has no message');
    if (this.messageBytes === this.#length) return undefined;
    return fault(`the answer ended after ${this.messageBytes} of the ${this.#length} bytes of its message`);
  }
}
