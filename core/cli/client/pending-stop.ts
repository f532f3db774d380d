import { RunState } from '../../../proto/gen/bench/v1/run_pb.ts';

/** Of a run that nobody has told to end. */
const UNTOLD: readonly RunState[] = [
  RunState.QUEUED,
  RunState.WAITING_FOR_AGENTS,
  RunState.PREPARING,
  RunState.RUNNING,
];

interface Wish {
  readonly reason: string;
  readonly abort: boolean;
}

/** The wish to end a run. A control that was away when it was said, or was killed after it, is told again. */
export class PendingStop {
  readonly #tell: (wish: Wish) => Promise<unknown>;
  #wish: Wish | undefined;
  #isTaken = false;
  #telling: Promise<unknown> = Promise.resolve();

  /** @param tell rejects when control did not hear it */
  constructor(tell: (wish: Wish) => Promise<unknown>) {
    this.#tell = tell;
  }

  get isWanted(): boolean {
    return this.#wish !== undefined;
  }

  /** Whether the control that is there knows of it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** @param abort cuts off what is in flight */
  want(reason: string, abort: boolean): void {
    this.#wish = { reason, abort };
    this.#isTaken = false;
    this.#say(this.#wish);
  }

  /** Control is away: it may have forgotten. */
  lost(): void {
    this.#isTaken = false;
  }

  /**
   * Control is there, and says how the run stands.
   * A stop that it knows of is not said again: control takes a second one as the wish to cut off.
   */
  async heard(state: RunState): Promise<void> {
    await this.#telling;
    if (this.#wish === undefined || this.#isTaken) return;
    if (this.#wish.abort || UNTOLD.includes(state)) this.#say(this.#wish);
  }

  #say(wish: Wish): void {
    const told = this.#tell(wish).then(
      () => {
        if (wish === this.#wish) this.#isTaken = true;
      },
      () => {},
    );
    this.#telling = Promise.all([this.#telling, told]);
  }
}
