/** How far an agent's clock is ahead of control's, and how far that may be off. */
export interface ClockEstimate {
  readonly offsetUs: number;
  readonly uncertaintyUs: number;
}

/** Probes that may be without an answer; older ones are forgotten. */
const MAX_OUTSTANDING = 16;
/** What sets a clock right slews it by at most 500 ppm (adjtimex(2)); here two clocks may go apart. */
const MAX_DRIFT = 0.001;
/** Times are whole microseconds, and some runtimes' clocks are coarser. What is less than this is no jump. */
const MIN_JUMP_US = 10_000;

interface Bounds {
  /** The offset is at least this, and at most that. */
  readonly leastUs: number;
  readonly mostUs: number;
  /** On control's clock, at the latest: when the agent answered is not known, and clocks drift from then on. */
  readonly atUs: number;
}

/**
 * Estimates an agent's clock from repeated probes: control's time at sending, the agent's at answering, control's at
 * the answer's arrival. The agent answered somewhere between, which bounds its offset from both sides (D. Cristian,
 * Probabilistic clock synchronization, 1989). The bounds of all probes hold at once (K. Marzullo, 1984), so the fastest
 * way there and the fastest way back count, also when they belong to different probes; they widen with time as far as
 * clocks drift apart. Where no offset fits both the new bounds and the old ones, the clock has jumped.
 */
export class AgentClock {
  readonly #outstanding = new Set<number>();
  #bounds: Bounds | undefined;
  #answers = 0;

  /** Undefined before the first answer. */
  get estimate(): ClockEstimate | undefined {
    if (this.#bounds === undefined) return undefined;
    const { leastUs, mostUs } = this.#bounds;
    return { offsetUs: Math.round((leastUs + mostUs) / 2), uncertaintyUs: (mostUs - leastUs) / 2 };
  }

  /** Since the first probe. */
  get answers(): number {
    return this.#answers;
  }

  sent(controlUs: number): void {
    this.#outstanding.add(controlUs);
    for (const oldest of this.#outstanding) {
      if (this.#outstanding.size <= MAX_OUTSTANDING) break;
      this.#outstanding.delete(oldest);
    }
  }

  /**
   * @returns how far the clock has jumped since the answer before, 0 when it has not; undefined when no such probe is
   *   waiting for an answer, or the answer is no time
   */
  answered(controlUs: number, agentUs: number, nowUs: number): number | undefined {
    if (!this.#outstanding.delete(controlUs) || !isTime(agentUs)) return undefined;
    this.#answers++;
    const fresh = { leastUs: agentUs - nowUs, mostUs: agentUs - controlUs, atUs: controlUs };
    const old = this.#bounds;
    const driftUs = old === undefined ? Number.POSITIVE_INFINITY : MAX_DRIFT * (nowUs - old.atUs);
    const leastUs = Math.max(fresh.leastUs, (old?.leastUs ?? 0) - driftUs);
    const mostUs = Math.min(fresh.mostUs, (old?.mostUs ?? 0) + driftUs);
    this.#bounds = leastUs <= mostUs ? { leastUs, mostUs, atUs: controlUs } : fresh;
    if (old === undefined || leastUs - mostUs < MIN_JUMP_US) return 0;
    return Math.round((fresh.leastUs + fresh.mostUs - old.leastUs - old.mostUs) / 2);
  }
}

/** Of a greater one the parts of the sums here would be lost, or the sums be infinite. */
function isTime(us: number): boolean {
  return Math.abs(us) <= Number.MAX_SAFE_INTEGER;
}

/** How far a clock has certainly moved between two estimates of it, drift and jumps together; 0 when they may agree. */
export function movedUs(before: ClockEstimate, after: ClockEstimate): number {
  const changeUs = after.offsetUs - before.offsetUs;
  const certainUs = Math.abs(changeUs) - before.uncertaintyUs - after.uncertaintyUs;
  return Math.sign(changeUs) * Math.max(0, certainUs);
}
