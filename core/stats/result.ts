import type { LoadChange } from '../plan/load-change.ts';
import type { PlanInput } from '../plan/schema.ts';
import type { EncodedHistogram } from './histogram.ts';
import type { ErrorCount, Phase } from './window.ts';

/** Raised when a field changes its meaning or goes; readers refuse newer ones. */
export const RESULT_VERSION = 1;

/** Everything a run measured, as plain JSON-able data: what is stored, and all that a report may read. */
export interface RunResult {
  readonly version: typeof RESULT_VERSION;
  readonly toolVersion: string;
  readonly runId: string;
  /** The plan as run: overrides applied, secrets as references. */
  readonly plan: PlanInput;
  readonly seed: number;
  /** The command line that started it; empty when unknown. */
  readonly command: string;
  /** RFC 3339, control's wall clock at the run start. */
  readonly startedAt: string;
  readonly ending: Ending;
  /** From the run start to the end of the warm-up; 0 without one. */
  readonly warmupUs: number;
  /** From the end of the warm-up to the end of the load, as it was. */
  readonly measuredUs: number;
  /** What the plan asked for, warm-up included. */
  readonly plannedUs: number;
  readonly control: Environment;
  readonly agents: readonly AgentResult[];
  /** What the target's monitors say of it (version, database, …), by label. */
  readonly targetEnvironment: Readonly<Record<string, string>>;
  readonly scenarios: readonly ScenarioResult[];
  /** One per (scenario, operation), in plan order. */
  readonly operations: readonly OperationResult[];
  /** One per scenario with a flow or a script, in plan order. Not in older results. */
  readonly journeys?: readonly JourneyResult[] | undefined;
  readonly timings: readonly TimingResult[];
  readonly timeline: Timeline;
  readonly monitors: readonly MonitorSeries[];
  /** One per driver that could verify. */
  readonly reconciliations: readonly NamedReconciliation[];
  /** Drivers that should have verified and could not: of their writes nothing is known. Not in older results. */
  readonly unverified?: readonly string[] | undefined;
  readonly events: readonly RunEvent[];
  /** What people have changed of the load while it ran, in order; each is an event too. */
  readonly loadChanges: readonly LoadChange[];
  /** How much of the load may be missing because agents were lost, as a share of all of it, 0 to 1. */
  readonly lossTolerance: number;
  readonly validity: readonly ValidityCheck[];
  readonly thresholds: readonly ThresholdResult[];
  readonly verdict: Verdict;
}

export type Ending =
  | { readonly kind: 'completed' }
  /** Stopped before its time; what was measured until then is in the result. */
  | { readonly kind: 'stopped'; readonly by: StopCause; readonly reason: string };

/** Someone asked for it (Ctrl-C); a threshold with `abort` was broken; or the load could not go on. */
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
  /** Measured phase, all operations merged. Of more than 100 agents it is coarse (coarsen.ts): else they would be most of the result. */
  readonly responseTime: EncodedHistogram;
  /** Agent's clock minus control's, in microseconds, and how far that may be off. */
  readonly clockOffsetUs: number;
  readonly clockUncertaintyUs: number;
  /** The most that the clock certainly moved against control's since the start; 0 when it kept. Not in older results. */
  readonly clockMovedUs?: number | undefined;
  /** Its first operation's start after the assigned instant, or after it joined. */
  readonly startDelayUs: number;
  readonly processCpuCores: Summary;
  readonly hostCpuShare: Summary;
  readonly hostMemoryShare: Summary;
  readonly processMemoryBytes: Summary;
  readonly loopLagUs: Summary;
  /** When it came to a load that ran already, since the run start; 0 when it was there from the start. */
  readonly joinedUs: number;
  /** Time of which nothing is known to have been done of its share of the load. */
  readonly missing: readonly MissingLoad[];
  /** Its totals at the end agree with what control merged. */
  readonly closingTotals: 'agree' | 'differ' | 'missing';
}

export interface MissingLoad {
  /** Since the run start. */
  readonly fromSecond: number;
  readonly toSecond: number;
  /** Of the whole load, 0 to 1. */
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
  /** Of those, the ones that agents heard of when their time was over; 0 without it. */
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

export interface PhaseResult {
  readonly requests: number;
  readonly errors: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly responseTime: EncodedHistogram;
  readonly serviceTime: EncodedHistogram;
  readonly sendDelay: EncodedHistogram;
  readonly errorKinds: readonly ErrorKind[];
}

export interface ErrorKind extends ErrorCount {
  /** Whole seconds since the run start. */
  readonly firstSecond: number;
  readonly lastSecond: number;
}

export interface TimingResult {
  readonly name: string;
  readonly phases: Readonly<Record<Phase, EncodedHistogram>>;
}

/** A column per figure, an entry per second since the run start, all phases; the arrays are equally long. */
export interface Timeline {
  /** Virtual users, all scenarios. */
  readonly vus: readonly number[];
  readonly droppedArrivals: readonly number[];
  /** All operations merged. */
  readonly all: SecondColumns;
  /** As `RunResult.operations`. */
  readonly operations: readonly SecondColumns[];
  /** As `RunResult.journeys`. Not in older results. */
  readonly journeys?: readonly SecondColumns[] | undefined;
  /** Response times of all operations in that second: a column of the heat map. */
  readonly responseTimes: readonly EncodedHistogram[];
  /** Worst over the agents. */
  readonly agentCpuCores: readonly number[];
  readonly loopLagUs: readonly number[];
}

/** Percentiles are of response times, exact over all agents; 0 in a second without samples. */
export interface SecondColumns {
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  readonly sumUs: readonly number[];
  readonly p50Us: readonly number[];
  readonly p95Us: readonly number[];
  readonly p99Us: readonly number[];
  readonly maxUs: readonly number[];
}

export interface MonitorSeries {
  /** Monitor and metric, such as `target.queue_depth`. */
  readonly name: string;
  /** Whole seconds since the run start, rising. */
  readonly seconds: readonly number[];
  readonly values: readonly number[];
}

export interface NamedReconciliation {
  readonly driver: string;
  readonly reconciliation: Reconciliation;
}

/** Acknowledged writes against stored rows, key by key. */
export interface Reconciliation {
  /** Who was asked for the stored rows. */
  readonly source: 'database' | 'target';
  /** That source in words, without secrets, such as `GET /api/test/upload/count`. */
  readonly sourceDescription: string;
  readonly keys: number;
  readonly acknowledged: number;
  /** Timed out or cut off before the answer: may or may not be stored. */
  readonly unknown: number;
  readonly stored: number;
  /** Sum over keys of acknowledged − stored, where positive: told to be written, and not there. */
  readonly lost: number;
  /** Sum over keys of stored − acknowledged − unknown, where positive: there, and never sent. */
  readonly extra: number;
  /** Of the unknown ones, those that are stored. */
  readonly storedWithoutAcknowledgement: number;
  /** The keys that lost or gained most, at most 20, worst first. */
  readonly discrepancies: readonly KeyDiscrepancy[];
  /** false: the stored count was still changing at the deadline. */
  readonly stable: boolean;
}

export interface KeyDiscrepancy {
  readonly key: string;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly stored: number;
}

/** Something that happened to the run: a mark on the charts. */
export interface RunEvent {
  /** Since the run start; negative before it. */
  readonly atUs: number;
  readonly text: string;
}

/** A sentence as data: which one of the catalogues (core/verdict/messages), and what it tells of, in base units. */
export interface Message {
  readonly id: string;
  readonly params: Readonly<Record<string, string | number | readonly string[]>>;
}

/** Whether the measurement itself can be believed. */
export interface ValidityCheck {
  /** Such as `generator-saturated`. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found, in a sentence with its figure; and, when not ok, what to do. */
  readonly finding: string;
  /** The finding for other languages. */
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
      /** How many samples stand behind the figure. */
      readonly samples: number;
      /** The worst window's first second, for a sliding criterion. */
      readonly worstSecond?: number;
    }
  /** Nothing to judge by: never a pass. */
  | { readonly status: 'invalid'; readonly reason: string; readonly message: Message }
);

export type Verdict = {
  readonly kind: 'pass' | 'fail' | 'invalid';
  /** A sentence each; empty for a pass. */
  readonly reasons: readonly string[];
};
