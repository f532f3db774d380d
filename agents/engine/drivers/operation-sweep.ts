import type { Clock } from '../../../core/clock.ts';

/** Something that may have an operation under way for too long. */
export interface Swept {
  /** Called in each tick. */
  look(tick: number): void;
}

const COARSEST_US = 1_000_000;
const FINEST_US = 10_000;
/** Ticks within the shortest limit, so that it is found a fifth of itself late at the most. */
const TICKS_PER_LIMIT = 10;

/**
 * Looks at all operations under way in ticks of at most a second, so that none needs a timer of its own. An event loop that was
 * held up makes one tick late and none be missed: time in which no answer could be read counts in no limit. One per engine.
 */
export class OperationSweep {
  /** The current tick, from 1. */
  tick = 1;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #members = new Set<Swept>();
  #tickUs = COARSEST_US;
  #cancel: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Makes ticks short enough for a limit. Called before {@link start}. @param limitUs microseconds */
  suit(limitUs: number): void {
    this.#tickUs = Math.max(FINEST_US, Math.min(this.#tickUs, Math.floor(limitUs / TICKS_PER_LIMIT)));
  }

  /** How many ticks have certainly taken this long. Asked after {@link suit} was called for all limits. */
  ticksOf(limitUs: number): number {
    // What began within a tick has lasted for less than the ticks since then.
    return Math.ceil(limitUs / this.#tickUs) + 1;
  }

  add(member: Swept): void {
    this.#members.add(member);
  }

  remove(member: Swept): void {
    this.#members.delete(member);
  }

  start(): void {
    this.#cancel = this.#clock.after(this.#tickUs, () => {
      this.tick++;
      for (const member of this.#members) member.look(this.tick);
      if (this.#cancel !== undefined) this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
