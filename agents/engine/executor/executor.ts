import type { ParsedScenario } from '../../../core/plan/schema.ts';
import type { ScenarioTime } from '../../../core/plan/split.ts';
import type { ScenarioWindow } from '../../../core/stats/window.ts';
import type { Course } from '../schedule/load-schedule.ts';
import type { Surroundings } from '../vu/virtual-user.ts';

/** A load model at work on one scenario, in one agent. */
export interface Executor {
  /** Connects the virtual users that the load begins with, outside all measured time. */
  prepare(): Promise<void>;
  /**
   * Drives the load; resolves when the last operation has ended and every session is closed. What the load fails by is
   * told at once, through its setup.
   * @param startUs the scenario's second 0 on the clock
   */
  run(startUs: number): Promise<void>;
  /**
   * The course has changed.
   * @param fromUs the time from which it is another, since the scenario's start
   */
  revise(fromUs: number): void;
  /** No new operations from now on. */
  stop(): void;
  /** Resolves when no new operations begin any more: when it was stopped, and when its load has come to its end. */
  readonly stopped: Promise<void>;
  /** Counts the operations in flight as failed: they are no longer waited for. To be called once, after {@link stop}. */
  giveUp(): void;
  /** Closes the sessions that are open still: of a load that was not run, or not to its end. Never throws. */
  disconnect(): Promise<void>;
  /** The most virtual users alive (closed models) or busy (open models) at once since the last call. */
  takeVus(): number;
  /** Since the last call. */
  takeDropped(): Pick<ScenarioWindow, 'droppedArrivals' | 'missedArrivals'>;
}

export interface ExecutorSetup<Scenario extends ParsedScenario = ParsedScenario> {
  readonly scenario: Scenario;
  readonly time: ScenarioTime;
  readonly course: Course;
  /** Index over all scenarios of this one's n-th virtual user. */
  readonly userIndex: (n: number) => number;
  /** Random stream that belongs to the scenario and not to one of its users. */
  readonly stream: number;
  readonly surroundings: Surroundings;
  /** The load cannot go on: it is then stopped. */
  readonly fail: (error: unknown) => void;
}

/** So many connect at once: enough to be quick, not so many that a listen backlog overflows. */
const CONNECTING_AT_ONCE = 100;

/** Calls for each of 0 … count − 1, a bounded number at once. */
export async function forEachConcurrently(count: number, act: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, CONNECTING_AT_ONCE) }, worker));
}
