import type { Caller } from '../../../proto/rpc/caller.ts';
import { CallerTurns } from '../../../proto/rpc/caller-turns.ts';
import type { Clock } from '../../clock.ts';

/** How much one caller may fetch at the same time. Of each result or file, one piece is in memory, and files are open. */
const MAX_OF_ONE_CALLER = 8;
/** A caller that takes nothing of a piece for this long is cut off. */
const STALL_LIMIT_US = 30_000_000;

/** What a download has to know of the call that it answers. */
export interface DownloadCall extends Caller {
  readonly signal: AbortSignal;
  /** Ends the call with all that waits in it. */
  readonly cutOff: () => void;
}

/**
 * Limits how much callers that fetch results or files, and perhaps read none of them, keep in memory and open: a few of each caller at
 * a time, the others wait their turn, and whoever stalls loses its turn.
 */
export class Downloads {
  readonly #clock: Clock;
  readonly #turns = new CallerTurns(MAX_OF_ONE_CALLER);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Yields the messages once it is the download's turn. */
  async *inTurn<Message>(
    call: DownloadCall,
    messages: AsyncIterable<Message>,
  ): AsyncGenerator<Message, void, undefined> {
    const { signal, cutOff } = call;
    if (!(await this.#turns.wait(call, signal))) return;
    let cancel = () => {};
    try {
      for await (const message of messages) {
        if (signal.aborted) return;
        cancel = this.#clock.after(STALL_LIMIT_US, cutOff);
        yield message;
        cancel();
      }
    } finally {
      cancel();
      this.#turns.end(call);
    }
  }
}
