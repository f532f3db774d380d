import type { Clock } from '../../clock.ts';

/** How much one caller may fetch at the same time. Of each result or file, one piece is in memory, and files are open. */
const MAX_OF_ONE_CALLER = 8;
/** A caller that takes nothing of a piece for this long is cut off. */
const STALL_LIMIT_US = 30_000_000;

/** What a download has to know of the call that it answers. */
export interface DownloadCall {
  /** Whose turn it is. */
  readonly caller: string;
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
  /** By caller: how many downloads are under way, and what waits for one of them to end. */
  readonly #callers = new Map<string, { underWay: number; readonly waiting: (() => void)[] }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Yields the messages once it is the download's turn. */
  async *inTurn<Message>(
    { caller, signal, cutOff }: DownloadCall,
    messages: AsyncIterable<Message>,
  ): AsyncGenerator<Message, void, undefined> {
    if (!(await this.#turn(caller, signal))) return;
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
      this.#end(caller);
    }
  }

  /** Resolves when it is the call's turn, with false when the call ends before. */
  #turn(caller: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    const own = this.#callers.get(caller) ?? { underWay: 0, waiting: [] };
    this.#callers.set(caller, own);
    if (own.underWay < MAX_OF_ONE_CALLER) {
      own.underWay++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = () => {
        own.waiting.splice(own.waiting.indexOf(begin), 1);
        resolve(false);
      };
      own.waiting.push(begin);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** The turn goes to the one that has waited longest. */
  #end(caller: string): void {
    const own = this.#callers.get(caller);
    const next = own?.waiting.shift();
    if (next !== undefined) next();
    else if (own !== undefined && --own.underWay === 0) this.#callers.delete(caller);
  }
}
