import type { Pause } from '../../../core/plan/load/load-change.ts';
import { arrivalsBefore, arrivalTimes, type LoadProfile } from '../../../core/plan/load/profile.ts';
import { type DatedShare, isWithin, type LoadSchedule } from './load-schedule.ts';

/**
 * When arrivals come and which of them belong to this agent, as the schedule was when the plan was made; later changes need
 * a new plan. Callers ask about arrivals in ascending order. Times are microseconds since the scenario's start.
 */
export class ArrivalPlan {
  readonly #profile: LoadProfile;
  readonly #leftOut: readonly Pause[];
  readonly #allShares: readonly DatedShare[];
  /** The shares that are in force for the arrivals not asked about yet. */
  #shares: readonly DatedShare[];
  /** The time at which the integral of the rate reaches a point; see {@link arrivalTimes}. */
  readonly timeOf: (point: number) => number | undefined;

  private constructor(profile: LoadProfile, leftOut: readonly Pause[], shares: readonly DatedShare[]) {
    this.#profile = profile;
    this.#leftOut = leftOut;
    this.#allShares = shares;
    this.#shares = shares;
    this.timeOf = arrivalTimes(profile);
  }

  static of(schedule: LoadSchedule): ArrivalPlan {
    return new ArrivalPlan(schedule.arrivals, schedule.leftOut, schedule.sharesFrom(Number.NEGATIVE_INFINITY));
  }

  /** The same plan, for callers that begin again at the first arrival. */
  restarted(): ArrivalPlan {
    return new ArrivalPlan(this.#profile, this.#leftOut, this.#allShares);
  }

  /** The share in force for the arrival asked about last. */
  get share(): DatedShare {
    return this.#shares[0] as DatedShare;
  }

  /** When the next share comes into force; undefined when none will. */
  get nextShareUs(): number | undefined {
    return this.#shares[1]?.fromUs;
  }

  /** A point slightly below that of the first arrival at this time or later. */
  pointAt(elapsedUs: number): number {
    // The times of arrivals are rounded to microseconds, and the integral is rounded too.
    return arrivalsBefore(this.#profile, elapsedUs - 1) - 1;
  }

  /** Whether arrival k, which comes at this time, is this agent's and not left out by a pause. */
  owns(k: number, atUs: number): boolean {
    while (this.#shares.length > 1 && (this.#shares[1] as DatedShare).fromUs <= atUs)
      this.#shares = this.#shares.slice(1);
    return this.share.owns(k) && (this.#leftOut.length === 0 || !isWithin(this.#leftOut, atUs));
  }
}
