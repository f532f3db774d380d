import type { LoadChange } from '../plan/load/load-change.ts';
import type { PlanInput } from '../plan/schema.ts';
import type { Message } from '../text/message.ts';
import type { RunComparison } from '../verdict/compare/run-comparison.ts';
import type { EncodedHistogram } from './histogram.ts';
import type { RunSample, RunSlowSample } from './kept-sample.ts';
import type { SearchResult } from './search/search-result.ts';
import type { ErrorCount, Phase, RatioCounts } from './window.ts';

/** Raised when a field changes its meaning or is removed. Readers refuse other versions. */
export const RESULT_VERSION = 1;

/** Everything that a run measured, as plain data for JSON. This is what is stored, and all that a report may read. */
export interface RunResult {
  readonly version: typeof RESULT_VERSION;
  readonly toolVersion: string;
  readonly runId: string;
  /** The plan as run: overrides applied, secrets as references. */
  readonly plan: PlanInput;
  readonly seed: number;
  /** The command line that started it; empty when unknown. */
  readonly command: string;
  /** The time of the run start by control's wall clock, in RFC 3339. */
  readonly startedAt: string;
  readonly ending: Ending;
  /** From the run start to the end of the warm-up; 0 without a warm-up. */
  readonly warmupUs: number;
  /** From the end of the warm-up to the actual end of the load. */
  readonly measuredUs: number;
  /** The duration that the plan asked for, warm-up included. */
  readonly plannedUs: number;
  readonly control: Environment;
  readonly agents: readonly AgentResult[];
  /** What the monitors say about the target (version, database, …), by label. */
  readonly targetEnvironment: Readonly<Record<string, string>>;
  readonly scenarios: readonly ScenarioResult[];
  /** One per (scenario, operation), in plan order; after them the requests that scripts named, by scenario and name. */
  readonly operations: readonly OperationResult[];
  /** One per scenario with a flow or a script, in plan order. Not in older results. */
  readonly journeys?: readonly JourneyResult[] | undefined;
  /** Spans that scripts measured, by scenario and name. Not in older results, nor where there are none. */
  readonly measures?: readonly MeasureResult[] | undefined;
  /** What scripts checked, by scenario and name. Not in older results, nor where there are none. */
  readonly checks?: readonly CheckResult[] | undefined;
  readonly timings: readonly TimingResult[];
  /** Hits of attempts that drivers counted, by name. Not in older results, nor where there are none. */
  readonly ratios?: readonly RatioResult[] | undefined;
  readonly timeline: Timeline;
  readonly monitors: readonly MonitorSeries[];
  /** One for each driver that compared its writes with stored rows. */
  readonly reconciliations: readonly NamedReconciliation[];
  /** Drivers that should have compared their writes and could not. Not in older results. */
  readonly unverified?: readonly string[] | undefined;
  readonly events: readonly RunEvent[];
  /** Changes of the load that people made while it ran, in order. Each is an event as well. */
  readonly loadChanges: readonly LoadChange[];
  /** What the run was to be compared with. Not in older results, nor of a run without a baseline. */
  readonly baseline?: BaselineReference | undefined;
  /** The levels of a search for the greatest load; only of plans with the executor find-max. Not in older results. */
  readonly search?: SearchResult | undefined;
  /** What the comparison came to. Whoever has the runs of the baseline makes it after the run, so a store does not hold it. */
  readonly comparison?: RunComparison | undefined;
  /** The share of the load that may be missing because agents were lost, 0 to 1. */
  readonly lossTolerance: number;
  /** Why control could not store what agents reported; not where it stored all of it. */
  readonly storeProblem?: string | undefined;
  readonly validity: readonly ValidityCheck[];
  readonly thresholds: readonly ThresholdResult[];
  readonly verdict: Verdict;
}

export type Ending =
  | { readonly kind: 'completed' }
  /** The run has not ended: the result has what was measured until it was made. Such a one is given out, and never stored. */
  | { readonly kind: 'running' }
  /** The run was stopped early. The result contains what was measured until then. */
  | { readonly kind: 'stopped'; readonly by: StopCause; readonly reason: string };

/** Runs that others are compared with, and the name by which they were asked for. */
export interface BaselineReference {
  readonly name: string;
  readonly runIds: readonly string[];
}

/** Somebody asked for it (Ctrl-C), a threshold with `abort` failed, or the load could not go on. */
export type StopCause = 'request' | 'threshold' | 'failure';

export interface Environment {
  readonly host: string;
  readonly os: string;
  /** Such as `Bun 1.4.5`. */
  readonly runtime: string;
  readonly cpuModel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface AgentResult {
  readonly name: string;
  readonly environment: Environment;
  readonly requests: number;
  readonly errors: number;
  /** Measured phase, all operations merged. With more than 100 agents it is coarse (coarsen.ts), to keep the result small. */
  readonly responseTime: EncodedHistogram;
  /** The agent's clock minus control's, and how far that estimate may be off. */
  readonly clockOffsetUs: number;
  readonly clockUncertaintyUs: number;
  /** How far the clock certainly moved relative to control's since the start, at most. Not in older results. */
  readonly clockMovedUs?: number | undefined;
  /** From the planned start, or from when it joined, to the start of its first operation. */
  readonly startDelayUs: number;
  readonly processCpuCores: Summary;
  readonly hostCpuShare: Summary;
  readonly hostMemoryShare: Summary;
  readonly processMemoryBytes: Summary;
  readonly loopLagUs: Summary;
  /** When it joined a running load, since the run start; 0 if it was there from the start. */
  readonly joinedUs: number;
  /** Times in which its share of the load is not known to have been carried out. */
  readonly missing: readonly MissingLoad[];
  /** Whether its totals at the end agree with what control merged. */
  readonly closingTotals: 'agree' | 'differ' | 'missing';
}

export interface MissingLoad {
  /** Since the run start. */
  readonly fromSecond: number;
  readonly toSecond: number;
  /** Share of the whole load, 0 to 1. */
  readonly share: number;
}

export interface Summary {
  readonly mean: number;
  readonly max: number;
}

export interface ScenarioResult {
  readonly name: string;
  readonly executor: string;
  readonly maxVus: number;
  readonly droppedArrivals: number;
  /** Those of the dropped arrivals that agents heard of too late. Not in older results. */
  readonly missedArrivals?: number | undefined;
}

export interface OperationResult {
  readonly scenario: string;
  /** Such as `upload`. */
  readonly name: string;
  /** Such as `POST`. */
  readonly type: string;
  readonly driver: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Set where a script gave the name while the load ran. Not in older results. */
  readonly fromScript?: boolean | undefined;
  readonly phases: Readonly<Record<Phase, PhaseResult>>;
}

/** Passes of virtual users through a scenario's flow, or through its script. */
export interface JourneyResult {
  readonly scenario: string;
  /** The row's name. */
  readonly name: string;
  /**
   * A request is a pass. The response time runs from when the pass was due, pauses included; the service time from its
   * start, without the pauses.
   */
  readonly phases: Readonly<Record<Phase, PhaseResult>>;
}

/** Spans of a script under one name: a request is a span. */
export interface MeasureResult {
  readonly scenario: string;
  readonly name: string;
  readonly phases: Readonly<Record<Phase, PhaseResult>>;
}

/** How often something that a script checks held, and how often it did not. */
export interface CheckResult {
  readonly scenario: string;
  readonly name: string;
  readonly phases: Readonly<Record<Phase, { readonly passes: number; readonly fails: number }>>;
}

export interface PhaseResult {
  readonly requests: number;
  readonly errors: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly responseTime: EncodedHistogram;
  readonly serviceTime: EncodedHistogram;
  readonly sendDelay: EncodedHistogram;
  readonly errorKinds: readonly ErrorKind[];
  /** The slowest with a trace, slowest first, at most three; only where there are some. */
  readonly slowest?: readonly RunSlowSample[] | undefined;
}

export interface ErrorKind extends Omit<ErrorCount, 'samples'> {
  /** The first of these failures in full, at most three; only where there are some. */
  readonly samples?: readonly RunSample[] | undefined;
  /** Whole seconds since the run start. */
  readonly firstSecond: number;
  readonly lastSecond: number;
}

export interface TimingResult {
  readonly name: string;
  readonly phases: Readonly<Record<Phase, EncodedHistogram>>;
}

/** How many of its attempts were hits, such as the true neighbours that a vector search has found. */
export interface RatioResult {
  readonly name: string;
  readonly phases: Readonly<Record<Phase, RatioCounts>>;
  /** Why it says nothing, whatever was counted; only where a driver has said so. */
  readonly voidReason?: string | undefined;
}

/** A column for each figure with an entry for each second since the run start, all phases. The arrays are equally long. */
export interface Timeline {
  /** Virtual users of all scenarios. */
  readonly vus: readonly number[];
  readonly droppedArrivals: readonly number[];
  /** All operations merged. */
  readonly all: SecondColumns;
  /** In the order of `RunResult.operations`. */
  readonly operations: readonly SecondColumns[];
  /** In the order of `RunResult.journeys`. Not in older results. */
  readonly journeys?: readonly SecondColumns[] | undefined;
  /** In the order of `RunResult.measures`. Not in older results, nor where there are none. */
  readonly measures?: readonly SecondColumns[] | undefined;
  /** In the order of `RunResult.ratios`. Not in older results, nor where there are none. */
  readonly ratios?: readonly RatioColumns[] | undefined;
  /** Response times of all operations in that second, which are a column of the heat map. */
  readonly responseTimes: readonly EncodedHistogram[];
  /** The highest value of any agent. */
  readonly agentCpuCores: readonly number[];
  readonly loopLagUs: readonly number[];
}

/** Percentiles are of response times, over the samples of all agents; 0 in a second without samples. */
export interface SecondColumns {
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  readonly sumUs: readonly number[];
  readonly p50Us: readonly number[];
  readonly p95Us: readonly number[];
  readonly p99Us: readonly number[];
  readonly maxUs: readonly number[];
}

/** Hits and attempts of one ratio. */
export interface RatioColumns {
  readonly hits: readonly number[];
  readonly of: readonly number[];
}

/** One second of a row. */
export type SecondFigures = Readonly<Record<keyof SecondColumns, number>>;

/** Undefined without samples of that row. */
export function figuresAt(columns: SecondColumns | undefined, second: number): SecondFigures | undefined {
  if (columns === undefined || !columns.requests[second]) return undefined;
  const at = (column: keyof SecondColumns) => columns[column][second] ?? 0;
  return {
    requests: at('requests'),
    errors: at('errors'),
    sumUs: at('sumUs'),
    p50Us: at('p50Us'),
    p95Us: at('p95Us'),
    p99Us: at('p99Us'),
    maxUs: at('maxUs'),
  };
}

export interface MonitorSeries {
  /** Monitor and metric, such as `target.queue_depth`. */
  readonly name: string;
  /** Whole seconds since the run start, in rising order. */
  readonly seconds: readonly number[];
  readonly values: readonly number[];
}

export interface NamedReconciliation {
  readonly driver: string;
  readonly reconciliation: Reconciliation;
}

/** Acknowledged writes compared with stored rows, key by key. */
export interface Reconciliation {
  /** Where the stored rows were counted. */
  readonly source: 'database' | 'target';
  /** That source in words, without secrets, such as `GET /api/test/upload/count`. */
  readonly sourceDescription: string;
  /** How many keys were compared. */
  readonly keys: number;
  /** Acknowledged writes of all keys. */
  readonly acknowledged: number;
  /** Writes that timed out or were cut off before the answer: they may or may not be stored. */
  readonly unknown: number;
  /** Stored rows of all keys. */
  readonly stored: number;
  /** Acknowledged but not stored: the sum over keys of acknowledged − stored, where positive. */
  readonly lost: number;
  /** Stored but never sent: the sum over keys of stored − acknowledged − unknown, where positive. */
  readonly extra: number;
  /** Those of the unknown writes that are stored. */
  readonly storedWithoutAcknowledgement: number;
  /** The keys with the largest differences, at most 20, worst first. */
  readonly discrepancies: readonly KeyDiscrepancy[];
  /** false: the stored count was still changing at the deadline. */
  readonly stable: boolean;
}

/** A key whose stored rows are not its acknowledged ones. */
export interface KeyDiscrepancy {
  /** As the driver gave it to its tally. */
  readonly key: string;
  /** Acknowledged writes of this key. */
  readonly acknowledged: number;
  /** Its writes that may or may not be stored. */
  readonly unknown: number;
  /** Its stored rows. */
  readonly stored: number;
}

/** Something that happened during the run, which is a mark on the charts. */
export interface RunEvent {
  /** Microseconds since the run start; negative before it. */
  readonly atUs: number;
  readonly text: string;
}

/** Whether the measurement itself can be trusted. */
export interface ValidityCheck {
  /** Such as `generator-saturated`. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found, in a sentence with its figures; when not ok, also what to do. */
  readonly finding: string;
  /** The finding as data, for other languages. */
  readonly message: Message;
}

export type ThresholdResult = {
  /** As written in the plan. */
  readonly criterion: string;
  readonly severity: 'fail' | 'warn';
  /** Set for a criterion that the plan does not have: it applies by default. Not in older results. */
  readonly isDefault?: boolean | undefined;
} & (
  | {
      readonly status: 'pass' | 'fail';
      /** In the unit of the criterion: microseconds, a share, per second or a count. */
      readonly actual: number;
      readonly limit: number;
      readonly unit: 'us' | 'share' | 'perSecond' | 'count';
      /** The number of samples that the figure is based on. */
      readonly samples: number;
      /** What the limit follows from, in the same unit; only of a criterion that is compared with a baseline. */
      readonly baseline?: { readonly name: string; readonly value: number } | undefined;
      /** First second of the worst window of a sliding criterion. */
      readonly worstSecond?: number;
    }
  /** There was nothing to judge by, which is never a pass. */
  | { readonly status: 'invalid'; readonly reason: string; readonly message: Message }
);

export type Verdict = {
  readonly kind: 'pass' | 'fail' | 'invalid';
  /** One sentence each; empty for a pass. */
  readonly reasons: readonly string[];
};
