import type { Clock } from '../../../core/clock.ts';

/** Something that may have an operation under way for too long. */
export interface Swept {
  /** Called in each tick. @param nowUs on the clock of the sweep */
  look(nowUs: number): void;
}

const COARSEST_US = 1_000_000;
const FINEST_US = 10_000;
/** Ticks within the shortest limit, so that it is found a tenth of itself late while the event loop has its turns. */
const TICKS_PER_LIMIT = 10;

/**
 * Looks at all operations under way in ticks of at most a second, so that none needs a timer of its own. Limits count by the clock,
 * whatever holds the event loop up. But after a tick that comes late the next one is waited for, once: what has arrived meanwhile is
 * read in that time, and an answer that only the agent was late for is no failure of the target. One per engine.
 */
export class OperationSweep {
  readonly #clock: Pick<Clock, 'after' | 'nowUs'>;
  readonly #members = new Set<Swept>();
  #tickUs = COARSEST_US;
  #hasWaited = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after' | 'nowUs'>) {
    this.#clock = clock;
  }

  /** Makes ticks short enough for a limit. Called before {@link start}. @param limitUs microseconds */
  suit(limitUs: number): void {
    this.#tickUs = Math.max(FINEST_US, Math.min(this.#tickUs, Math.floor(limitUs / TICKS_PER_LIMIT)));
  }

  add(member: Swept): void {
    this.#members.add(member);
  }

  remove(member: Swept): void {
    this.#members.delete(member);
  }

  start(): void {
    const dueUs = this.#clock.nowUs() + this.#tickUs;
    this.#cancel = this.#clock.after(this.#tickUs, () => {
      const nowUs = this.#clock.nowUs();
      this.#hasWaited = nowUs - dueUs > this.#tickUs && !this.#hasWaited;
      if (!this.#hasWaited) for (const member of this.#members) member.look(nowUs);
      if (this.#cancel !== undefined) this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
