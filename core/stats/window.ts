import type { EncodedHistogram } from './histogram.ts';
import type { FailureSample, SlowSample } from './kept-sample.ts';

/** The limit of different timings in an agent. Each has a histogram, in total and in every open second. */
export const MAX_TIMINGS = 50;
/** The same for all agents of a run together. */
export const MAX_RUN_TIMINGS = 75;

/** The limit of different ratios in an agent. Each has two counts for every second of the run. */
export const MAX_RATIOS = 50;
/** The same for all agents of a run together. */
export const MAX_RUN_RATIOS = 75;
/**
 * The most that one window can count of one thing: a hundred times what the fastest agent does in a second. So the sums of a
 * thousand agents over an hour stay exact integers, whatever one of them says.
 */
export const MAX_WINDOW_COUNT = 1e9;
/** Characters of the reason for which a ratio is void. */
export const MAX_VOID_REASON = 300;

/** Characters of a name that is not the plan's own: of a timing, a ratio, a tally's key, an error's kind, or what a script names. */
export const MAX_NAME_LENGTH = 200;
/** Tags that a script may give a row. */
export const MAX_TAGS = 20;

/** The phase of a sample is that of its intended start. */
export type Phase = 'warmup' | 'measure';

/** One second of samples of one agent. This is the unit that is sent, acknowledged and merged. */
export interface Window {
  /** Whole seconds since the run start. A sample belongs to the second in which it ended. */
  readonly second: number;
  /** Whether the agent's next window is of the same second, because one would be too large for a message. */
  readonly continues?: true | undefined;
  readonly operations: readonly OperationWindow[];
  readonly scenarios: readonly ScenarioWindow[];
  /** How the written rows of each key have changed since the agent's previous window. */
  readonly writes: readonly WriteTallyEntry[];
  readonly timings: readonly TimingWindow[];
  /** What drivers counted as hits of attempts; absent where they counted none. */
  readonly ratios?: readonly RatioWindow[] | undefined;
  readonly host: HostSample;
  /** What scripts recorded under names of their own; absent where they recorded nothing. */
  readonly script?: ScriptWindow | undefined;
}

/** Names go with every window, so that a window can be merged whichever others have come. */
export interface ScriptWindow {
  readonly rows: readonly ScriptRowWindow[];
  readonly checks: readonly CheckWindow[];
}

/** What the samples of one row have in common, whether the plan names it or a script. */
export type RowFigures = Omit<OperationWindow, 'operation'>;

export interface ScriptRowWindow extends RowFigures {
  readonly row: ScriptRow;
}

/** A row of the results that a script has named while the load ran. */
export interface ScriptRow {
  /** Index in the plan. */
  readonly scenario: number;
  /** `measure`: a span of a script, which holds what requests did already and is in no sum of all requests. */
  readonly kind: 'request' | 'measure';
  /** The driver of the plan that sent the requests; empty for spans. */
  readonly driver: string;
  /** Such as `GET`; empty for spans. */
  readonly type: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Something that a script checks. */
export interface ScriptCheck {
  /** Index in the plan. */
  readonly scenario: number;
  readonly name: string;
}

export interface CheckWindow extends ScriptCheck {
  readonly phase: Phase;
  readonly passes: number;
  readonly fails: number;
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
  /** The slowest with a trace that are among those of the run so far, slowest first; only where there are some. */
  readonly slowest?: readonly SlowSample[] | undefined;
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

/** Hits of attempts: whole numbers, with no more hits than attempts. */
export interface RatioCounts {
  readonly hits: number;
  readonly of: number;
}

export interface RatioWindow extends RatioCounts {
  readonly name: string;
  readonly phase: Phase;
  /** Why the whole ratio, in every phase and of every agent, says nothing; only where a driver has said so. */
  readonly voidReason?: string | undefined;
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
  /** Share of the time in which the thread that makes the load was ready to run and had no processor; 0 where the host does not tell. */
  readonly cpuWaitShare: number;
}

/** The kinds of what scripts name; of checks, failed ones are the errors, and there are no durations. */
export const SCRIPT_TOTALS = ['request', 'measure', 'check'] as const;

/**
 * What the windows of an agent add up to by its own count, for one operation and phase. What scripts named is summed up by kind,
 * in the order of {@link SCRIPT_TOTALS}, under the numbers after the last row of the plan.
 */
export interface FinalTotal {
  readonly operation: number;
  readonly phase: Phase;
  readonly count: number;
  readonly errors: number;
  readonly responseSumUs: number;
  readonly serviceSumUs: number;
}
