import type { Pause } from '../../../core/plan/load-change.ts';
import { arrivalsBefore, arrivalTimes, type LoadProfile } from '../../../core/plan/profile.ts';
import { type Course, type DatedShare, isWithin } from './load-schedule.ts';

/**
 * When arrivals come and which of them are the agent's, as the course said at one time: changes that come later are not
 * in it. It is asked of one arrival after the other, forward.
 */
export class ArrivalOrder {
  readonly #profile: LoadProfile;
  readonly #leftOut: readonly Pause[];
  readonly #allShares: readonly DatedShare[];
  /** Those that arrivals from here on may fall under. */
  #shares: readonly DatedShare[];
  /** As {@link arrivalTimes}. */
  readonly timeOf: (point: number) => number | undefined;

  private constructor(profile: LoadProfile, leftOut: readonly Pause[], shares: readonly DatedShare[]) {
    this.#profile = profile;
    this.#leftOut = leftOut;
    this.#allShares = shares;
    this.#shares = shares;
    this.timeOf = arrivalTimes(profile);
  }

  static of(course: Course): ArrivalOrder {
    return new ArrivalOrder(course.arrivals, course.leftOut, course.sharesFrom(Number.NEGATIVE_INFINITY));
  }

  /** The same, to be asked from the first one on again. */
  again(): ArrivalOrder {
    return new ArrivalOrder(this.#profile, this.#leftOut, this.#allShares);
  }

  /** The share in force. */
  get share(): DatedShare {
    return this.#shares[0] as DatedShare;
  }

  /** When another one comes into force. */
  get nextShareUs(): number | undefined {
    return this.#shares[1]?.fromUs;
  }

  /** A little below the point of the first arrival that comes at this time or later. */
  pointAt(elapsedUs: number): number {
    // Arrivals come at rounded microseconds, and the integral is rounded too.
    return arrivalsBefore(this.#profile, elapsedUs - 1) - 1;
  }

  owns(k: number, atUs: number): boolean {
    while (this.#shares.length > 1 && (this.#shares[1] as DatedShare).fromUs <= atUs)
      this.#shares = this.#shares.slice(1);
    return this.share.owns(k) && (this.#leftOut.length === 0 || !isWithin(this.#leftOut, atUs));
  }
}
