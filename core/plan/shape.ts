import type { Segment } from './profile.ts';

/** What a shape wants at one time: Locust's `LoadTestShape.tick()`. */
export interface ShapeLevel {
  /** Virtual users or arrivals per second, as the scenario's `load` says. */
  readonly level: number;
  /** Change towards the level by this many per second. Default: at once. */
  readonly spawnRate?: number;
}

/**
 * A load that is a function of time, asked by control once for each second, one second ahead.
 * @param elapsedSeconds whole seconds since the scenario's start
 * @returns undefined when the load is to end
 */
export type LoadShape = (elapsedSeconds: number) => ShapeLevel | number | undefined;

/** Typed help for shape modules: `export default defineShape((elapsedSeconds) => …)`. */
export function defineShape(shape: LoadShape): LoadShape {
  return shape;
}

const SECOND_US = 1e6;

/** A profile that grows while the run goes on, second by second, and holds its last level where it has not been told. */
export class GrowingProfile {
  readonly segments: Segment[] = [];
  readonly peak: number;
  readonly #longestUs: number;
  #endedUs: number | undefined;

  /** @param longestUs the load ends then at the latest */
  constructor(peak: number, longestUs: number) {
    this.peak = peak;
    this.#longestUs = longestUs;
  }

  get durationUs(): number {
    return Math.min(this.#longestUs, this.#endedUs ?? this.#longestUs);
  }

  /** Until when the load is known. */
  get knownUs(): number {
    return this.segments.length * SECOND_US;
  }

  /** Known to its end. */
  get ended(): boolean {
    return this.knownUs >= this.durationUs;
  }

  /** A second that has been held already, because word of it came late, stays as it was. */
  set(second: number, from: number, to: number): void {
    if (this.#endedUs !== undefined || second < this.segments.length) return;
    this.hold(second * SECOND_US);
    this.segments.push({ durationUs: SECOND_US, from: Math.min(from, this.peak), to: Math.min(to, this.peak) });
  }

  /** The load ends with the begin of this second. */
  end(second: number): void {
    this.#endedUs ??= Math.max(second, this.segments.length) * SECOND_US;
  }

  /** Makes the load known up to this time, or to its end: where it has not been told, the last level holds. */
  hold(untilUs: number): void {
    const level = this.segments.at(-1)?.to ?? 0;
    while (this.knownUs < Math.min(untilUs, this.durationUs))
      this.segments.push({ durationUs: SECOND_US, from: level, to: level });
  }
}
