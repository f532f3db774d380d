import { arrivalTimes } from '../../core/plan/profile.ts';
import { randomAt } from '../../core/plan/random.ts';
import { GrowingProfile } from '../../core/plan/shape.ts';
import type { Course, DatedShare } from './course.ts';
import type { Operation, OperationMix } from './operations.ts';

/** One operation that the load model wants at one instant, whatever became of the ones before. */
export interface Arrival {
  /** Whole microseconds from the scenario's start. */
  readonly atUs: number;
  /** undefined: none, but more of the profile is known by then. */
  readonly operation: Operation | undefined;
}

export interface ArrivalsSetup {
  readonly course: Course;
  readonly spacing: 'uniform' | 'poisson';
  readonly mix: OperationMix;
  readonly seed: number;
  /** This and the next one are the arrivals' own. */
  readonly stream: number;
}

/**
 * One agent's arrivals in order. Arrival k comes when the profile's integral reaches k (uniform), or reaches the k-th
 * point of a Poisson process of rate 1 (poisson: time-rescaling, Brown et al. 2002). Every agent goes through all
 * arrivals and takes its own, so n agents together send exactly what one would, also when the load or the shares change
 * on the way.
 */
export class Arrivals {
  readonly #setup: ArrivalsSetup;
  readonly #operationAt: (k: number) => number;
  readonly #gapAt: (k: number) => number;
  #timeOf: (arrivals: number) => number | undefined;
  /** Shares that arrivals from here on may fall under. */
  #shares: readonly DatedShare[];
  /** The first arrival that has not been looked at. */
  #k = 0;
  /** Of the profile's integral, by the arrivals before {@link #k}. */
  #reached = 0;
  /** As they were when the last arrival was taken. */
  #taken = { k: 0, reached: 0, atUs: 0 };
  /** Arrivals of this time were changed when it was over already. */
  #late = { fromUs: 0, toUs: 0 };
  #missed = 0;
  #next: Arrival | undefined;

  constructor(setup: ArrivalsSetup) {
    const { seed, stream, course } = setup;
    this.#setup = setup;
    this.#operationAt = randomAt(seed, stream);
    this.#gapAt = randomAt(seed, stream + 1);
    this.#timeOf = arrivalTimes(course.arrivals);
    this.#shares = course.sharesFrom(0);
    this.#next = this.#seek();
  }

  /** Undefined when no more come. */
  get next(): Arrival | undefined {
    return this.#next;
  }

  /** Goes on to the one after {@link next}. */
  take(): void {
    if (this.#next?.operation !== undefined)
      this.#taken = { k: this.#k, reached: this.#reached, atUs: this.#next.atUs };
    else this.#holdLevel();
    this.#next = this.#seek();
  }

  /**
   * The course has changed: what comes next is found anew.
   * @param fromUs the time from which it is another
   */
  revise(fromUs: number, nowUs: number): void {
    const { course } = this.#setup;
    this.#late = { fromUs, toUs: nowUs };
    this.#timeOf = arrivalTimes(course.arrivals);
    this.#shares = course.sharesFrom(this.#taken.atUs);
    this.#k = this.#taken.k;
    this.#reached = this.#taken.reached;
    this.#next = this.#seek();
  }

  /** Arrivals since the last call that were this agent's, as it heard when their time was over. */
  takeMissed(): number {
    const missed = this.#missed;
    this.#missed = 0;
    return missed;
  }

  #seek(): Arrival | undefined {
    const { mix } = this.#setup;
    for (;;) {
      const k = this.#k;
      const point = this.#pointOf(k);
      const [share, later] = this.#shares;
      if (later === undefined) {
        if (share === undefined || share.share.slots.length === 0) return undefined;
        if (!share.owns(k)) {
          this.#advance(point);
          continue;
        }
      }
      const atUs = this.#timeOf(point);
      if (atUs === undefined) return this.#waitForMore();
      this.#advance(point);
      if (!this.#ownsAt(k, atUs) || this.#setup.course.leavesOut(atUs)) continue;
      if (this.#late.fromUs <= atUs && atUs < this.#late.toUs) {
        this.#missed++;
        continue;
      }
      return { atUs: Math.round(atUs), operation: mix.pick(this.#operationAt(k)) };
    }
  }

  #pointOf(k: number): number {
    if (this.#setup.spacing === 'uniform') return k;
    return this.#reached - Math.log(1 - this.#gapAt(k));
  }

  #advance(point: number): void {
    this.#k++;
    this.#reached = point;
  }

  #ownsAt(k: number, atUs: number): boolean {
    while (this.#shares.length > 1 && (this.#shares[1] as DatedShare).fromUs <= atUs)
      this.#shares = this.#shares.slice(1);
    return (this.#shares[0] as DatedShare).owns(k);
  }

  /** Nothing more has been told of the load by the time that it is needed. */
  #holdLevel(): void {
    const { profile } = this.#setup.course;
    if (!(profile instanceof GrowingProfile) || profile.ended) return;
    if (profile.knownUs === this.#next?.atUs) profile.hold(profile.knownUs + 1);
  }

  /** Only a profile that grows can have more. */
  #waitForMore(): Arrival | undefined {
    const { profile } = this.#setup.course;
    if (!(profile instanceof GrowingProfile) || profile.ended) return undefined;
    return { atUs: profile.knownUs, operation: undefined };
  }
}
