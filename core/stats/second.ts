import type { EncodedHistogram } from './histogram.ts';
import type { Phase, TimingWindow } from './window.ts';

/** One second of a run with all agents merged. No connected agent will add to it. */
export interface SettledSecond {
  /** Whole seconds since the run's start. */
  readonly second: number;
  readonly operations: readonly SecondOperation[];
  readonly timings: readonly TimingWindow[];
  readonly vus: number;
  readonly droppedArrivals: number;
  /** The longest time for which the event loop of an agent was blocked. */
  readonly loopLagUs: number;
  /** Values of that second by `monitor.metric`, such as `target.queue_depth`. */
  readonly monitors: Readonly<Record<string, number>>;
}

export interface SecondOperation {
  /** Index into the plan's operations. */
  readonly operation: number;
  readonly phase: Phase;
  readonly requests: number;
  readonly errors: number;
  readonly responseTime: EncodedHistogram;
  readonly serviceTime: EncodedHistogram;
}
