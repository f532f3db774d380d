import { ABORTED } from './failure.ts';
import { sleepThrough } from './pause.ts';
import { PausedTime } from './paused-time.ts';
import { PassFailure } from './script-failure.ts';
import { settledOrCut } from './settled-or-cut.ts';
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
  #paused = new PausedTime();
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

  /** How long the script, or the load, has done nothing but pause between {@link begin} and now. */
  pausedUs(nowUs: number): number {
    return this.#paused.totalUs(nowUs);
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
    // A pause that the pass before has not waited for is no pause of this one.
    if (this.#paused.isUsed) this.#paused = new PausedTime();
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
    const paused = this.#paused;
    paused.begins(clock.nowUs());
    await this.#untilOpen();
    this.#opening = undefined;
    const nowUs = clock.nowUs();
    paused.ends(nowUs);
    this.#goesOn(nowUs, nowUs);
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

  /**
   * Waits for what the load generator owes the script. What the script does next stays due when it was, so that the wait is a
   * delay.
   * @throws {PassFailure} when the load is cut off meanwhile
   */
  async delayedBy(owed: Promise<unknown>): Promise<void> {
    const { clock, cut } = this.#context;
    const dueUs = this.#dueAt(clock.nowUs());
    await settledOrCut(owed, cut);
    if (this.#isAbandoned) await NEVER;
    if (cut.aborted) {
      this.#wasCut = true;
      throw new PassFailure(ABORTED.kind, ABORTED.message);
    }
    // A request that has ended meanwhile has set a later time.
    this.#dueUs = Math.max(this.#dueUs, dueUs);
    this.#isDueFixed = true;
  }

  /** A request that was sent at `startUs` has ended. */
  requestEnded(startUs: number, nowUs: number, ok: boolean): void {
    this.#paused.requestEnds(startUs, nowUs);
    this.ended(nowUs, ok);
  }

  /** A request or a span has ended. */
  ended(nowUs: number, ok: boolean): void {
    this.#dueUs = nowUs;
    this.#isDueFixed = false;
    const { cut, turn } = this.#context;
    if (!ok && cut.aborted) this.#wasCut = true;
    if (turn.isOver(nowUs)) this.#needsTurn = true;
  }

  /** Pauses for this long from when the next request would be due. */
  async pause(pauseUs: number): Promise<void> {
    const { clock } = this.#context;
    const paused = this.#paused;
    const fromUs = clock.nowUs();
    const untilUs = this.#dueAt(fromUs) + pauseUs;
    paused.begins(fromUs);
    await sleepThrough(untilUs, this.#context);
    const nowUs = clock.nowUs();
    paused.ends(nowUs);
    this.#goesOn(nowUs, untilUs + TIMER_RESOLUTION_US);
    // A script that does nothing but pause for no time would keep the event loop to itself.
    await this.wait();
  }

  /** A pause has ended. @param latestUs what comes next is due by then, however late it is now */
  #goesOn(nowUs: number, latestUs: number): void {
    const { cut, turn } = this.#context;
    if (cut.aborted) this.#wasCut = true;
    if (turn.isOver(nowUs)) this.#needsTurn = true;
    this.#dueUs = Math.min(nowUs, latestUs);
    this.#isDueFixed = true;
  }
}
