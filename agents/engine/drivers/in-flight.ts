import type { Outcome } from '../../../core/plugin.ts';

type End = (outcome: Outcome) => void;

/**
 * The operation in flight of one session, which may be ended without what the driver says of it. Nothing is made for an operation
 * but the promise that stands for the driver's.
 */
export class InFlight {
  #beganUs = 0;
  /** Both undefined while there is none. */
  #resolve: End | undefined;
  #reject: ((error: unknown) => void) | undefined;

  /** @returns what `sent` gives, unless the operation is forgotten before */
  limited(sent: Promise<Outcome>, nowUs: number): Promise<Outcome> {
    this.#beganUs = nowUs;
    const ended = new Promise<Outcome>(this.#take);
    sent.then(this.#answered, this.#failed);
    return ended;
  }

  /** Whether there is one, and it began at this time or before. */
  isUnderWaySince(us: number): boolean {
    return this.#resolve !== undefined && this.#beganUs <= us;
  }

  /** The time until now does not count. */
  beginsAt(nowUs: number): void {
    this.#beganUs = nowUs;
  }

  /** Hears no more of it. @returns what ends it */
  forget(): End {
    const end = this.#resolve as End;
    this.#resolve = undefined;
    this.#reject = undefined;
    return end;
  }

  readonly #take = (resolve: End, reject: (error: unknown) => void): void => {
    this.#resolve = resolve;
    this.#reject = reject;
  };

  readonly #answered = (outcome: Outcome): void => {
    const end = this.#resolve;
    this.#resolve = undefined;
    this.#reject = undefined;
    end?.(outcome);
  };

  readonly #failed = (error: unknown): void => {
    const end = this.#reject;
    this.#resolve = undefined;
    this.#reject = undefined;
    end?.(error);
  };
}
