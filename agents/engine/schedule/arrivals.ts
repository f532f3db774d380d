import { randomAt } from '../../../core/plan/random.ts';
import { GrowingProfile } from '../../../core/plan/shape.ts';
import type { Operation, OperationMix } from '../vu/operation-mix.ts';
import { ArrivalOrder } from './arrival-plan.ts';
import { ArrivalPoints } from './arrival-points.ts';
import type { Course } from './load-schedule.ts';

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
 * One agent's arrivals in order. Arrival k comes when the profile's integral reaches its point. Every agent goes through
 * all arrivals and takes its own, so n agents together send exactly what one would, also when the load or the shares
 * change on the way.
 *
 * From the time on that the agent hears of a change, it takes what it would have taken had it known all along; what it
 * would have taken before, and has not, it has missed. What it has taken too many stays with what was sent.
 */
export class Arrivals {
  readonly #setup: ArrivalsSetup;
  readonly #operationAt: (k: number) => number;
  /** At the first arrival that has not been looked at. */
  readonly #points: ArrivalPoints;
  #order: ArrivalOrder;
  /** Its own ones below this were taken or missed, all of them before that time. */
  #doneK = 0;
  #doneUntilUs = 0;
  /** What those were taken by, where it is not the present order: from {@link #changedFromUs} on that is another. */
  #before: ArrivalOrder;
  /** Infinite again when an arrival after it was taken. */
  #changedFromUs = Number.POSITIVE_INFINITY;
  #revisedUs = 0;
  #missed = 0;
  /** By the last revision, which the next one may find to be others. */
  #missedNow = 0;
  #next: Arrival | undefined;

  constructor(setup: ArrivalsSetup) {
    const { seed, stream, course, spacing } = setup;
    this.#setup = setup;
    this.#operationAt = randomAt(seed, stream);
    this.#points = new ArrivalPoints(spacing, seed, stream + 1);
    this.#order = ArrivalOrder.of(course);
    this.#before = this.#order;
    this.#next = this.#seek();
  }

  /** Undefined when no more come. */
  get next(): Arrival | undefined {
    return this.#next;
  }

  /** Goes on to the one after {@link next}. */
  take(): void {
    if (this.#next?.operation !== undefined) {
      this.#doneK = this.#points.k;
      this.#doneUntilUs = this.#next.atUs + 1;
      if (this.#next.atUs >= this.#changedFromUs) this.#settle();
    } else this.#holdLevel();
    this.#next = this.#seek();
  }

  /**
   * The course has changed: what comes next is found anew.
   * @param fromUs the time from which it is another
   */
  revise(fromUs: number, nowUs: number): void {
    this.#before = (this.#changedFromUs === Number.POSITIVE_INFINITY ? this.#order : this.#before).again();
    this.#order = ArrivalOrder.of(this.#setup.course);
    this.#changedFromUs = Math.min(this.#changedFromUs, fromUs);
    this.#revisedUs = nowUs;
    this.#missedNow = 0;
    this.#points.goTo(this.#order.pointAt(Math.min(this.#changedFromUs, this.#doneUntilUs)));
    this.#next = this.#seek();
  }

  /** Arrivals since the last call that were this agent's, as it heard when their time was over. */
  takeMissed(): number {
    const nextUs = this.#next?.atUs ?? Number.POSITIVE_INFINITY;
    // Before that, more of them may be found.
    if (this.#missedNow > 0 && nextUs >= Math.max(this.#changedFromUs, this.#revisedUs)) {
      this.#doneK = this.#next?.operation === undefined ? this.#points.k : this.#points.k - 1;
      this.#doneUntilUs = Math.max(this.#doneUntilUs, this.#revisedUs);
      this.#settle();
    }
    const missed = this.#missed;
    this.#missed = 0;
    return missed;
  }

  #settle(): void {
    this.#changedFromUs = Number.POSITIVE_INFINITY;
    this.#missed += this.#missedNow;
    this.#missedNow = 0;
  }

  #seek(): Arrival | undefined {
    for (;;) {
      const { share, nextShareUs } = this.#order;
      if (share.share.slots.length === 0) {
        if (nextShareUs === undefined) return undefined;
        this.#points.skipTo(this.#order.pointAt(nextShareUs));
      }
      const { k, point } = this.#points;
      if (nextShareUs === undefined && !share.owns(k)) {
        this.#points.advance();
        continue;
      }
      const timeUs = this.#order.timeOf(point);
      if (timeUs === undefined) return this.#waitForMore();
      this.#points.advance();
      if (!this.#order.owns(k, timeUs)) continue;
      const atUs = Math.round(timeUs);
      if (k < this.#doneK && this.#wasDone(k, point, atUs)) continue;
      if (this.#changedFromUs <= atUs && atUs < this.#revisedUs) {
        this.#missedNow++;
        continue;
      }
      return { atUs, operation: this.#setup.mix.pick(this.#operationAt(k)) };
    }
  }

  /** Of an arrival below {@link #doneK}: others may be this agent's now, and what was taken too early comes again. */
  #wasDone(k: number, point: number, atUs: number): boolean {
    if (atUs < this.#changedFromUs) return true;
    if (atUs >= Math.max(this.#revisedUs, this.#doneUntilUs)) return false;
    const beforeUs = this.#before.timeOf(point);
    return beforeUs !== undefined && this.#before.owns(k, beforeUs);
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
