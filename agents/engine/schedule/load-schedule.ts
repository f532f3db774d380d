import { changedProfile, type LoadChange, type Pause, pausesOf, withPauses } from '../../../core/plan/load-change.ts';
import type { LoadProfile } from '../../../core/plan/profile.ts';
import { GrowingProfile } from '../../../core/plan/shape.ts';
import { ownership, type Share } from '../../../core/plan/split.ts';

/** An agent's share from this time on. */
export interface DatedShare {
  readonly fromUs: number;
  readonly share: Share;
  readonly owns: (index: number) => boolean;
}

/**
 * What one agent is to do in one scenario, as far as is known: the planned load, what has been changed since, and the
 * agent's share of it from when to when. Times are since the scenario's start.
 */
export class Course {
  readonly #planned: LoadProfile;
  readonly #scenario: number;
  readonly #startUs: number;
  readonly #changes: LoadChange[] = [];
  #shares: DatedShare[];
  #profile: LoadProfile;
  #pauses: readonly Pause[] = [];

  /**
   * @param scenario its place in the plan
   * @param startUs of the scenario, since the run's second 0
   */
  constructor(planned: LoadProfile, scenario: number, startUs: number, share: Share) {
    this.#planned = planned;
    this.#scenario = scenario;
    this.#startUs = startUs;
    this.#profile = planned;
    this.#shares = [{ fromUs: Number.NEGATIVE_INFINITY, share, owns: ownership(share) }];
  }

  /** The level that is wanted; what pauses take from it is not in it. */
  get profile(): LoadProfile {
    return this.#profile;
  }

  /** The same for arrivals, with none in the pauses; from a profile that grows they are {@link leftOut left out}. */
  get arrivals(): LoadProfile {
    return this.#profile instanceof GrowingProfile ? this.#profile : withPauses(this.#profile, this.#pauses);
  }

  /** Times of {@link arrivals} in which none come. */
  get leftOut(): readonly Pause[] {
    return this.#profile instanceof GrowingProfile ? this.#pauses : [];
  }

  isPausedAt(elapsedUs: number): boolean {
    return isWithin(this.#pauses, elapsedUs);
  }

  /** The shares from this time on: the one in force then, and those that are to come. Never empty. */
  sharesFrom(elapsedUs: number): readonly DatedShare[] {
    const current = this.#shares.findLastIndex(({ fromUs }) => fromUs <= elapsedUs);
    return this.#shares.slice(Math.max(0, current));
  }

  /** Whether an index is the agent's at this time, or will be. */
  ownsFrom(elapsedUs: number, index: number): boolean {
    for (let i = this.#shares.length - 1; i >= 0; i--) {
      const { fromUs, owns } = this.#shares[i] as DatedShare;
      if (owns(index)) return true;
      if (fromUs <= elapsedUs) return false;
    }
    return false;
  }

  /** @returns when it takes effect */
  change(change: LoadChange): number {
    this.#changes.push(change);
    if (!(this.#planned instanceof GrowingProfile)) {
      this.#profile = changedProfile(this.#planned, this.#changes, this.#scenario, this.#startUs);
    }
    this.#pauses = pausesOf(this.#changes).map(({ fromUs, toUs }) => {
      return { fromUs: fromUs - this.#startUs, toUs: toUs - this.#startUs };
    });
    return change.atUs - this.#startUs;
  }

  /** @returns when it takes effect */
  changeShare(share: Share, atUs: number): number {
    const fromUs = atUs - this.#startUs;
    this.#shares = [
      ...this.#shares.filter((dated) => dated.fromUs < fromUs),
      { fromUs, share, owns: ownership(share) },
    ];
    return fromUs;
  }
}

export function isWithin(pauses: readonly Pause[], elapsedUs: number): boolean {
  return pauses.some(({ fromUs, toUs }) => fromUs <= elapsedUs && elapsedUs < toUs);
}
