import type { Clock } from '../../../core/clock.ts';
import type { Journey, OnceSteps } from '../../../core/plan/journey.ts';
import type { Driver } from '../../../core/plugin.ts';
import type { DriverCloser } from '../drivers/driver-closer.ts';
import type { Recorder } from '../recorder.ts';
import type { TimerQueue } from '../timer-queue.ts';
import type { EventLoopTurn } from './event-loop-turn.ts';
import type { OperationMix } from './operation-mix.ts';
import type { PauseLatch } from './pause-latch.ts';
import type { ScriptSetup } from './script-setup.ts';
import type { NextStart } from './think-time.ts';

/**
 * How late a runtime's timers usually are, in microseconds. In a closed model, a pause that is longer by up to this much
 * counts as pause; what is beyond is the generator's delay and counts in send delay and response time.
 */
export const TIMER_RESOLUTION_US = 2_000;

/** What all virtual users of a scenario in one agent share. */
export interface UserContext {
  readonly clock: Clock;
  readonly timers: TimerQueue;
  readonly recorder: Recorder;
  readonly mix: OperationMix;
  /** The opened drivers, in the order of {@link OperationMix.drivers}. */
  readonly drivers: readonly Driver[];
  readonly seed: number;
  /** Undefined when the plan has no think time. */
  readonly nextStart: NextStart | undefined;
  /** Closed while the load is paused. */
  readonly pauseLatch: PauseLatch;
  readonly turn: EventLoopTurn;
  /** Aborted when operations in flight are to be cut off. */
  readonly cut: AbortSignal;
  readonly closer: DriverCloser;
  /** Undefined where users do nothing but draw operations. */
  readonly steps: ScenarioSteps | undefined;
}

/** What a scenario has virtual users do beside drawing operations. Immutable, shared by all of them in one agent. */
export interface ScenarioSteps {
  readonly journey: Journey | undefined;
  readonly once: OnceSteps;
  /** Operations that passes may send, by their index; undefined where they may send all, or a script does. */
  readonly ofPasses: readonly number[] | undefined;
  /** Undefined where the scenario has no script. */
  readonly script: ScriptSetup | undefined;
}
