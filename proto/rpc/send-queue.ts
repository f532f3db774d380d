import { constants, type ServerHttp2Stream } from 'node:http2';

/** More than this may not wait for a peer, beside the message that is being sent. */
export const MAX_WAITING_SEND_BYTES = 4 * 1024 * 1024;
/** What a waiting message takes beside its bytes. */
const MESSAGE_OVERHEAD_BYTES = 256;

/** One call of grpc-js, as far as messages are written to it. It hands a message on when the one before has left. */
export interface WritableCall {
  readonly writableEnded: boolean;
  write(message: Buffer, written: () => void): unknown;
}

/**
 * The messages of one call on their way to the peer, which may take them slowly or never: HTTP/2 lets it close its window.
 * What waits is bounded, and a message that cannot be encoded is left out, so that it costs itself and not the call.
 */
export class SendQueue {
  readonly #call: WritableCall;
  readonly #encode: (message: object) => Buffer;
  readonly #leftOut: (error: unknown) => void;
  readonly #stalled: () => void;
  #waitingBytes = 0;
  #isStalled = false;

  /**
   * @param leftOut called with the error for each message that cannot be encoded
   * @param stalled called once, when more waits than is allowed: whoever owns the call should cut it off
   */
  constructor(
    call: WritableCall,
    encode: (message: object) => Buffer,
    leftOut: (error: unknown) => void,
    stalled: () => void,
  ) {
    this.#call = call;
    this.#encode = encode;
    this.#leftOut = leftOut;
    this.#stalled = stalled;
  }

  /** Sends the message when those before it have left. Ignored after the end of the call. */
  push(message: object): void {
    if (this.#isStalled) return;
    if (this.#waitingBytes > MAX_WAITING_SEND_BYTES) {
      this.#isStalled = true;
      this.#stalled();
      return;
    }
    void this.#write(message, () => {});
  }

  /** Resolves when the message has left, or is left out. Never, when the call ends before. */
  send(message: object): Promise<void> {
    return new Promise((resolve) => this.#write(message, resolve));
  }

  #write(message: object, written: () => void): void {
    if (this.#call.writableEnded) return;
    let bytes: Buffer;
    try {
      bytes = this.#encode(message);
    } catch (error) {
      this.#leftOut(error);
      written();
      return;
    }
    const size = bytes.length + MESSAGE_OVERHEAD_BYTES;
    this.#waitingBytes += size;
    this.#call.write(bytes, () => {
      this.#waitingBytes -= size;
      written();
    });
  }
}

/** A call, or one of the layers that interceptors have put around its HTTP/2 stream. */
interface CallLayer {
  readonly call?: CallLayer;
  readonly nextCall?: CallLayer;
  readonly stream?: Pick<ServerHttp2Stream, 'close' | 'closed' | 'once'>;
}

/**
 * Resets the HTTP/2 stream of a call of a grpc-js server, with all that waits in it: the client sees RESOURCE_EXHAUSTED. The
 * library itself can only end a call behind its last message, which a peer that takes none never lets it do.
 */
export function cutOff(call: object): void {
  streamOf(call)?.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
}

/** Closes what is left of the HTTP/2 stream of a call that was answered with a status alone: its caller may never close its side. */
export function closeAnswered(call: object): void {
  setImmediate(() => streamOf(call)?.close(constants.NGHTTP2_NO_ERROR));
}

/** Calls back when nothing of the call is left here: all that it sent has gone out, or its caller has gone. */
export function whenClosed(call: object, callback: () => void): void {
  const stream = streamOf(call);
  if (stream === undefined || stream.closed) callback();
  else stream.once('close', callback);
}

function streamOf(call: object): CallLayer['stream'] {
  let layer: CallLayer | undefined = call as CallLayer;
  while (layer !== undefined && layer.stream === undefined) layer = layer.call ?? layer.nextCall;
  return layer?.stream;
}
