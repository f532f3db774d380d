/** How far an agent's clock is ahead of control's, and how far off that may be. */
export interface ClockEstimate {
  readonly offsetUs: number;
  readonly uncertaintyUs: number;
}

/** How many probes may be unanswered; older ones are forgotten. */
const MAX_OUTSTANDING = 16;
/** NTP slews a clock by at most 500 ppm (adjtimex(2)); two clocks may drift apart at twice that. */
const MAX_DRIFT = 0.001;
/** Times are whole microseconds, and some runtimes' clocks are coarser: a smaller difference is no jump. */
const MIN_JUMP_US = 10_000;

interface Bounds {
  readonly minUs: number;
  readonly maxUs: number;
  /** A time on control's clock before the answer left: the bounds widen by the drift from here on. */
  readonly atUs: number;
}

/** An agent's answer to a probe, on its own clock. */
export interface ProbeAnswer {
  /** The probe's {@link AgentClock.sent}. */
  readonly controlUs: number;
  readonly receivedUs: number;
  /** At the earliest when the probe was received; an answer may wait for a message with which it travels. */
  readonly sentUs: number;
}

/**
 * Estimates an agent's clock from repeated probes: control's time at sending, the agent's when the probe arrived and when
 * its answer left, control's when that arrived. The way there bounds the agent's offset from above, the way back from below
 * (D. Cristian, Probabilistic clock synchronization, 1989; the four times are those of NTP, RFC 5905). The bounds of all
 * probes hold at once (K. Marzullo, 1984), so the fastest way there and the fastest way back count, even when they belong to
 * different probes; they widen with time as far as clocks drift apart. Where no offset fits both the new bounds and the old
 * ones, the clock has jumped.
 */
export class AgentClock {
  readonly #outstanding = new Set<number>();
  #bounds: Bounds | undefined;
  #answers = 0;

  /** Undefined before the first answer. */
  get estimate(): ClockEstimate | undefined {
    if (this.#bounds === undefined) return undefined;
    const { minUs, maxUs } = this.#bounds;
    return { offsetUs: Math.round((minUs + maxUs) / 2), uncertaintyUs: (maxUs - minUs) / 2 };
  }

  /** How many probes have been answered. */
  get answers(): number {
    return this.#answers;
  }

  /** Called when a probe is sent. @param controlUs on control's clock; identifies the probe */
  sent(controlUs: number): void {
    this.#outstanding.add(controlUs);
    for (const oldest of this.#outstanding) {
      if (this.#outstanding.size <= MAX_OUTSTANDING) break;
      this.#outstanding.delete(oldest);
    }
  }

  /**
   * Called when an answer arrives.
   * @returns how far the clock has jumped since the previous answer, 0 when it has not; `unclear` when it has jumped while
   *   the answer waited, so that another probe has to tell how far; undefined when no such probe is outstanding, or the
   *   answer has no times, or left before the probe came: then control would know less of the clock than before, and a run
   *   waits at its start for as long as it does not know
   */
  answered({ controlUs, receivedUs, sentUs }: ProbeAnswer, nowUs: number): number | 'unclear' | undefined {
    if (!this.#outstanding.delete(controlUs) || !isTime(receivedUs) || !isTime(sentUs)) return undefined;
    if (sentUs < receivedUs) return undefined;
    // Its clock may have gone slower or faster than control's while the answer waited.
    const waitedUs = Math.min(sentUs - receivedUs, nowUs - controlUs);
    const leastUs = sentUs - nowUs;
    const mostUs = receivedUs - controlUs + MAX_DRIFT * waitedUs;
    if (leastUs - mostUs >= MIN_JUMP_US) return 'unclear';
    this.#answers++;
    const fresh = { minUs: leastUs, maxUs: Math.max(leastUs, mostUs), atUs: controlUs + waitedUs };
    const old = this.#bounds;
    const driftUs = old === undefined ? Number.POSITIVE_INFINITY : MAX_DRIFT * (nowUs - old.atUs);
    const minUs = Math.max(fresh.minUs, (old?.minUs ?? 0) - driftUs);
    const maxUs = Math.min(fresh.maxUs, (old?.maxUs ?? 0) + driftUs);
    this.#bounds = minUs <= maxUs ? { minUs, maxUs, atUs: fresh.atUs } : fresh;
    if (old === undefined || minUs - maxUs < MIN_JUMP_US) return 0;
    return Math.round((fresh.minUs + fresh.maxUs - old.minUs - old.maxUs) / 2);
  }
}

/** Sums with a larger number would lose their microseconds, or be infinite. */
function isTime(us: number): boolean {
  return Math.abs(us) <= Number.MAX_SAFE_INTEGER;
}

/** Watches an agent's clock while the load runs. */
export class ClockWatch {
  #movedUs = 0;
  #hasJumped = false;

  /** The furthest that the clock has been away from what it was at the run start. */
  get movedUs(): number {
    return this.#movedUs;
  }

  /**
   * Called with each new estimate.
   * @param jumpUs how far the clock has jumped since the previous probe
   * @returns whether this is its first jump: a clock that jumps all the time must not fill the result with events
   */
  observe(atStart: ClockEstimate, now: ClockEstimate, jumpUs: number): boolean {
    const sinceStartUs = movedUs(atStart, now);
    if (Math.abs(sinceStartUs) > Math.abs(this.#movedUs)) this.#movedUs = sinceStartUs;
    if (jumpUs === 0 || this.#hasJumped) return false;
    this.#hasJumped = true;
    return true;
  }
}

/** How far a clock has certainly moved between two estimates of it, by drift and jumps together; 0 when they may agree. */
export function movedUs(before: ClockEstimate, after: ClockEstimate): number {
  const changeUs = after.offsetUs - before.offsetUs;
  const certainUs = Math.abs(changeUs) - before.uncertaintyUs - after.uncertaintyUs;
  return Math.sign(changeUs) * Math.max(0, certainUs);
}
