/**
 * The plugin shapes: what a driver, a report and a monitor must provide. This is public API.
 *
 * A plugin is one default export of a file, made with {@link defineDriver}, {@link defineReport} or {@link defineMonitor}.
 * It is found by built-in name, by npm package name or by path; nothing registers by being imported.
 */
import { BenchError, type ErrorDetails } from './error.ts';
import type { RandomStream } from './plan/random.ts';
import type { Share } from './plan/split.ts';
import type { Reconciliation, RunResult } from './stats/result.ts';

/** A Standard Schema (https://standardschema.dev): zod, valibot, arktype and others make them. */
export interface OptionsSchema<Options> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Options> | Promise<SchemaResult<Options>>;
  };
}

export type SchemaResult<Options> =
  | { readonly value: Options; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * What one operation came to. A failed operation is an Outcome, not a throw.
 * The executor reads it before the session's next `send`, so a session may use one object again and again.
 */
export interface Outcome {
  readonly ok: boolean;
  /** Stable, few-valued name of what went wrong, such as `timeout`, `connection_reset`, `http_500`; empty when ok. */
  readonly errorKind: string;
  /** What went wrong in a sentence, kept as an example of its kind; empty when ok. */
  readonly message: string;
  /** The protocol's status; 0 where it has none. */
  readonly status: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Rows that one key (a device, say) was told are written. The driver counts; the run reconciles. */
export interface WriteTally {
  acknowledged: number;
  /** Sent, but timed out or cut off before the answer: may or may not be stored. */
  unknown: number;
}

/** A duration that a driver measures by itself beside the operation, such as `http.connect`. */
export interface Timing {
  /** @param durationUs microseconds, not negative */
  recordUs(durationUs: number): void;
}

export interface OperationInfo {
  /** The row of the results table, such as `upload`. */
  readonly name: string;
  /** What kind of request it is, such as `POST` or `SQL`. */
  readonly type: string;
  /** Variables of the virtual user that it needs. A plan in which no step before can have set them is refused. */
  readonly reads?: readonly string[];
  /** Variables of the virtual user that it sets from what comes back. */
  readonly sets?: readonly string[];
}

/** What a driver gets when it is opened in an agent process. */
export interface DriverContext {
  /** URL-safe, at most 12 characters: good as a prefix of test data. */
  readonly runId: string;
  /** The plan's target with `--host` applied; empty when the plan has none. */
  readonly target: string;
  /** Folder that relative paths in options are resolved against. */
  readonly baseDirectory: string;
  /** Monotonic, microseconds. Only for {@link Timing}s: the executor times operations. */
  readonly nowUs: () => number;
  /**
   * The same name gives the same timing. Names are at most 200 characters, and at most 50 in a run, of all drivers and
   * agents together: name what is measured, never whom (no ids, no URLs). Throws {@link PluginError} beyond that.
   */
  timing(name: string): Timing;
  /** The same key gives the same tally of this driver's writes. Keys are at most 200 characters: else a {@link PluginError}. */
  tally(key: string): WriteTally;
  /**
   * Which indices of anything that the whole run counts, such as rows of a data file, belong to this agent process. The
   * shares of all agents that a run starts with are disjoint and complete. It stays as it is here when load moves to
   * another agent later; an agent that joins later has none.
   */
  readonly share: Share;
  /** Tells the person who runs the plan something about the measurement, in one sentence. Only while the driver opens. */
  warn(message: string): void;
}

/** What a driver gets for each virtual user. */
export interface VirtualUserContext {
  /** 0-based, unique over all agents of the run and stable for a given plan. */
  readonly index: number;
  /** The VU's own stream of data values: the same seed gives the same values in the same order. */
  readonly random: RandomStream;
  /** Values that the virtual user's steps have set, by name: one map for all its sessions. A pass begins without those of the one before. */
  readonly variables: Map<string, string>;
}

/** A driver opened in one agent process. */
export interface Driver {
  /**
   * Opens one virtual user's session, before its first operation and outside all measured time.
   * A target that is away is no reason to throw: the session's next `send` says so in its Outcome.
   */
  connect(user: VirtualUserContext, signal: AbortSignal): Session | Promise<Session>;
  /** Called once, after the last session is closed. What it throws is logged; it is waited for 5 s, as a session's. */
  close(): void | Promise<void>;
}

/** One virtual user's connection. Calls never overlap. It reads no clock, does not sleep and does not retry. */
export interface Session {
  /** true, as soon as it is known: there is nothing more to send (its data are used up), and the virtual user ends. */
  readonly finished?: boolean;
  /**
   * Carries out one operation to its end.
   * @param operation a name from the driver's `operations`
   * @param signal aborted when the run cuts off what is in flight; the outcome is then an error of kind `aborted`. What has
   *   not ended 5 s later is an error of kind `driver_gave_no_answer`
   */
  send(operation: string, signal: AbortSignal): Outcome | Promise<Outcome>;
  close(): void | Promise<void>;
}

/** What the once-per-run steps get. They run in control, not in an agent. */
export interface StepContext {
  readonly runId: string;
  readonly target: string;
  readonly baseDirectory: string;
  readonly signal: AbortSignal;
  /** One sentence for the person who watches. */
  progress(message: string): void;
}

export interface VerifyContext extends StepContext {
  /** What all agents together tallied, by key. */
  readonly writes: ReadonlyMap<string, Readonly<WriteTally>>;
  /** Of the driver's operations, those that the plan's scenarios have. */
  readonly operations: ReadonlySet<string>;
}

/** A driver as a plan uses it. */
export interface DriverUse<Options = unknown> {
  readonly options: Options;
  /** Of the driver's operations, those that the plan's scenarios have. */
  readonly operations: ReadonlySet<string>;
}

export interface DriverPlugin<Options = unknown> {
  readonly name: string;
  readonly description: string;
  readonly options: OptionsSchema<Options>;
  /** What `send` takes, given these options. */
  operations(options: Options): readonly OperationInfo[];
  /**
   * What is wrong with this use beside an earlier driver of the plan that uses this plugin too, such as that each would
   * count the other's rows as its own; its path is within the options. Undefined: both may be there. Asked when a run is
   * to be started.
   */
  clash?(use: DriverUse<Options>, earlier: DriverUse<Options>): SchemaIssue | undefined;
  /** Once per agent process. Throws {@link PluginError} when no load can be driven, such as an unreachable target. */
  open(options: Options, context: DriverContext): Driver | Promise<Driver>;
  /** Once per run, before the load: create tables, load data. See {@link NotPreparedError}. */
  prepare?(options: Options, context: StepContext): Promise<void>;
  /** Once per run, after the load: compare what was acknowledged with what is stored. */
  verify?(options: Options, context: VerifyContext): Promise<Reconciliation>;
  /** Once per run, at the very end, also after a failure: leave nothing behind. */
  cleanup?(options: Options, context: StepContext): Promise<void>;
}

export interface ReportFile {
  /** File name inside the report folder, such as `report.md`. */
  readonly name: string;
  readonly content: string;
}

/** Pure: the same result and options give the same text; no clock, no files. */
export interface ReportPlugin<Options = unknown> {
  readonly name: string;
  readonly description: string;
  readonly options: OptionsSchema<Options>;
  render(result: RunResult, options: Options): readonly ReportFile[];
}

/** Opened by control for a run. It may take 10 s to open and 10 s to close; a sample or a description may take 0.9 s. */
export interface Monitor {
  /** Called each second; a metric that is missing this time is left out. Throws when the source is away. */
  sample(signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  /** What the source says of itself (version, database, …), for the report's environment. */
  describe?(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  close(): void | Promise<void>;
}

export interface MonitorContext {
  readonly target: string;
  readonly baseDirectory: string;
}

export interface MonitorPlugin<Options = unknown> {
  readonly name: string;
  readonly description: string;
  readonly options: OptionsSchema<Options>;
  open(options: Options, context: MonitorContext): Monitor | Promise<Monitor>;
}

/** Thrown by a plugin for a reason that the person who runs the plan can mend; the message is one clear sentence. */
export class PluginError extends BenchError {
  override readonly name: string = 'PluginError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('plugin_failed', message, details);
  }
}

/** Thrown by a driver's `prepare` that failed before it had made anything: its `cleanup` is then not called. */
export class NotPreparedError extends PluginError {
  override readonly name = 'NotPreparedError';
}

export function defineDriver<Options>(plugin: DriverPlugin<Options>): DriverPlugin<Options> {
  return plugin;
}

export function defineReport<Options>(plugin: ReportPlugin<Options>): ReportPlugin<Options> {
  return plugin;
}

export function defineMonitor<Options>(plugin: MonitorPlugin<Options>): MonitorPlugin<Options> {
  return plugin;
}
