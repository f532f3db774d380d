import * as grpc from '@grpc/grpc-js';
import type { Clock } from '../../clock.ts';

/** A token and a certificate request have less than 2 kB. */
const MESSAGE_LIMIT_BYTES = 16 * 1024;
/** Calls that one connection may have open at once. */
const MOST_CALLS = 4;
const CALL_LIMIT_US = 10_000_000;

/** What grpc-js decodes a call with; it has no option for one service. */
interface Decoding {
  maxReceiveMessageSize: number;
  readonly decoder: { maxReadMessageLength: number };
}

/** Calls of those who have no certificate: small, few and short, whatever they want. */
export class AnonymousCalls {
  readonly #time: Clock;
  /** Open calls by connection. */
  readonly #open = new Map<string, number>();

  constructor(time: Clock) {
    this.#time = time;
  }

  /** Before anything of the call is read. @returns why it cannot be taken */
  refusal(call: grpc.ServerInterceptingCallInterface): string | undefined {
    const decoding = call as unknown as Decoding;
    decoding.maxReceiveMessageSize = MESSAGE_LIMIT_BYTES;
    decoding.decoder.maxReadMessageLength = MESSAGE_LIMIT_BYTES;
    if ((this.#open.get(call.getPeer()) ?? 0) < MOST_CALLS) return undefined;
    return `a connection without a certificate may have ${MOST_CALLS} calls open at once`;
  }

  /** Counts the call until its end, and ends it when it takes too long. */
  watched(call: grpc.ServerInterceptingCallInterface): grpc.ServerInterceptingCall {
    const peer = call.getPeer();
    this.#open.set(peer, (this.#open.get(peer) ?? 0) + 1);
    let isOpen = true;
    const cancelLimit = this.#time.after(CALL_LIMIT_US, () => {
      end();
      call.sendStatus({ code: grpc.status.DEADLINE_EXCEEDED, details: `not done within ${CALL_LIMIT_US / 1e6} s` });
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
