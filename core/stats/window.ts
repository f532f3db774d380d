import type { FailureSample } from './failure-sample.ts';
import type { EncodedHistogram } from './histogram.ts';

/** The limit of different timings in a run. Each has dense histograms, in total and in every open second. */
export const MAX_TIMINGS = 50;

/** The phase of a sample is that of its intended start. */
export type Phase = 'warmup' | 'measure';

/** One second of samples of one agent. This is the unit that is sent, acknowledged and merged. */
export interface Window {
  /** Whole seconds since the run start. A sample belongs to the second in which it ended. */
  readonly second: number;
  readonly operations: readonly OperationWindow[];
  readonly scenarios: readonly ScenarioWindow[];
  /** How the written rows of each key have changed since the agent's previous window. */
  readonly writes: readonly WriteTallyEntry[];
  readonly timings: readonly TimingWindow[];
  readonly host: HostSample;
}

export interface OperationWindow {
  /** Index into the plan's operations, counted through all scenarios in plan order. */
  readonly operation: number;
  readonly phase: Phase;
  readonly errors: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Each of the three contains every sample of the second, failed ones too, so their counts are equal. */
  readonly responseTime: EncodedHistogram;
  readonly serviceTime: EncodedHistogram;
  readonly sendDelay: EncodedHistogram;
  readonly errorKinds: readonly ErrorCount[];
}

export interface ErrorCount {
  readonly kind: string;
  readonly count: number;
  /** One message of this kind. */
  readonly example: string;
  /** The first of these failures in full, at most three; only where there are some. */
  readonly samples?: readonly FailureSample[] | undefined;
}

export interface ScenarioWindow {
  readonly scenario: number;
  /**
   * The highest number of virtual users in the second that were alive, or busy in open models; if the agent's share changed in
   * the second, the highest since then. A user in its last operation is alive.
   */
  readonly vus: number;
  /** The agent's arrivals that it did not carry out: no virtual user was free, or it heard of them too late. */
  readonly droppedArrivals: number;
  /** Those of the dropped arrivals that it heard of too late. */
  readonly missedArrivals: number;
}

export interface WriteTallyEntry {
  /** Index into the plan's drivers, in the order of their first use. */
  readonly driver: number;
  readonly key: string;
  readonly acknowledged: number;
  readonly unknown: number;
}

export interface TimingWindow {
  readonly name: string;
  readonly phase: Phase;
  readonly histogram: EncodedHistogram;
}

/** What the agent's process and its host used in the second. */
export interface HostSample {
  /** CPU cores that the agent's process used, without the time that it spent polling for the next arrival. */
  readonly processCpuCores: number;
  /** 0 to 1, over all cores of the host. */
  readonly hostCpuShare: number;
  readonly processMemoryBytes: number;
  /** 0 to 1. */
  readonly hostMemoryShare: number;
  /** How late the event loop was at most, compared with an absolute schedule. */
  readonly loopLagMaxUs: number;
}

/** What the windows of an agent add up to by its own count, for one operation and phase. */
export interface FinalTotal {
  readonly operation: number;
  readonly phase: Phase;
  readonly count: number;
  readonly errors: number;
  readonly responseSumUs: number;
  readonly serviceSumUs: number;
}
