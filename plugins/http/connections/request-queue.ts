import type { Outcome } from '../../../core/plugin.ts';
import type { Abortable, AbortFanout } from '../../net/abort-fanout.ts';
import { failedOutcome, type Judge, type RequestShape } from '../exchange.ts';
import type { WireRequest } from './sender.ts';

/** A request that waits for the one before it on the same connection. */
export interface QueuedRequest extends Abortable {
  readonly judge: Judge;
  readonly shape: RequestShape;
  readonly request: WireRequest;
  readonly bodyBytes: number;
  readonly signal: AbortSignal;
  readonly resolve: (outcome: Outcome | Promise<Outcome>) => void;
}

/** Requests that were asked for while another one was on its way on the same connection, in the order in which they came. */
export class RequestQueue {
  readonly #aborts: AbortFanout;
  readonly #waiting = new Set<QueuedRequest>();

  constructor(aborts: AbortFanout) {
    this.#aborts = aborts;
  }

  /** @returns what comes of the request; an abort of its signal ends the wait */
  add(
    judge: Judge,
    shape: RequestShape,
    request: WireRequest,
    bodyBytes: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return new Promise((resolve) => {
      const cutOff = () => this.#end(queued, 'the run has cut it off');
      const queued: QueuedRequest = { judge, shape, request, bodyBytes, signal, resolve, cutOff };
      this.#waiting.add(queued);
      if (signal.aborted) cutOff();
      else this.#aborts.follow(signal, queued);
    });
  }

  /** The one that waits longest, which waits no longer. */
  next(): QueuedRequest | undefined {
    const [queued] = this.#waiting;
    if (queued !== undefined) this.#remove(queued);
    return queued;
  }

  /** Ends the waiting requests of this session as aborted; those of all sessions without one. */
  abandon(judge?: Judge): void {
    for (const queued of this.#waiting) {
      if (judge === undefined || queued.judge === judge) this.#end(queued, 'the session was closed');
    }
  }

  #end(queued: QueuedRequest, reason: string): void {
    if (!this.#remove(queued)) return;
    queued.resolve(failedOutcome('aborted', `${queued.shape.label}: ${reason}`));
  }

  #remove(queued: QueuedRequest): boolean {
    this.#aborts.leave(queued.signal, queued);
    return this.#waiting.delete(queued);
  }
}
