import type { Outcome } from '../../../core/plugin.ts';
import type { Judge, RequestShape, TimeLimits } from '../exchange.ts';

/** A request for HTTP/2. */
export interface Http2Request {
  /** With `:method`, `:scheme`, `:authority` and `:path`; names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/**
 * A request as its connection's protocol has it. For HTTP/1.1, head and body: bytes, which must not change until the
 * answer has arrived, or a string with one character per byte.
 */
export type WireRequest = string | Buffer | Http2Request;

/** Carries a virtual user's requests to one origin: its own connection, or a pool that users share. */
export interface Sender {
  /**
   * Connects ahead of the first request, outside measured time. Resolves also when that fails: the next request then
   * connects again, and says why it cannot.
   */
  open(limits: TimeLimits, signal: AbortSignal): Promise<void>;
  /**
   * Sends one request; those of one virtual user that overlap are sent one after the other.
   * @param judge the session that sends it; called before the promise resolves
   * @param request of the protocol of the origin's connections
   * @param bodyBytes how many bytes of it are body
   * @returns an outcome that is valid until the user's next request
   */
  send(
    judge: Judge,
    shape: RequestShape,
    request: WireRequest,
    bodyBytes: number,
    signal: AbortSignal,
  ): Promise<Outcome>;
  /**
   * As {@link send}, for whoever sends so much that each promise counts: a promise and its reaction cost a twentieth of a request.
   * @param ended called once, with an outcome that is valid during this call only; it may be called before `start` returns
   * @throws for a fault of the client itself; where the request has to wait first, that is an outcome of the kind `driver_threw`
   */
  start(
    judge: Judge,
    shape: RequestShape,
    request: WireRequest,
    bodyBytes: number,
    signal: AbortSignal,
    ended: (outcome: Outcome) => void,
  ): void;
  /** Cuts off the request of this session, if it has one in flight. */
  abandon(judge: Judge): void;
}
