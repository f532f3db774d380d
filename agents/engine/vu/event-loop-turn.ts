import type { Clock } from '../../../core/clock.ts';

/** How long users may go on without a turn of the event loop. */
const MAX_TURN_US = 5_000;
/** The same for a clock that stands still, as those of tests do. */
const MAX_OPERATIONS = 16_384;
/** Operations between two looks at the time; a power of two. */
const LOOK_EVERY = 64;

/**
 * Makes virtual users give way to the rest of the process. Users of a driver that answers without waiting, such as one that
 * has no descriptor left to connect with, would otherwise go on for ever in one turn of the event loop, and control would
 * hear nothing. Whether an operation waited cannot be told from outside, so that all of them count. One per agent.
 */
export class EventLoopTurn {
  readonly #clock: Pick<Clock, 'soon' | 'nowUs'>;
  #operations = 0;
  #startUs = 0;
  #isOver = false;
  #next: Promise<void> = Promise.resolve();

  constructor(clock: Pick<Clock, 'soon' | 'nowUs'>) {
    this.#clock = clock;
  }

  /** Called after each operation. @returns whether the user has to wait for {@link next} before it begins another one */
  isOver(nowUs: number): boolean {
    return this.#isOver || ((++this.#operations & (LOOK_EVERY - 1)) === 0 && this.#look(nowUs));
  }

  /** Resolves in the next turn of the event loop. */
  get next(): Promise<void> {
    return this.#next;
  }

  #look(nowUs: number): boolean {
    if (nowUs - this.#startUs < MAX_TURN_US && this.#operations < MAX_OPERATIONS) return false;
    this.#isOver = true;
    this.#next = new Promise((resolve) => {
      this.#clock.soon(() => {
        this.#isOver = false;
        this.#operations = 0;
        this.#startUs = this.#clock.nowUs();
        resolve();
      });
    });
    return true;
  }
}
