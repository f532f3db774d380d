import * as grpc from '@grpc/grpc-js';
import { whenClosed } from '../../../proto/rpc/send-queue.ts';
import type { Clock } from '../../clock.ts';
import type { Refusal } from './authentication.ts';

/** Limit of their messages. A token and a certificate request together have less than 2 kB. */
export const ANONYMOUS_MESSAGE_BYTES = 16 * 1024;
/** How many calls one connection may have open at the same time. */
const MAX_CALLS = 4;
const CALL_LIMIT_US = 10_000_000;

/** Limits the calls of callers that have not shown who they are: few calls at a time, a short time for each. */
export class AnonymousCalls {
  readonly #clock: Clock;
  /** How many calls each connection has open, by `address:port`. */
  readonly #open = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts the call, and ends it when it takes too long.
   * @returns what to do when the call has ended; or why it is not taken
   */
  begin(call: grpc.ServerInterceptingCallInterface): (() => void) | Refusal {
    const peer = call.getPeer();
    const open = this.#open.get(peer) ?? 0;
    if (open >= MAX_CALLS) {
      const details = `a connection without a certificate may have ${MAX_CALLS} calls open at the same time`;
      return { code: grpc.status.RESOURCE_EXHAUSTED, details };
    }
    this.#open.set(peer, open + 1);
    // What a call leaves here is gone only when its caller has closed its side, too.
    whenClosed(call, () => {
      const others = (this.#open.get(peer) ?? 1) - 1;
      if (others > 0) this.#open.set(peer, others);
      else this.#open.delete(peer);
    });
    const end = this.#clock.after(CALL_LIMIT_US, () => {
      const details = `the call was not done within ${CALL_LIMIT_US / 1e6} s`;
      call.sendStatus({ code: grpc.status.DEADLINE_EXCEEDED, details });
    });
    return end;
  }
}
