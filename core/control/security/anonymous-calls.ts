import * as grpc from '@grpc/grpc-js';
import type { Clock } from '../../clock.ts';

/** A token and a certificate request together have less than 2 kB. */
const MESSAGE_LIMIT_BYTES = 16 * 1024;
/** How many calls one connection may have open at the same time. */
const MAX_CALLS = 4;
const CALL_LIMIT_US = 10_000_000;

/** Internals of grpc-js, which has no option to limit the messages of a single call. */
interface Decoding {
  maxReceiveMessageSize: number;
  readonly decoder: { maxReadMessageLength: number };
}

/** Limits the calls of callers that have not shown who they are: small messages, few calls at a time, a short time for each. */
export class AnonymousCalls {
  readonly #clock: Clock;
  /** How many calls each connection has open, by `address:port`. */
  readonly #open = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Limits the size of the call's messages; to be called before anything is read.
   * @returns why the call is rejected; undefined when it is not
   */
  refusal(call: grpc.ServerInterceptingCallInterface): string | undefined {
    const decoding = call as unknown as Decoding;
    decoding.maxReceiveMessageSize = MESSAGE_LIMIT_BYTES;
    decoding.decoder.maxReadMessageLength = MESSAGE_LIMIT_BYTES;
    if ((this.#open.get(call.getPeer()) ?? 0) < MAX_CALLS) return undefined;
    return `a connection without a certificate may have ${MAX_CALLS} calls open at the same time`;
  }

  /** Counts the call until it ends, and ends it when it takes too long. */
  watched(call: grpc.ServerInterceptingCallInterface): grpc.ServerInterceptingCall {
    const peer = call.getPeer();
    this.#open.set(peer, (this.#open.get(peer) ?? 0) + 1);
    let isOpen = true;
    const cancelLimit = this.#clock.after(CALL_LIMIT_US, () => {
      end();
      call.sendStatus({
        code: grpc.status.DEADLINE_EXCEEDED,
        details: `the call was not done within ${CALL_LIMIT_US / 1e6} s`,
      });
    });
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      cancelLimit();
      const others = (this.#open.get(peer) ?? 1) - 1;
      if (others > 0) this.#open.set(peer, others);
      else this.#open.delete(peer);
    };
    const listener = new grpc.ServerListenerBuilder().withOnCancel(end).build();
    return new grpc.ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus: (status, next) => {
        end();
        next(status);
      },
    });
  }
}
