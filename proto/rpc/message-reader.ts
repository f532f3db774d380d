import type { ServerHttp2Stream } from 'node:http2';
import type * as grpc from '@grpc/grpc-js';
import { addressOf } from './caller.ts';
import type { MessageHolder, MessageMemory } from './message-memory.ts';

const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;

/** A byte that says whether the message is compressed, and four of its length. */
const HEAD_BYTES = 5;
/** Of a message that is no larger the buffer has its size at once: to grow it takes longer than to receive it. */
const SMALL_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** The layer of a call of grpc-js that reads from the HTTP/2 stream, as far as it is replaced here. */
interface ReadingLayer {
  readonly stream: Pick<ServerHttp2Stream, 'pause' | 'resume' | 'once'>;
  readonly handler: { readonly type: string; deserialize(bytes: Buffer): unknown };
  readonly listener: { onReceiveHalfClose(): void; onReceiveMessage(message: unknown): void };
  checkCancelled(): boolean;
  handleDataFrame(data: Buffer): void;
  handleEndEvent(): void;
  startRead(): void;
}

type ReadingCall = ReadingLayer & grpc.ServerInterceptingCallInterface;

/**
 * Takes the place of how grpc-js reads the messages of a call, which keeps a message in as many pieces as it comes in, takes apart
 * all that has come before its handler asks for more, and expands any number of compressed messages at the same time. Here a message
 * that is not complete is in one buffer, no larger than twice what has come of it or 64 kB; what comes while the handler is behind stays as it
 * came, and the stream is not read meanwhile; and compressed messages are refused: no caller of ours sends any.
 */
export class MessageReader implements MessageHolder {
  /** The largest message that is taken. */
  limitBytes: number;
  readonly #call: ReadingCall;
  readonly #memory: MessageMemory;
  /** What has come and was not looked at yet. */
  #rest: Buffer = NOTHING;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  /** The part that has come of a message that is not complete; longer than that. */
  #body: Buffer = NOTHING;
  #bodyBytes = 0;
  /** How large the requests are that the handler keeps to the end of the call. */
  #requestBytes = 0;
  #isAsked = false;
  #isReading = false;
  #hasEnded = false;
  #isClosed = false;

  /** @param call as the first interceptor of a server gets it */
  constructor(call: grpc.ServerInterceptingCallInterface, memory: MessageMemory, limitBytes: number) {
    this.limitBytes = limitBytes;
    this.#memory = memory;
    this.#call = call as ReadingCall;
    this.#call.handleDataFrame = (data) => this.#came(data);
    this.#call.handleEndEvent = () => {
      this.#hasEnded = true;
      this.#read();
    };
    this.#call.startRead = () => {
      this.#isAsked = true;
      this.#read();
    };
    this.#call.stream.once('close', () => this.#close());
  }

  /** By address, with a certificate too: one invitation brings any number of them. */
  get caller(): string {
    return addressOf(this.#call.getPeer());
  }

  crowdOut(): void {
    const details =
      'what this caller sends takes the most of the memory for messages, which is full: send less at the same time';
    this.#refuse(RESOURCE_EXHAUSTED, details);
  }

  #came(data: Buffer): void {
    if (this.#isOver()) return;
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    this.#read();
  }

  /** Whether nobody waits for messages. The library then reads what still comes, and throws it away, for the sake of other calls. */
  #isOver(): boolean {
    if (!this.#isClosed && this.#call.checkCancelled()) this.#close();
    return this.#isClosed;
  }

  /** Hands on what is asked for, as far as it has come. A handler may ask for the next message while it is given one. */
  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isAsked && !this.#isOver() && this.#handOn());
    this.#isReading = false;
    if (this.#isOver()) return;
    this.#memory.hold(this, this.#rest.length + this.#body.length + this.#requestBytes);
    if (this.#isOver()) return;
    if (this.#isAsked) this.#call.stream.resume();
    else this.#call.stream.pause();
  }

  /** @returns whether something was there to hand on */
  #handOn(): boolean {
    const bytes = this.#nextMessage();
    if (this.#isClosed || (bytes === undefined && !this.#hasEnded)) return false;
    this.#isAsked = false;
    if (bytes === undefined) {
      this.#hasEnded = false;
      this.#call.listener.onReceiveHalfClose();
      return true;
    }
    let message: unknown;
    try {
      message = this.#call.handler.deserialize(bytes);
    } catch {
      this.#refuse(INTERNAL, 'a message that cannot be read');
      return false;
    }
    if (this.#call.handler.type !== 'bidi') this.#requestBytes += bytes.length;
    this.#call.listener.onReceiveMessage(message);
    return true;
  }

  /** @returns undefined when it has not come to its end */
  #nextMessage(): Buffer | undefined {
    this.#headBytes += this.#take(this.#head, this.#headBytes, HEAD_BYTES);
    if (this.#headBytes < HEAD_BYTES) return undefined;
    const length = this.#head.readUInt32BE(1);
    if (this.#head[0] !== 0) this.#refuse(UNIMPLEMENTED, 'compressed messages are not taken: send them uncompressed');
    else if (length > this.limitBytes) {
      this.#refuse(RESOURCE_EXHAUSTED, `a message of ${length} bytes, where at most ${this.limitBytes} are taken`);
    }
    if (this.#isClosed) return undefined;
    const wanted = Math.min(length, this.#bodyBytes + this.#rest.length);
    if (wanted > this.#body.length) {
      const capacity = Math.min(length, Math.max(wanted, 2 * this.#body.length, SMALL_BYTES));
      const larger = Buffer.allocUnsafe(capacity);
      this.#body.copy(larger, 0, 0, this.#bodyBytes);
      this.#body = larger;
    }
    this.#bodyBytes += this.#take(this.#body, this.#bodyBytes, length);
    if (this.#bodyBytes < length) return undefined;
    const message = this.#body;
    this.#forget();
    return message;
  }

  /** Moves what has come into the buffer, up to this place of it. @returns how many bytes that are */
  #take(buffer: Buffer, from: number, to: number): number {
    const count = this.#rest.copy(buffer, from, 0, to - from);
    this.#rest = count < this.#rest.length ? this.#rest.subarray(count) : NOTHING;
    return count;
  }

  #forget(): void {
    this.#headBytes = 0;
    this.#body = NOTHING;
    this.#bodyBytes = 0;
  }

  #refuse(code: grpc.status, details: string): void {
    if (this.#isClosed) return;
    this.#close();
    this.#call.sendStatus({ code, details });
  }

  #close(): void {
    this.#isClosed = true;
    this.#forget();
    this.#rest = NOTHING;
    this.#requestBytes = 0;
    this.#memory.hold(this, 0);
  }
}
