import { GrowingProfile } from '../../../core/plan/load/shape.ts';
import { randomAt } from '../../../core/plan/random.ts';
import type { Operation, OperationMix } from '../vu/operation-mix.ts';
import { ArrivalPlan } from './arrival-plan.ts';
import { ArrivalPoints } from './arrival-points.ts';
import type { LoadSchedule } from './load-schedule.ts';

/** One operation that the load model wants to begin at one instant. */
export interface Arrival {
  /** Whole microseconds since the scenario's start. */
  readonly atUs: number;
  /**
   * Undefined when this is no arrival but the time at which more of a growing profile must be known, or {@link SEARCH_ON}.
   */
  readonly operation: Operation | undefined;
}

/**
 * Stands for the next arrival while it has not been found: {@link Arrivals.take} searches on, and is called in another turn of
 * the event loop. An agent that hears late of a long load has millions of arrivals to look at, one by one.
 */
export const SEARCH_ON: Arrival = { atUs: Number.NEGATIVE_INFINITY, operation: undefined };
/** Arrivals that are looked at in one turn: some milliseconds' worth. */
const MAX_LOOKS = 50_000;

export interface ArrivalsSetup {
  readonly schedule: LoadSchedule;
  readonly spacing: 'uniform' | 'poisson';
  readonly mix: OperationMix;
  readonly seed: number;
  /** The first of two random streams that are used for nothing but these arrivals. */
  readonly stream: number;
}

/**
 * One agent's arrivals in ascending order of time. Arrival k comes when the integral of the profile reaches point k. Every
 * agent goes through all arrivals and takes its own, so that n agents together send exactly what one agent would send, also
 * when the load or the shares change during the run.
 *
 * The executor calls {@link take} once for each {@link next} whose time has come, and {@link revise} when the schedule has
 * changed; nothing here reads a clock or waits.
 *
 * When the agent hears of a change, it takes from then on what it would have taken if it had known from the start. Arrivals
 * before that, which it would have taken and did not take, count as missed. Arrivals that it took and should not have taken
 * remain as sent.
 */
export class Arrivals {
  readonly #setup: ArrivalsSetup;
  readonly #operationAt: (k: number) => number;
  /** At the first arrival that has not been examined. */
  readonly #points: ArrivalPoints;
  #plan: ArrivalPlan;
  /** The agent's arrivals with a number below this, which are those before {@link #doneUntilUs}, were taken or missed. */
  #doneK = 0;
  #doneUntilUs = 0;
  /** The plan by which those arrivals were taken. From {@link #changedFromUs} on, {@link #plan} differs from it. */
  #before: ArrivalPlan;
  /** Becomes infinite again when an arrival after this time was taken. */
  #changedFromUs = Number.POSITIVE_INFINITY;
  #revisedUs = 0;
  #missed = 0;
  /** Missed arrivals found since the last revision; another revision may count them anew. */
  #missedNow = 0;
  /** From which point on the search goes forward to the first arrival that matters. */
  #fromPoint = 0;
  #next: Arrival | undefined;

  constructor(setup: ArrivalsSetup) {
    const { seed, stream, schedule, spacing } = setup;
    this.#setup = setup;
    this.#operationAt = randomAt(seed, stream);
    this.#points = new ArrivalPoints(spacing, seed, stream + 1);
    this.#plan = ArrivalPlan.of(schedule);
    this.#before = this.#plan;
    this.#next = this.#seek();
  }

  /** The next arrival, which may be due or in the future. Undefined when no more will come. */
  get next(): Arrival | undefined {
    return this.#next;
  }

  /** Moves on to the arrival after {@link next}. */
  take(): void {
    if (this.#next?.operation !== undefined) {
      this.#doneK = this.#points.k;
      this.#doneUntilUs = this.#next.atUs + 1;
      if (this.#next.atUs >= this.#changedFromUs) this.#settle();
    } else this.#holdLevel();
    this.#next = this.#seek();
  }

  /**
   * Finds {@link next} anew after the schedule has changed.
   * @param fromUs when the change takes effect, since the scenario's start
   * @param nowUs time since the scenario's start
   */
  revise(fromUs: number, nowUs: number): void {
    this.#before = (this.#changedFromUs === Number.POSITIVE_INFINITY ? this.#plan : this.#before).restarted();
    this.#plan = ArrivalPlan.of(this.#setup.schedule);
    this.#changedFromUs = Math.min(this.#changedFromUs, fromUs);
    this.#revisedUs = nowUs;
    this.#missedNow = 0;
    this.#fromPoint = this.#plan.pointAt(Math.min(this.#changedFromUs, this.#doneUntilUs));
    this.#points.goBack(this.#fromPoint);
    this.#next = this.#seek();
  }

  /** How many arrivals, since the last call, turned out to be this agent's only after their time had passed. */
  takeMissed(): number {
    const nextUs = this.#next?.atUs ?? Number.POSITIVE_INFINITY;
    // The count is final only when the search has passed all times that can hold missed arrivals.
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

  /** In pieces: see {@link SEARCH_ON}. */
  #seek(): Arrival | undefined {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const { share, nextShareUs } = this.#plan;
      if (share.share.slots.length === 0) {
        if (nextShareUs === undefined) return undefined;
        this.#fromPoint = Math.max(this.#fromPoint, this.#plan.pointAt(nextShareUs));
      }
      if (!this.#points.goOn(this.#fromPoint, MAX_LOOKS)) return SEARCH_ON;
      const { k, point } = this.#points;
      if (nextShareUs === undefined && !share.owns(k)) {
        this.#points.advance();
        continue;
      }
      const timeUs = this.#plan.timeOf(point);
      if (timeUs === undefined) return this.#waitForMore();
      this.#points.advance();
      if (!this.#plan.owns(k, timeUs)) continue;
      const atUs = Math.round(timeUs);
      if (k < this.#doneK && this.#wasDone(k, point, atUs)) continue;
      if (this.#changedFromUs <= atUs && atUs < this.#revisedUs) {
        this.#missedNow++;
        continue;
      }
      return { atUs, operation: this.#setup.mix.pick(this.#operationAt(k)) };
    }
    return SEARCH_ON;
  }

  /**
   * Whether an arrival below {@link #doneK} was taken or missed already. It was not when the share has changed so that it
   * became this agent's, or when the rate has changed so that its time comes again.
   */
  #wasDone(k: number, point: number, atUs: number): boolean {
    if (atUs < this.#changedFromUs) return true;
    if (atUs >= Math.max(this.#revisedUs, this.#doneUntilUs)) return false;
    const beforeUs = this.#before.timeOf(point);
    return beforeUs !== undefined && this.#before.owns(k, beforeUs);
  }

  /** Keeps the last level when control has not said in time how a growing profile goes on. */
  #holdLevel(): void {
    const { profile } = this.#setup.schedule;
    if (!(profile instanceof GrowingProfile) || profile.ended) return;
    if (profile.knownUs === this.#next?.atUs) profile.hold(profile.knownUs + 1);
  }

  /** More arrivals can come only from a growing profile. */
  #waitForMore(): Arrival | undefined {
    const { profile } = this.#setup.schedule;
    if (!(profile instanceof GrowingProfile) || profile.ended) return undefined;
    return { atUs: profile.knownUs, operation: undefined };
  }
}
