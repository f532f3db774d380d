import type { Message } from '../text/message.ts';
import { holds, isWorse } from './comparison.ts';
import type { Criterion } from './criterion.ts';
import { type JudgedSecond, lateExcuse, STALL_US, stallExcuse, timeoutExcuse } from './generator-fault.ts';
import { addTallies, compacted, EMPTY_TALLY, type Measured, measure, onlyFailures, type Tally } from './tally.ts';

export interface JudgedWindow extends Measured {
  readonly firstSecond: number;
  /** Set when the window fails only because of the load generator. */
  readonly excuse: Message | undefined;
}

/** The windows of a sliding criterion (`for 10s`). One window ends with each second. */
export class SlidingWindows {
  readonly #criterion: Criterion;
  readonly #seconds: number;
  readonly #judged: JudgedWindow[] = [];
  /** The last seconds without gaps, at most as many as a window has. */
  #recent: JudgedSecond[] = [];
  #lastLagUs = 0;
  #lastSecond = Number.NaN;
  #fullWindows = 0;
  /** What was under way when the load ended, and the first second after it. */
  #after: (JudgedSecond & { readonly firstSecond: number }) | undefined;

  constructor(criterion: Criterion) {
    this.#criterion = criterion;
    this.#seconds = criterion.windowSeconds ?? 1;
  }

  /**
   * Takes the next second. A second that is left out counts as empty.
   * @param loopLagUs the longest time in it for which the generator was blocked
   * @returns the figure of the window that ends with it; undefined while the window is too short, where it has no
   *   samples, and where it fails only because of the generator
   */
  add(second: number, tally: Tally, loopLagUs: number): Measured | undefined {
    for (let empty = this.#lastSecond + 1; empty < second; empty++)
      this.#push(empty, { ...EMPTY_TALLY, durationUs: 1e6 }, 0);
    return this.#push(second, tally, loopLagUs);
  }

  /**
   * Takes a second after the load, with the last requests of it.
   * @param loopLagUs as in {@link add}
   */
  addAfter(second: number, tally: Tally, loopLagUs: number): void {
    const { tally: before = EMPTY_TALLY, isStalled = false, firstSecond = second } = this.#after ?? {};
    const all = compacted(addTallies([before, tally]));
    this.#after = { tally: all, isStalled: isStalled || loopLagUs >= STALL_US, firstSecond };
  }

  /**
   * The worst window for the criterion. A window that fails because of the target counts before all that fail only because
   * of the generator. What was under way at the end of the load is a window too, where it is as much as the target had answered in
   * the last one: a target that does not answer any more has no other. Of one that does, it is mostly the long requests.
   * @param untilUs windows that end later are left out, because the load had ended
   * @param excuseOf why else a window that fails may not be the target's fault
   */
  worst(
    untilUs: number,
    excuseOf: (window: JudgedWindow) => Message | undefined,
  ): (Measured & { worstSecond: number }) | Message {
    const { comparison, limit } = this.#criterion;
    const worstOf = (windows: readonly JudgedWindow[]) =>
      windows.reduce<JudgedWindow | undefined>((worst, window) => {
        const isFirst = worst === undefined;
        return isFirst || isWorse(window.actual, worst.actual, comparison, limit.value) ? window : worst;
      }, undefined);
    const ofLoad = this.#judged.filter(({ firstSecond }) => (firstSecond + this.#seconds) * 1e6 <= untilUs);
    const within = [...ofLoad, ...this.#underWay()].map((window) => {
      const excuse = window.excuse ?? (holds(window.actual, comparison, limit.value) ? undefined : excuseOf(window));
      return excuse === window.excuse ? window : { ...window, excuse };
    });
    const worst = worstOf(within.filter(({ excuse }) => excuse === undefined));
    const excused = worstOf(within.filter(({ excuse }) => excuse !== undefined));
    const fails = worst !== undefined && !holds(worst.actual, comparison, limit.value);
    if (excused?.excuse !== undefined && !fails) return excused.excuse;
    if (worst !== undefined) return { actual: worst.actual, samples: worst.samples, worstSecond: worst.firstSecond };
    if (this.#fullWindows === 0) return { id: 'threshold.no-window', params: { windowSeconds: this.#seconds } };
    return { id: 'threshold.no-samples', params: { subject: this.#criterion.subject?.name ?? '' } };
  }

  #push(second: number, tally: Tally, loopLagUs: number): Measured | undefined {
    const isStalled = Math.max(loopLagUs, this.#lastLagUs) >= STALL_US;
    this.#lastSecond = second;
    this.#lastLagUs = loopLagUs;
    this.#recent = [...this.#recent, { tally, isStalled }].slice(-this.#seconds);
    if (this.#recent.length < this.#seconds) return undefined;
    this.#fullWindows++;
    const window = this.#judge(this.#recent, second - this.#seconds + 1);
    if (window === undefined) return undefined;
    this.#judged.push(window);
    return window.excuse === undefined ? window : undefined;
  }

  #underWay(): JudgedWindow[] {
    if (this.#after === undefined || this.#recent.length < this.#seconds) return [];
    const answered = this.#recent.reduce((sum, { tally }) => sum + tally.requests, 0);
    if (this.#after.tally.requests < answered) return [];
    return [this.#judge([this.#after], this.#after.firstSecond)].filter((window) => window !== undefined);
  }

  /** @returns undefined for a window that says nothing */
  #judge(seconds: readonly JudgedSecond[], firstSecond: number): JudgedWindow | undefined {
    const sum = addTallies(seconds.map(({ tally }) => tally));
    const measured = measure(this.#criterion.metric, sum);
    if (measured === undefined) return undefined;
    const { comparison, limit } = this.#criterion;
    const isMet = holds(measured.actual, comparison, limit.value);
    if (isMet && (measured.samples === 0 || onlyFailures(this.#criterion, sum))) return undefined;
    const stalled = addTallies(seconds.filter(({ isStalled }) => isStalled).map(({ tally }) => tally));
    const excuse =
      lateExcuse(this.#criterion, sum) ??
      stallExcuse(this.#criterion, measured.actual, seconds) ??
      timeoutExcuse(this.#criterion, sum, stalled.timeouts);
    return { ...measured, firstSecond, excuse };
  }
}
