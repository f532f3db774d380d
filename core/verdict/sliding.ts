import type { Message } from '../text/message.ts';
import { holds, isWorse } from './comparison.ts';
import type { Criterion } from './criterion.ts';
import { type JudgedSecond, lateExcuse, STALL_US, stallExcuse, timeoutExcuse } from './generator-fault.ts';
import { addTallies, EMPTY_TALLY, type Measured, measure, onlyFailures, type Tally } from './tally.ts';

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
   * The worst window for the criterion. A window that fails because of the target counts before all that fail only because
   * of the generator.
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
    const within = this.#judged
      .filter(({ firstSecond }) => (firstSecond + this.#seconds) * 1e6 <= untilUs)
      .map((window) => {
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
    const sum = addTallies(this.#recent.map(({ tally: one }) => one));
    const measured = measure(this.#criterion.metric, sum);
    if (measured === undefined) return undefined;
    const { comparison, limit } = this.#criterion;
    const isMet = holds(measured.actual, comparison, limit.value);
    if (isMet && (measured.samples === 0 || onlyFailures(this.#criterion, sum))) return undefined;
    const stalled = addTallies(this.#recent.filter((one) => one.isStalled).map(({ tally: one }) => one));
    const excuse =
      lateExcuse(this.#criterion, sum) ??
      stallExcuse(this.#criterion, measured.actual, this.#recent) ??
      timeoutExcuse(this.#criterion, sum, stalled.timeouts);
    this.#judged.push({ ...measured, firstSecond: second - this.#seconds + 1, excuse });
    return excuse === undefined ? measured : undefined;
  }
}
