import type { Message } from '../stats/result.ts';
import { holds, isWorse } from './comparison.ts';
import type { Criterion } from './criterion.ts';
import { addTallies, EMPTY_TALLY, type Measured, measure, onlyFailures, type Tally } from './tally.ts';

interface JudgedWindow extends Measured {
  readonly firstSecond: number;
}

/** The windows of a sliding criterion (`for 10s`): one ends with each second. */
export class SlidingWindows {
  readonly #criterion: Criterion;
  readonly #seconds: number;
  readonly #judged: JudgedWindow[] = [];
  /** The last seconds, at most a window's length, without gaps. */
  #recent: Tally[] = [];
  #lastSecond = Number.NaN;
  #fullWindows = 0;

  constructor(criterion: Criterion) {
    this.#criterion = criterion;
    this.#seconds = criterion.windowSeconds ?? 1;
  }

  /**
   * Takes the next second; a second that was left out was empty.
   * @returns what the window that ends with it comes to; undefined when it is too short yet or has nothing to judge by
   */
  add(second: number, tally: Tally): Measured | undefined {
    for (let empty = this.#lastSecond + 1; empty < second; empty++)
      this.#push(empty, { ...EMPTY_TALLY, durationUs: 1e6 });
    return this.#push(second, tally);
  }

  /**
   * The window that is worst for the criterion.
   * @param untilUs windows that reach beyond this are left out: the load had ended
   */
  worst(untilUs: number): (Measured & { worstSecond: number }) | Message {
    const { comparison, limit } = this.#criterion;
    let worst: JudgedWindow | undefined;
    for (const window of this.#judged) {
      if ((window.firstSecond + this.#seconds) * 1e6 > untilUs) continue;
      if (worst === undefined || isWorse(window.actual, worst.actual, comparison, limit.value)) worst = window;
    }
    if (worst !== undefined) return { actual: worst.actual, samples: worst.samples, worstSecond: worst.firstSecond };
    if (this.#fullWindows === 0) return { id: 'threshold.no-window', params: { windowSeconds: this.#seconds } };
    return { id: 'threshold.no-samples', params: { subject: this.#criterion.subject?.name ?? '' } };
  }

  #push(second: number, tally: Tally): Measured | undefined {
    this.#lastSecond = second;
    this.#recent = [...this.#recent, tally].slice(-this.#seconds);
    if (this.#recent.length < this.#seconds) return undefined;
    this.#fullWindows++;
    const sum = addTallies(this.#recent);
    const measured = measure(this.#criterion.metric, sum);
    if (measured === undefined) return undefined;
    const { comparison, limit } = this.#criterion;
    const isMet = holds(measured.actual, comparison, limit.value);
    if (isMet && (measured.samples === 0 || onlyFailures(this.#criterion, sum))) return undefined;
    this.#judged.push({ ...measured, firstSecond: second - this.#seconds + 1 });
    return measured;
  }
}
