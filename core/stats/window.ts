import type { EncodedHistogram } from './histogram.ts';

/** Timings by different names in a run: each has dense histograms, of its own and in every second that is open. */
export const MAX_TIMINGS = 50;

/** A sample's phase is that of its intended start. */
export type Phase = 'warmup' | 'measure';

/** One second of samples of one agent: the unit that is sent, acknowledged and merged. */
export interface Window {
  /** Whole seconds since the run's start; a sample belongs to the second in which it ended. */
  readonly second: number;
  readonly operations: readonly OperationWindow[];
  readonly scenarios: readonly ScenarioWindow[];
  /** Change of each key's written rows since the agent's previous window. */
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
  /** Each holds every sample of the second, failed ones too: their counts are equal. */
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
}

export interface ScenarioWindow {
  readonly scenario: number;
  /**
   * The most virtual users alive (in open models: busy) at once in the second; when the agent's share changed in it, at once
   * since then. One in its last operation is alive.
   */
  readonly vus: number;
  /** Arrivals that were the agent's and that it did not carry out: no virtual user was free, or it heard of them too late. */
  readonly droppedArrivals: number;
  /** Of those, the ones that it heard of when their time was over. */
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

/** What the agent's process and host did in the second. */
export interface HostSample {
  /** 1 is one core fully used by the agent's process, without the time spent polling for the next arrival. */
  readonly processCpuCores: number;
  /** 0 to 1, over all cores of the host. */
  readonly hostCpuShare: number;
  readonly processMemoryBytes: number;
  /** 0 to 1. */
  readonly hostMemoryShare: number;
  /** The most that the event loop was late against an absolute schedule. */
  readonly loopLagMaxUs: number;
}

/** What an agent says its windows add up to, per operation and phase. */
export interface FinalTotal {
  readonly operation: number;
  readonly phase: Phase;
  readonly count: number;
  readonly errors: number;
  readonly responseSumUs: number;
  readonly serviceSumUs: number;
}
