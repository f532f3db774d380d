import { type ClockEstimate, movedUs } from './clock-estimate.ts';

/** What an agent's clock does while a load runs. */
export class ClockWatch {
  #movedUs = 0;
  #hasJumped = false;

  /** The most that it was away from what it was at the start. */
  get movedUs(): number {
    return this.#movedUs;
  }

  /**
   * @param jumpUs since the probe before
   * @returns whether it jumps for the first time: one note of it is enough, a clock that jumps all the time must not fill
   *   the result
   */
  observe(atStart: ClockEstimate, now: ClockEstimate, jumpUs: number): boolean {
    const sinceStartUs = movedUs(atStart, now);
    if (Math.abs(sinceStartUs) > Math.abs(this.#movedUs)) this.#movedUs = sinceStartUs;
    if (jumpUs === 0 || this.#hasJumped) return false;
    this.#hasJumped = true;
    return true;
  }
}
