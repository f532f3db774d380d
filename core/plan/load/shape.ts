import type { Segment } from './profile.ts';

/** The load that a shape asks for at one time, like Locust's `LoadTestShape.tick()`. */
export interface ShapeLevel {
  /** Virtual users or arrivals per second, as the scenario's `load` says. */
  readonly level: number;
  /** How fast the load changes towards the level, per second. Default: at once. */
  readonly spawnRate?: number;
}

/**
 * A load as a function of time. Control calls it once for each second, one second ahead.
 * @param elapsedSeconds whole seconds since the scenario's start
 * @returns undefined to end the load
 */
export type LoadShape = (elapsedSeconds: number) => ShapeLevel | number | undefined;

/** Typed help for shape modules: `export default defineShape((elapsedSeconds) => …)`. */
export function defineShape(shape: LoadShape): LoadShape {
  return shape;
}

const SECOND_US = 1e6;

/** A profile that grows second by second during the run, and holds its last level until the next second is known. */
export class GrowingProfile {
  readonly segments: Segment[] = [];
  readonly peak: number;
  readonly #longestUs: number;
  #endedUs: number | undefined;

  /** @param longestUs latest end of the load */
  constructor(peak: number, longestUs: number) {
    this.peak = peak;
    this.#longestUs = longestUs;
  }

  get durationUs(): number {
    return Math.min(this.#longestUs, this.#endedUs ?? this.#longestUs);
  }

  /** The time until which the load is known. */
  get knownUs(): number {
    return this.segments.length * SECOND_US;
  }

  /** Whether the load is known until its end. */
  get ended(): boolean {
    return this.knownUs >= this.durationUs;
  }

  /**
   * Sets the load of one second. A second that has passed already, because its level arrived late, stays as it was; one after
   * the latest end has no load.
   */
  set(second: number, from: number, to: number): void {
    const isLate = second < this.segments.length || second * SECOND_US >= this.#longestUs;
    if (this.#endedUs !== undefined || isLate) return;
    this.hold(second * SECOND_US);
    this.#push(Math.min(from, this.peak), Math.min(to, this.peak));
  }

  /** The load ends at the beginning of this second. */
  end(second: number): void {
    this.#endedUs ??= Math.max(second, this.segments.length) * SECOND_US;
  }

  /** Extends the known load to this time, or to its end, with the last level. */
  hold(untilUs: number): void {
    const level = this.segments.at(-1)?.to ?? 0;
    while (this.knownUs < Math.min(untilUs, this.durationUs)) this.#push(level, level);
  }

  /** The last second may be a part of one: no arrival comes after the latest end. */
  #push(from: number, to: number): void {
    const durationUs = Math.min(SECOND_US, this.#longestUs - this.knownUs);
    this.segments.push({ durationUs, from, to: from + ((to - from) * durationUs) / SECOND_US });
  }
}
