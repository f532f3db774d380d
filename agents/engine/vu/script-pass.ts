import { TIMER_RESOLUTION_US, type UserContext } from './user-context.ts';

const NEVER = new Promise<void>(() => {});

/**
 * The time of one virtual user's script: when its next request is due, how long it has paused, and whether it may go on. All
 * that the script does is measured by this one.
 */
export class ScriptPass {
  readonly #context: UserContext;
  readonly #untilOpen: () => Promise<void>;
  /** When what the script does next is due. */
  #dueUs = 0;
  /** Whether that time was set beforehand, by the load model or a pause, so that all delay is the generator's. */
  #isDueFixed = false;
  #pausedUs = 0;
  #wasCut = false;
  #isAbandoned = false;
  #needsTurn = false;
  #opening: Promise<void> | undefined;
  askedUs = 0;

  /** @param untilOpen resolves when the load is not paused */
  constructor(context: UserContext, untilOpen: () => Promise<void>) {
    this.#context = context;
    this.#untilOpen = untilOpen;
  }

  /** How long the script has paused since {@link begin}, and the load with it. */
  get pausedUs(): number {
    return this.#pausedUs;
  }

  /** Whether something of the pass was cut off, or refused, because the load was. */
  get wasCut(): boolean {
    return this.#wasCut;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  begin(dueUs: number): void {
    this.#dueUs = dueUs;
    this.#isDueFixed = true;
    this.#pausedUs = 0;
    this.#wasCut = false;
  }

  abandon(): void {
    this.#isAbandoned = true;
  }

  /** See `RequestRecorder.wait`. */
  wait(): Promise<void> | undefined {
    const { cut, pauseLatch } = this.#context;
    return this.#needsTurn || cut.aborted || pauseLatch.isClosed ? this.#waiting() : undefined;
  }

  #waiting(): Promise<void> {
    const { clock, cut, pauseLatch, turn } = this.#context;
    if (this.#isAbandoned) return NEVER;
    if (cut.aborted) {
      this.#wasCut = true;
      return new Promise((resolve) => {
        clock.soon(resolve);
      });
    }
    if (pauseLatch.isClosed) {
      this.#opening ??= this.#whileClosed();
      return this.#opening;
    }
    this.#needsTurn = false;
    return turn.next;
  }

  async #whileClosed(): Promise<void> {
    const { clock } = this.#context;
    const closedUs = clock.nowUs();
    await this.#untilOpen();
    this.#opening = undefined;
    this.#pausedUntil(closedUs, clock.nowUs());
  }

  /** See `RequestRecorder.due`. */
  due(): number {
    const nowUs = this.#context.clock.nowUs();
    this.askedUs = nowUs;
    return this.#dueAt(nowUs);
  }

  /**
   * What a script awaits itself, such as a timer, is neither pause nor delay: after it, a request is due when the script asks.
   * Up to a timer's resolution, the time since the last request is put down to the generator.
   */
  #dueAt(nowUs: number): number {
    const isLate = nowUs - this.#dueUs > TIMER_RESOLUTION_US && !this.#isDueFixed;
    this.#isDueFixed = false;
    return isLate ? nowUs : this.#dueUs;
  }

  /** A request or a span has ended. */
  ended(nowUs: number, ok: boolean): void {
    this.#dueUs = nowUs;
    this.#isDueFixed = false;
    const { cut, turn } = this.#context;
    if (!ok && cut.aborted) this.#wasCut = true;
    if (turn.isOver(nowUs)) this.#needsTurn = true;
  }

  /** When a pause of this length that begins now is to end. */
  pauseEnd(pauseUs: number): number {
    return this.#dueAt(this.#context.clock.nowUs()) + pauseUs;
  }

  /** A pause has ended. @param untilUs when it was to end */
  paused(fromUs: number, untilUs: number): void {
    this.#pausedUntil(fromUs, untilUs + TIMER_RESOLUTION_US);
  }

  #pausedUntil(fromUs: number, untilUs: number): void {
    const { clock, cut, turn } = this.#context;
    const nowUs = clock.nowUs();
    if (cut.aborted) this.#wasCut = true;
    if (turn.isOver(nowUs)) this.#needsTurn = true;
    this.#pausedUs += nowUs - fromUs;
    this.#dueUs = Math.min(nowUs, untilUs);
    this.#isDueFixed = true;
  }
}
