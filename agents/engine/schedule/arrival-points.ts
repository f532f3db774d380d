import { randomAt } from '../../../core/plan/random.ts';

/** One point in this many is remembered, so that going back in a Poisson process does not begin at its start. */
const MARK_EVERY = 1 << 16;

/**
 * A cursor over the values that the integral of the rate reaches at arrivals 0, 1, 2, …: k itself for uniform spacing, or
 * the k-th point of a Poisson process of rate 1 (time-rescaling theorem, Brown et al. 2002). The values ascend.
 */
export class ArrivalPoints {
  readonly #gapAt: ((k: number) => number) | undefined;
  /** Points of arrivals 0, {@link MARK_EVERY}, 2 × {@link MARK_EVERY}, … that the cursor has passed, in a Poisson process. */
  readonly #marks: number[] = [];
  #k = 0;
  #point = 0;

  constructor(spacing: 'uniform' | 'poisson', seed: number, stream: number) {
    if (spacing === 'uniform') return;
    this.#gapAt = randomAt(seed, stream);
    this.#point = this.#gap(this.#gapAt);
    this.#marks.push(this.#point);
  }

  /** Number of the arrival at the cursor. */
  get k(): number {
    return this.#k;
  }

  /** Point of the arrival at the cursor. */
  get point(): number {
    return this.#point;
  }

  advance(): void {
    this.#k++;
    if (this.#gapAt === undefined) {
      this.#point = this.#k;
      return;
    }
    this.#point += this.#gap(this.#gapAt);
    if (this.#k === this.#marks.length * MARK_EVERY) this.#marks.push(this.#point);
  }

  /** Moves back, if need be, so that {@link goOn} finds the first arrival whose point is not below this one. */
  goBack(point: number): void {
    if (this.#gapAt === undefined) {
      if (this.#point >= point) this.#moveTo(Math.max(0, Math.ceil(point)));
      return;
    }
    const mark = Math.max(
      0,
      this.#marks.findLastIndex((marked) => marked < point),
    );
    if (this.#point < point && this.#k >= mark * MARK_EVERY) return;
    this.#k = mark * MARK_EVERY;
    this.#point = this.#marks[mark] as number;
  }

  /**
   * Moves forward to the first arrival whose point is not below this one.
   * @param most arrivals that a Poisson process goes through
   * @returns whether it is there
   */
  goOn(point: number, most: number): boolean {
    if (this.#gapAt === undefined) {
      if (this.#point < point) this.#moveTo(Math.ceil(point));
      return true;
    }
    for (let left = most; left > 0 && this.#point < point; left--) this.advance();
    return this.#point >= point;
  }

  #moveTo(k: number): void {
    this.#k = k;
    this.#point = k;
  }

  #gap(gapAt: (k: number) => number): number {
    return -Math.log(1 - gapAt(this.#k));
  }
}
