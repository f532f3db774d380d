import { randomAt } from '../../../core/plan/random.ts';

/** Of a Poisson process, the points of every so many arrivals are kept: from there on it is gone through again. */
const MARK_EVERY = 1 << 16;

/**
 * What the integral of the rate has to reach for arrival 0, 1, 2, …: k itself (uniform), or the k-th point of a Poisson
 * process of rate 1 (poisson: time-rescaling, Brown et al. 2002). They rise; looked at one after the other.
 */
export class ArrivalPoints {
  readonly #gapAt: ((k: number) => number) | undefined;
  /** Points 0, {@link MARK_EVERY}, 2 × …, as far as it has come; of a Poisson process. */
  readonly #marks: number[] = [];
  #k = 0;
  #point = 0;

  constructor(spacing: 'uniform' | 'poisson', seed: number, stream: number) {
    if (spacing === 'uniform') return;
    this.#gapAt = randomAt(seed, stream);
    this.#point = this.#gap(this.#gapAt);
    this.#marks.push(this.#point);
  }

  get k(): number {
    return this.#k;
  }

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

  /** To the first arrival whose point is not below this one. */
  goTo(point: number): void {
    if (this.#gapAt === undefined) {
      this.#k = Math.max(0, Math.ceil(point));
      this.#point = this.#k;
      return;
    }
    const mark = Math.max(
      0,
      this.#marks.findLastIndex((marked) => marked < point),
    );
    if (this.#point >= point || this.#k < mark * MARK_EVERY) {
      this.#k = mark * MARK_EVERY;
      this.#point = this.#marks[mark] as number;
    }
    while (this.#point < point) this.advance();
  }

  /** As {@link goTo}, but never back. */
  skipTo(point: number): void {
    if (this.#point < point) this.goTo(point);
  }

  #gap(gapAt: (k: number) => number): number {
    return -Math.log(1 - gapAt(this.#k));
  }
}
