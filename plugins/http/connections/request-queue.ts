import type { Outcome } from '../../../core/plugin.ts';
import type { Abortable, AbortFanout } from '../../net/abort-fanout.ts';
import { failedOutcome, type Judge, type RequestShape } from '../exchange.ts';
import type { WireRequest } from './sender.ts';

/** A request that waits for the one before it on the same connection. */
export interface QueuedRequest {
  readonly judge: Judge;
  readonly shape: RequestShape;
  readonly request: WireRequest;
  readonly bodyBytes: number;
  readonly signal: AbortSignal;
  readonly ended: (outcome: Outcome) => void;
}

type Waiting = QueuedRequest & Abortable;

/** Requests that were asked for while another one was on its way on the same connection, in the order in which they came. */
export class RequestQueue {
  readonly #aborts: AbortFanout;
  readonly #waiting = new Set<Waiting>();

  constructor(aborts: AbortFanout) {
    this.#aborts = aborts;
  }

  /** An abort of its signal ends the wait. */
  add(request: QueuedRequest): void {
    const waiting: Waiting = { ...request, cutOff: () => this.#end(waiting, 'the run has cut it off') };
    this.#waiting.add(waiting);
    if (request.signal.aborted) waiting.cutOff();
    else this.#aborts.follow(request.signal, waiting);
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

  #end(queued: Waiting, reason: string): void {
    if (!this.#remove(queued)) return;
    queued.ended(failedOutcome('aborted', `${queued.shape.label}: ${reason}`));
  }

  #remove(queued: Waiting): boolean {
    this.#aborts.leave(queued.signal, queued);
    return this.#waiting.delete(queued);
  }
}
