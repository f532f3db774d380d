import type { AgentChange } from '../../core/plan/load/load-change.ts';
import { mostVus, ownedCount, plannedDurationUs, type Share } from '../../core/plan/load/split.ts';
import type { FinalTotal, Window } from '../../core/stats/window.ts';
import type { EngineOptions } from '../engine/engine.ts';
import type { Generator } from '../generator.ts';
import { syntheticWindow } from './synthetic-window.ts';

const SECOND_US = 1_000_000;
/** Delay from the end of a second to its window; the same as the engine's. */
const WINDOW_CLOSE_DELAY_US = 2_000;

/** Replaces the engine: opens no driver, generates no load, and emits one synthetic window per second. */
export class SimulatedEngine implements Generator {
  readonly sessions = 0;
  readonly #options: EngineOptions;
  readonly #totals = new Map<string, FinalTotal>();
  #vus: readonly number[];
  readonly #seconds: number;
  readonly #over = Promise.withResolvers<void>();
  #next = 0;
  #isStopped = false;
  #cancelTimer: () => void = () => {};

  constructor(options: EngineOptions) {
    const { plan, share } = options;
    this.#options = options;
    this.#vus = this.#vusOf(share);
    this.#seconds = Math.ceil(plannedDurationUs(plan.plan) / SECOND_US);
  }

  readonly recorder = {
    finalTotals: () => [...this.#totals.values()],
    tallied: () => ({ acknowledged: 0, unknown: 0 }),
    firstStartDelayUs: 0,
  };

  async prepare(): Promise<void> {}

  async run(startUs: number): Promise<number> {
    const { clock, share } = this.#options;
    // An agent that joins a running load has no share yet and reports nothing for the seconds before it came.
    if (share.slots.length === 0) this.#next = Math.max(0, Math.floor((clock.nowUs() - startUs) / SECOND_US));
    if (this.#isStopped) this.#over.resolve();
    else this.#wait(startUs);
    await this.#over.promise;
    return Math.max(0, clock.nowUs() - startUs);
  }

  setLevel(): void {}

  /** A change of the share changes the number of virtual users reported; other changes have no effect. */
  change(change: AgentChange): void {
    if (change.kind === 'share') this.#vus = this.#vusOf(change.share);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#over.resolve();
  }

  abort(): void {
    this.stop();
  }

  async close(): Promise<void> {
    this.stop();
  }

  #vusOf(share: Share): number[] {
    return Object.values(this.#options.plan.plan.scenarios).map((scenario) => ownedCount(mostVus(scenario), share));
  }

  #wait(startUs: number): void {
    const { clock } = this.#options;
    const dueUs = startUs + (this.#next + 1) * SECOND_US + WINDOW_CLOSE_DELAY_US;
    this.#cancelTimer = clock.after(dueUs - clock.nowUs(), () => {
      // No second is left out, however late the timer is, so that the total that control receives is known beforehand.
      const over = Math.min(this.#seconds, Math.floor((clock.nowUs() - startUs) / SECOND_US));
      while (this.#next < over) this.#emit(this.#next++);
      if (this.#next < this.#seconds) this.#wait(startUs);
      else this.#over.resolve();
    });
  }

  #emit(second: number): void {
    const { runId, share, plan, emit } = this.#options;
    const window = syntheticWindow({
      runId,
      agent: share.slots[0] ?? 0,
      second,
      operations: plan.operations.length,
      warmupUs: plan.plan.warmup ?? 0,
      vus: this.#vus,
    });
    this.#count(window);
    emit(window);
  }

  #count({ operations }: Window): void {
    for (const { operation, phase, errors, responseTime, serviceTime } of operations) {
      const key = `${operation} ${phase}`;
      const before = this.#totals.get(key);
      this.#totals.set(key, {
        operation,
        phase,
        count: responseTime.counts.reduce((sum, count) => sum + count, before?.count ?? 0),
        errors: errors + (before?.errors ?? 0),
        responseSumUs: responseTime.sumUs + (before?.responseSumUs ?? 0),
        serviceSumUs: serviceTime.sumUs + (before?.serviceSumUs ?? 0),
      });
    }
  }
}
