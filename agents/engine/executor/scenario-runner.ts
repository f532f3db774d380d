import type { Clock } from '../../../core/clock.ts';
import type { ScenarioTime } from '../../../core/plan/split.ts';
import type { Course } from '../schedule/load-schedule.ts';
import type { Scheduler } from '../timer-queue.ts';
import type { Executor } from './executor.ts';

/** How long operations that were cut off may take to give their outcome. */
const CUT_GRACE_US = 5_000_000;

export interface ScenarioLoadParts {
  readonly clock: Clock;
  readonly executor: Executor;
  readonly time: ScenarioTime;
  readonly course: Course;
  readonly scheduler: Scheduler;
  /** Cuts off the scenario's operations in flight. */
  readonly cut: AbortController;
}

/**
 * One scenario's executor, with what ends it: when its load and its graceful stop are over, its operations in flight are
 * cut off, and those of a driver that ignores this are soon no longer waited for: they have failed. Other scenarios are not touched.
 */
export class ScenarioLoad {
  readonly executor: Executor;
  readonly course: Course;
  readonly scheduler: Scheduler;
  readonly #clock: Clock;
  readonly #time: ScenarioTime;
  readonly #cut: AbortController;
  readonly #givenUp = Promise.withResolvers<void>();
  #cancelTimer: (() => void) | undefined;
  #isOver = false;

  constructor({ clock, executor, time, course, scheduler, cut }: ScenarioLoadParts) {
    this.#clock = clock;
    this.executor = executor;
    this.#time = time;
    this.course = course;
    this.scheduler = scheduler;
    this.#cut = cut;
    void executor.stopped.then(() => this.#cutOffAfterGrace());
  }

  /**
   * Resolves when the load is over.
   * @param startUs the run's second 0 on the clock
   */
  async run(startUs: number): Promise<void> {
    try {
      const givenUp = this.#givenUp.promise.then(() => this.executor.giveUp());
      await Promise.race([this.executor.run(startUs + this.#time.startUs), givenUp]);
    } finally {
      this.#end();
    }
  }

  /** No new operations; those in flight may take the graceful stop. */
  stop(): void {
    this.executor.stop();
  }

  /** No new operations, and those in flight are cut off. */
  abort(): void {
    this.executor.stop();
    this.#cutOff();
  }

  /** Nothing of it is left to come, and no session is open. Never throws. */
  async close(): Promise<void> {
    this.executor.stop();
    this.#cut.abort();
    this.#end();
    await this.executor.disconnect();
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelTimer?.();
  }

  #cutOffAfterGrace(): void {
    if (!this.#cut.signal.aborted) this.#arm(this.#time.gracefulStopUs, () => this.#cutOff());
  }

  #cutOff(): void {
    if (this.#cut.signal.aborted) return;
    this.#cut.abort();
    this.#arm(CUT_GRACE_US, () => this.#givenUp.resolve());
  }

  #arm(delayUs: number, act: () => void): void {
    this.#cancelTimer?.();
    if (!this.#isOver) this.#cancelTimer = this.#clock.after(delayUs, act);
  }
}
