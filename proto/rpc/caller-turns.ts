import { type Caller, keyOf } from './caller.ts';

interface Turns {
  underWay: number;
  readonly waiting: (() => void)[];
}

/** Lets each caller have so much under way at the same time: what one of them asks for must not take control from the others. */
export class CallerTurns {
  readonly #most: number;
  readonly #callers = new Map<string, Turns>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when it is the call's turn, with false when the call ends before. With true, {@link end} is to be called once. */
  wait(caller: Caller, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.begin(caller)) return Promise.resolve(true);
    const { waiting } = this.#of(caller);
    return new Promise((resolve) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(begin), 1);
        resolve(false);
      };
      waiting.push(begin);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** @returns false when the caller has as much under way as it may; with true, {@link end} is to be called once */
  begin(caller: Caller): boolean {
    const own = this.#of(caller);
    if (own.underWay >= this.#most) return false;
    own.underWay++;
    return true;
  }

  /** The turn goes to the call of this caller that has waited longest. */
  end(caller: Caller): void {
    const own = this.#of(caller);
    const next = own.waiting.shift();
    if (next !== undefined) next();
    else if (--own.underWay <= 0) this.#callers.delete(keyOf(caller));
  }

  #of(caller: Caller): Turns {
    const key = keyOf(caller);
    const own = this.#callers.get(key) ?? { underWay: 0, waiting: [] };
    this.#callers.set(key, own);
    return own;
  }
}
