import type { Clock } from '../../clock.ts';
import { RETURN_LIMIT_US } from '../limits.ts';
import type { RunAgent } from './run-agent.ts';

/** The barrier at the end of a load: it opens when nothing more is to come of any agent, and at its deadline. */
export class EndBarrier {
  readonly #agents: readonly RunAgent[];
  readonly #clock: Clock;
  readonly #opened = Promise.withResolvers<void>();
  #deadlineUs = Number.POSITIVE_INFINITY;
  /** Place of an agent that was not over when it was looked at last. */
  #openAt = 0;

  /** @param agents of the run; others are added while its load runs */
  constructor(agents: readonly RunAgent[], clock: Clock) {
    this.#agents = agents;
    this.#clock = clock;
  }

  /** Resolves when the barrier opens. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Agents are waited for until then at the most. Of several deadlines the earliest counts. @param us on control's clock */
  openBy(us: number): void {
    this.#deadlineUs = Math.min(this.#deadlineUs, us);
  }

  /** Called after each change of an agent, and each second. */
  check(): void {
    if (this.#areAllOver() || this.#clock.nowUs() >= this.#deadlineUs) this.#opened.resolve();
  }

  /** Whoever waits at the barrier gets the error. */
  fail(error: unknown): void {
    this.#opened.reject(error);
  }

  /** Looks first at the agent that was not over before: of thousands that end at once, not each has to look at all. */
  #areAllOver(): boolean {
    const all = this.#agents;
    for (let i = 0; i < all.length; i++) {
      const at = (this.#openAt + i) % all.length;
      if (this.#isOver(all[at] as RunAgent)) continue;
      this.#openAt = at;
      return false;
    }
    return true;
  }

  /** An agent that was lost a moment ago is waited for: its windows may be on their way. */
  #isOver({ progress, isGone, lostUs }: RunAgent): boolean {
    if (progress.kind === 'closed' || isGone) return true;
    return lostUs !== undefined && this.#clock.nowUs() - lostUs > RETURN_LIMIT_US;
  }
}
