/** How far an agent's clock is ahead of control's, and how far that may be off. */
export interface ClockEstimate {
  readonly offsetUs: number;
  readonly uncertaintyUs: number;
}

/** Probes that may be without an answer; older ones are forgotten. */
const MOST_OUTSTANDING = 16;

/**
 * Estimates an agent's clock from repeated probes: control's time at sending, the agent's at answering, control's at
 * the answer's arrival. The agent answered somewhere between, so the estimate is off by at most half the round trip;
 * the probe with the least round trip wins (D. Cristian, Probabilistic clock synchronization, 1989).
 */
export class AgentClock {
  readonly #outstanding = new Set<number>();
  #best: ClockEstimate | undefined;
  #answers = 0;

  /** Undefined before the first answer. */
  get estimate(): ClockEstimate | undefined {
    return this.#best;
  }

  /** Since the last {@link forget}. */
  get answers(): number {
    return this.#answers;
  }

  /** Clocks drift apart: what counts are the probes from now on. */
  forget(): void {
    this.#best = undefined;
    this.#answers = 0;
  }

  sent(controlUs: number): void {
    this.#outstanding.add(controlUs);
    for (const oldest of this.#outstanding) {
      if (this.#outstanding.size <= MOST_OUTSTANDING) break;
      this.#outstanding.delete(oldest);
    }
  }

  /** @returns false when no such probe is waiting for an answer, or the answer is no time */
  answered(controlUs: number, agentUs: number, nowUs: number): boolean {
    if (!this.#outstanding.delete(controlUs) || !Number.isFinite(agentUs)) return false;
    const uncertaintyUs = (nowUs - controlUs) / 2;
    if (this.#best === undefined || uncertaintyUs < this.#best.uncertaintyUs) {
      this.#best = { offsetUs: Math.round(agentUs - controlUs - uncertaintyUs), uncertaintyUs };
    }
    this.#answers++;
    return true;
  }
}
