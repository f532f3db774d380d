import {
  changedProfile,
  type LoadChange,
  type Pause,
  pausesOf,
  withPauses,
} from '../../../core/plan/load/load-change.ts';
import type { LoadProfile } from '../../../core/plan/load/profile.ts';
import { GrowingProfile } from '../../../core/plan/load/shape.ts';
import { ownership, type Share } from '../../../core/plan/load/split.ts';

/** An agent's share of the load from `fromUs` on, until the next one. */
export interface DatedShare {
  readonly fromUs: number;
  readonly share: Share;
  readonly owns: (index: number) => boolean;
}

/**
 * What one agent has to do in one scenario: the planned load, the changes so far, and the agent's share of the load over
 * time. Pure data; its executor reads it and is told of changes through `revise`. Times are microseconds since the
 * scenario's start.
 */
export class LoadSchedule {
  readonly #planned: LoadProfile;
  readonly #scenario: number;
  readonly #startUs: number;
  readonly #changes: LoadChange[] = [];
  #shares: DatedShare[];
  #profile: LoadProfile;
  #pauses: readonly Pause[] = [];

  /**
   * @param scenario index of the scenario in the plan
   * @param startUs start of the scenario, since the run's start
   */
  constructor(planned: LoadProfile, scenario: number, startUs: number, share: Share) {
    this.#planned = planned;
    this.#scenario = scenario;
    this.#startUs = startUs;
    this.#profile = planned;
    this.#shares = [{ fromUs: Number.NEGATIVE_INFINITY, share, owns: ownership(share) }];
  }

  /** The wanted level over time, as if there were no pauses. */
  get profile(): LoadProfile {
    return this.#profile;
  }

  /**
   * The rate of arrivals over time, zero during pauses. For a growing profile the pauses are not in it: its arrivals must
   * be filtered by {@link leftOut}.
   */
  get arrivals(): LoadProfile {
    return this.#profile instanceof GrowingProfile ? this.#profile : withPauses(this.#profile, this.#pauses);
  }

  /** Pauses in which arrivals of {@link arrivals} are to be left out. */
  get leftOut(): readonly Pause[] {
    return this.#profile instanceof GrowingProfile ? this.#pauses : [];
  }

  isPausedAt(elapsedUs: number): boolean {
    return isWithin(this.#pauses, elapsedUs);
  }

  /** The share in force at this time, followed by those that come into force later. Never empty. */
  sharesFrom(elapsedUs: number): readonly DatedShare[] {
    const current = this.#shares.findLastIndex(({ fromUs }) => fromUs <= elapsedUs);
    return this.#shares.slice(Math.max(0, current));
  }

  /** Whether an index belongs to this agent at this time or later. */
  ownsFrom(elapsedUs: number, index: number): boolean {
    for (let i = this.#shares.length - 1; i >= 0; i--) {
      const { fromUs, owns } = this.#shares[i] as DatedShare;
      if (owns(index)) return true;
      if (fromUs <= elapsedUs) return false;
    }
    return false;
  }

  /** Adds a change of the load. @returns when it takes effect, since the scenario's start */
  change(change: LoadChange): number {
    this.#changes.push(change);
    if (!(this.#planned instanceof GrowingProfile)) {
      this.#profile = changedProfile(this.#profile, [change], this.#scenario, this.#startUs);
    }
    this.#pauses = pausesOf(this.#changes).map(({ fromUs, toUs }) => {
      return { fromUs: fromUs - this.#startUs, toUs: toUs - this.#startUs };
    });
    return change.atUs - this.#startUs;
  }

  /**
   * @param atUs since the run's start
   * @returns when it takes effect, since the scenario's start
   */
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
