/** What an output gets: the figures of a run while it goes on. This is public API. */

import type { RunResult } from './stats/result.ts';

/** The run whose figures an output gets. */
export interface OutputRun {
  /** As {@link DriverContext.runId}. */
  readonly runId: string;
  /** The name of the plan. */
  readonly plan: string;
  /** The target as the plan writes it, with references in place of secrets; empty when there is none. */
  readonly target: string;
  /** The seed of the plan. */
  readonly seed: number;
}

/** What an output gets when it is opened, beside what is in {@link OutputRun}. */
export interface OutputContext extends OutputRun {
  /** Tells those who watch the run one sentence, which its result lists when there is none yet. To be called again, throw instead. */
  note(text: string): void;
}

/** An output that is open, in control. Calls never overlap, and nothing of a run waits for them. */
export interface Output {
  /**
   * True for one that uses only the seconds that have {@link OutputSecond.soFar}: what is between them is then missed with the next
   * such one.
   */
  readonly takesTotals?: boolean;
  /**
   * Takes one second of the run. Called for each second that all agents have gone beyond, in order, and again for one to which a
   * window has come late. When it throws, it is called again with the same second, and what comes meanwhile is kept: the newest 60
   * seconds. The signal is aborted after 10 s.
   */
  second(figures: OutputSecond, signal: AbortSignal): void | Promise<void>;
  /**
   * Takes the result of the run, which has every second in its `timeline`: those too that this output has missed. Called once,
   * after the last second; again when it throws. It may take 10 s. Not called when the run ends without a result.
   */
  end(result: RunResult, signal: AbortSignal): void | Promise<void>;
  /**
   * Frees what the output holds. Called once, when the run is over, also while a call is under way that is waited for no longer.
   * Errors are told. It may take 5 s, then the signal is aborted.
   */
  close(signal: AbortSignal): void | Promise<void>;
}

/** One second of a run, all agents together. */
export interface OutputSecond {
  /** Whole seconds since the run start. */
  readonly second: number;
  /** The run start on control's wall clock, in RFC 3339. */
  readonly startedAt: string;
  /** Whether it was given before. Its rows and scenarios then replace those of before. */
  readonly isCorrection: boolean;
  /** The requests and journeys that had samples in this second. */
  readonly rows: readonly OutputRow[];
  /** Every scenario of the plan. */
  readonly scenarios: readonly OutputScenario[];
  /** The agents as they are when the second is settled, each name once; empty in a correction. */
  readonly agents: readonly OutputAgent[];
  /** Values of that second by `monitor.metric`, such as `target.queue_depth`. */
  readonly monitors: Readonly<Record<string, number>>;
  /** Everything until now; present in every fifth second. */
  readonly soFar?: RunSoFar | undefined;
}

/** What the samples of one row came to in one second, warm-up and measured phase together. */
export interface OutputRow {
  /** Name of the scenario. */
  readonly scenario: string;
  /** Name of the operation or journey, such as `upload`. */
  readonly operation: string;
  /** Such as `POST`; empty for a journey. */
  readonly type: string;
  /** The driver of the plan that sent the requests; empty for a journey. */
  readonly driver: string;
  /** `journey`: passes, which are in no sum of all requests. */
  readonly kind: 'request' | 'journey';
  /** How many samples ended in the second. */
  readonly requests: number;
  /** Those of them that failed. */
  readonly errors: number;
  /** Their response times added up. */
  readonly sumUs: number;
  /** The longest response time. */
  readonly maxUs: number;
  /** Percentile of the response times; without those of windows that came late. */
  readonly p50Us: number;
  /** As `p50Us`. */
  readonly p95Us: number;
  /** As `p50Us`. */
  readonly p99Us: number;
}

/** The load of one scenario in one second. */
export interface OutputScenario {
  /** As in the plan. */
  readonly name: string;
  /** Virtual users that were alive, or busy where the load is arrivals per second. */
  readonly vus: number;
  /** Virtual users that the plan, and what operators have changed since, asks for; undefined where the load is arrivals per second. */
  readonly vusWanted?: number | undefined;
  /** Arrivals per second that are asked for; undefined where the load is virtual users. */
  readonly rateWanted?: number | undefined;
  /** Arrivals that no free virtual user could take. */
  readonly droppedArrivals: number;
}

/** One agent, with what its newest window says. */
export interface OutputAgent {
  /** As `bench agents` lists it. */
  readonly name: string;
  /** `left`: it has ended its load; `lost`: control does not hear of it. */
  readonly state: 'here' | 'left' | 'lost';
  /** CPU that its process used in a second, in cores. */
  readonly processCpuCores: number;
  /** Resident memory of its process. */
  readonly processMemoryBytes: number;
  /** The longest time for which its event loop was blocked in a second. */
  readonly loopLagUs: number;
}

/**
 * A run as it is now, in the shapes of its result. It counts everything that control has by now, so the newest of it may belong
 * to seconds that have not been given. These counts only grow: an output that shows them as counters loses nothing by what it misses.
 */
export interface RunSoFar
  extends Pick<
    RunResult,
    'operations' | 'journeys' | 'measures' | 'checks' | 'timings' | 'ratios' | 'scenarios' | 'events' | 'thresholds'
  > {
  /** Everything that is counted ended before this many seconds after the run start. */
  readonly seconds: number;
  /** How long ago the last of these seconds was over when all of this was taken together; the same for all outputs. */
  readonly behindSeconds: number;
  /** `fail`: a criterion that can make the run fail does not hold by now. Whether a run can be trusted is known at its end. */
  readonly verdict: 'pass' | 'fail';
}
