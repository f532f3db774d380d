import type { EncodedHistogram } from './histogram.ts';
import type { Phase, RatioWindow, ScriptRow, TimingWindow } from './window.ts';

/** One second of a run with all agents merged. No connected agent will add to it. */
export interface SettledSecond {
  /** Whole seconds since the run's start. */
  readonly second: number;
  readonly operations: readonly SecondOperation[];
  readonly timings: readonly TimingWindow[];
  /** What was counted in the second; of one that is void by now, at least that. Absent where there are none. */
  readonly ratios?: readonly RatioWindow[] | undefined;
  readonly vus: number;
  readonly droppedArrivals: number;
  /** The longest time for which the event loop of an agent was blocked. */
  readonly loopLagUs: number;
  /** CPU that the busiest agent's process used, in cores. */
  readonly agentCpuCores: number;
  /** For how much of the second a thread that makes load was ready to run and had no processor: the agent's for which that was most. */
  readonly cpuWaitShare: number;
  /** Values of that second by `monitor.metric`, such as `target.queue_depth`. */
  readonly monitors: Readonly<Record<string, number>>;
}

export interface SecondOperation {
  /** Number of the row: an operation or journey of the plan, or after them one that a script named. */
  readonly operation: number;
  /** Present where a script named it. */
  readonly row?: ScriptRow | undefined;
  readonly phase: Phase;
  readonly requests: number;
  readonly errors: number;
  /** Those of the errors that are of a kind that {@link isTimeout}. */
  readonly timeouts: number;
  readonly responseTime: EncodedHistogram;
  readonly serviceTime: EncodedHistogram;
}
