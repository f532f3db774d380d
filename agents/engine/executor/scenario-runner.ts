import type { Clock } from '../../../core/clock.ts';
import type { ScenarioTime } from '../../../core/plan/load/split.ts';
import type { LoadSchedule } from '../schedule/load-schedule.ts';
import type { TimerQueue } from '../timer-queue.ts';
import type { Executor } from './executor.ts';

/** How long operations that were aborted may take to return their outcome. */
const ABORT_GRACE_US = 5_000_000;

export interface ScenarioRunnerParts {
  readonly clock: Clock;
  readonly executor: Executor;
  readonly time: ScenarioTime;
  readonly schedule: LoadSchedule;
  readonly timers: TimerQueue;
  /** Aborts the scenario's operations in flight. */
  readonly cut: AbortController;
}

/**
 * Runs one scenario's executor and makes sure that it ends: when the graceful stop is over, operations in flight are
 * aborted; {@link ABORT_GRACE_US} later, those of a driver that ignores the abort count as failed and are waited for no
 * longer. Other scenarios are not affected.
 */
export class ScenarioRunner {
  readonly executor: Executor;
  readonly schedule: LoadSchedule;
  readonly timers: TimerQueue;
  readonly #clock: Clock;
  readonly #time: ScenarioTime;
  readonly #cut: AbortController;
  readonly #abandoned = Promise.withResolvers<void>();
  #cancelTimer: (() => void) | undefined;
  #isOver = false;

  constructor({ clock, executor, time, schedule, timers, cut }: ScenarioRunnerParts) {
    this.#clock = clock;
    this.executor = executor;
    this.#time = time;
    this.schedule = schedule;
    this.timers = timers;
    this.#cut = cut;
    void executor.stopped.then(() => this.#abortAfterGracefulStop());
  }

  /**
   * Called once. Resolves when no operation is in flight or waited for.
   * @param startUs start of the run on the clock, in microseconds
   * @throws a fault of the executor
   */
  async run(startUs: number): Promise<void> {
    try {
      const abandoned = this.#abandoned.promise.then(() => this.executor.abandon());
      await Promise.race([this.executor.run(startUs + this.#time.startUs), abandoned]);
    } finally {
      this.#end();
    }
  }

  /** Begins no new operations; those in flight may take the graceful stop. */
  stop(): void {
    this.executor.stop();
  }

  /** Begins no new operations and aborts those in flight. */
  abort(): void {
    this.executor.stop();
    this.#abortInFlight();
  }

  /** Stops everything and closes every session. Never rejects. */
  async close(): Promise<void> {
    this.executor.stop();
    this.#cut.abort();
    this.#end();
    await this.executor.disconnect();
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelTimer?.();
    // What slept when it was cut off has left its timer behind, which would keep the process alive until it is due.
    this.timers.wakeAll();
  }

  #abortAfterGracefulStop(): void {
    if (!this.#cut.signal.aborted) this.#arm(this.#time.gracefulStopUs, () => this.#abortInFlight());
  }

  #abortInFlight(): void {
    if (this.#cut.signal.aborted) return;
    this.#cut.abort();
    this.#arm(ABORT_GRACE_US, () => this.#abandoned.resolve());
  }

  #arm(delayUs: number, act: () => void): void {
    this.#cancelTimer?.();
    if (!this.#isOver) this.#cancelTimer = this.#clock.after(delayUs, act);
  }
}
