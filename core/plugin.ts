/**
 * What a driver, a report, a monitor and an output must provide. This is public API.
 *
 * A plugin is one default export of a file, made with {@link defineDriver}, {@link defineReport}, {@link defineMonitor} or
 * {@link defineOutput}. It is found by built-in name, by npm package name or by path; nothing registers by being imported.
 */

import type { Ratio, Timing, WriteTally } from './driver-figures.ts';
import { BenchError, type ErrorDetails } from './error.ts';
import type { OptionsSchema, SchemaIssue } from './options-schema.ts';
import type { Outcome } from './outcome.ts';
import type { Output, OutputContext } from './output.ts';
import type { RandomStream } from './plan/random.ts';
import type { DealtIndices } from './script/dealt-indices.ts';
import type { Http } from './script/http.ts';
import type { RequestRecorder } from './script/request-recorder.ts';
import type { Reconciliation, RunResult } from './stats/result.ts';
import { PLUGIN_INTERFACE } from './version.ts';

export type { Ratio, Timing, WriteTally } from './driver-figures.ts';
export type { OptionsSchema, SchemaIssue, SchemaResult } from './options-schema.ts';
export type { Outcome, OutcomeDetail } from './outcome.ts';
export type { DealtIndices } from './script/dealt-indices.ts';

/** An operation that a driver has, as `send` is asked for it. */
export interface OperationInfo {
  /** The row of the results table, such as `upload`. */
  readonly name: string;
  /** The kind of request, such as `POST` or `SQL`. */
  readonly type: string;
  /** Variables of the virtual user that it needs. A plan in which no step before can have set them is refused. */
  readonly reads?: readonly string[];
  /** Variables of the virtual user that it sets from what comes back. */
  readonly sets?: readonly string[];
}

/** What a driver gets when it is opened in an agent process. */
export interface DriverContext {
  /** URL-safe and at most 12 characters, so that it can be a prefix of test data. */
  readonly runId: string;
  /** The target of the plan, or that of `--host`; empty when there is none. */
  readonly target: string;
  /** The folder that relative paths in options refer to. It has the files that {@link DriverPlugin.files} names. */
  readonly baseDirectory: string;
  /** A monotonic clock in microseconds, for {@link Timing}s only: the executor times operations. */
  readonly nowUs: () => number;
  /**
   * The same name returns the same timing. A name has at most 200 characters, and a run has at most 50 names, for all drivers
   * and agents together. So a name says what is measured and contains no ids and no URLs. Throws {@link PluginError} beyond
   * these limits.
   */
  timing(name: string): Timing;
  /**
   * The same name returns the same ratio. As with {@link timing}, a name has at most 200 characters, and a run has at most 50 of
   * them. With a dot in it, as `vector_search.recall` has, thresholds can name it. Throws {@link PluginError} beyond these limits.
   */
  ratio(name: string): Ratio;
  /** The same key returns the same tally of this driver's writes. Throws {@link PluginError} for more than 200 characters. */
  tally(key: string): WriteTally;
  /**
   * The indices 0 … `length` − 1 of anything that all virtual users of this driver use up together, such as the rows of a
   * data file: each is dealt once over all agents of the run, and with `repeats` again when all are used. The `set` names it,
   * and has the same length in every agent. Only while the driver opens.
   */
  deal(set: string, length: number, repeats: boolean): DealtIndices;
  /**
   * What the drivers of a run have in common in this agent process, such as connections: the same function gives all of them
   * the same value, and it is called once.
   */
  shared<T>(make: () => T): T;
  /** Tells the person who runs the plan something about the measurement, in one sentence. Only while the driver opens. */
  warn(message: string): void;
}

/** What a driver gets for each virtual user: one object for all of its sessions, so that these can tell whose they are. */
export interface VirtualUserContext {
  /** Counted from 0, unique among all agents of the run, and the same in each run of a plan. */
  readonly index: number;
  /** The virtual user's own stream of random values: the same seed gives the same values in the same order. */
  readonly random: RandomStream;
  /** Values that the virtual user's steps have set, by name: one map for all its sessions. A pass begins without those of the one before. */
  readonly variables: Map<string, string>;
  /**
   * Number of the pass that is under way, or comes next: another one for each pass, and 0 while the steps at the start are done.
   * Undefined where there are no passes.
   */
  readonly pass?: number;
  /**
   * Whether somebody wants the {@link Outcome.detail} of an operation that ends with this kind of error: the first failures of
   * each kind are kept in full. To be asked only when an operation has failed, before `send` gives its outcome.
   * @param errorKind empty for one that succeeds; the answer to that is the same for the whole run
   */
  wantsDetail(errorKind: string): boolean;
}

/** A driver opened in one agent process. */
export interface Driver {
  /**
   * Opens the session of one virtual user, before its first operation and outside all measured time. Does not throw when the
   * target cannot be reached: the session's next `send` says so in its Outcome. Called again, with the same user, when an
   * operation of the user's session has not ended within its time limit: that session is closed. It may take 30 s.
   * @param operations those that the user may send, by the names that `send` takes; undefined where that may be any, as for a script
   */
  connect(user: VirtualUserContext, signal: AbortSignal, operations?: ReadonlySet<string>): Session | Promise<Session>;
  /** Called once, after the last session is closed. Errors are logged. It may take 5 s. */
  close(): void | Promise<void>;
}

/** What one virtual user does through a driver. Calls never overlap. A session reads no clock, does not sleep and does not retry. */
export interface Session {
  /**
   * Becomes true when there is nothing more to send, because data of one of its operations are used up. The virtual user then ends. A promise where
   * that is not known yet, such as {@link DealtIndices.hasNext}: before it sends, the virtual user waits for it, and asks again.
   */
  readonly finished?: boolean | Promise<unknown>;
  /**
   * The same for one operation, asked before each step of a flow: a pass that has its rows goes on when the data are used up.
   * Without it, `finished` is asked.
   */
  finishedFor?(operation: string): boolean | Promise<unknown>;
  /**
   * Carries out one operation to its end.
   * @param operation a name from the driver's `operations`
   * @param signal aborted when the run cuts off what is in flight. The outcome is then an error of kind `aborted`. An operation
   *   that has not ended 5 s later becomes an error of kind `driver_gave_no_answer`. One that takes longer than the plan's
   *   `operationTimeout` becomes an error of kind `operation_timeout`; the session is then closed, and used no more
   */
  send(operation: string, signal: AbortSignal): Outcome | Promise<Outcome>;
  /**
   * The client for requests that a script makes up itself, on this session's connection. Called at most once per session, before
   * its first use.
   */
  http?(requests: RequestRecorder): Http;
  /**
   * Frees what the session holds. Called once, also while an operation is in flight that is waited for no longer, which must
   * then end. It may take 5 s. What it throws is told, once for each driver.
   */
  close(): void | Promise<void>;
}

/** What the steps that run once per run get. They run in control, not in an agent, and one after the other. */
export interface StepContext {
  /** The same as {@link DriverContext.runId}. */
  readonly runId: string;
  /** The target of the plan, or that of `--host`; empty when there is none. */
  readonly target: string;
  /** As {@link DriverContext.baseDirectory}. */
  readonly baseDirectory: string;
  /** Aborted when the run is stopped, and when the step has taken 300 s: nobody waits for it any longer. */
  readonly signal: AbortSignal;
  /** Shows one sentence to the person who watches the run. May be called at any time while the step runs. */
  progress(message: string): void;
}

/** What `verify` gets besides. */
export interface VerifyContext extends StepContext {
  /** The tallies of all agents together, by key. */
  readonly writes: ReadonlyMap<string, Readonly<WriteTally>>;
  /** The operations of the driver that the scenarios of the plan use. */
  readonly operations: ReadonlySet<string>;
}

/** What plugins of every kind have. */
export interface PluginBase<Options> {
  /**
   * The version of these interfaces that the plugin was made for; {@link defineDriver} and its like set it. A plugin of another
   * version is refused when it is loaded. Without it, the present one is assumed.
   */
  readonly interface?: number;
  /** What it calls itself; plans name it by its file or package. */
  readonly name: string;
  /** One sentence, for `bench plugins`. */
  readonly description: string;
  /** Checks the options of a plan, and fills in their defaults. Called in every process that loads the plan, any number of times. */
  readonly options: OptionsSchema<Options>;
}

/** What plugins have that are opened on a host: drivers in agents, monitors and outputs in control. */
export interface HostPlugin<Options> extends PluginBase<Options> {
  /** Names of files and sockets that it opens there, and addresses in which references could name some. Asked where a plan may not name all. */
  hostFiles?(options: Options, target: string): readonly string[];
}

/** A driver as a plan uses it. */
export interface DriverUse<Options = unknown> {
  /** As its schema returned them. */
  readonly options: Options;
  /** The operations of the driver that the scenarios of the plan use. */
  readonly operations: ReadonlySet<string>;
}

/** A driver: how to load one protocol. */
export interface DriverPlugin<Options = unknown> extends HostPlugin<Options> {
  /**
   * True for a driver that ends each operation by itself within a time limit, whatever its target does, as one with an option
   * `timeout` may. Agents then give its operations no limit of their own, unless the plan does (`operationTimeout`).
   */
  readonly limitsOperations?: boolean;
  /**
   * The operations that `send` accepts with these options, at least one. Called in each process that loads the plan, more than
   * once, and must give the same each time. What it throws is a problem of the plan, told with the place of its first use. It may
   * take 10 s, as may `files`, `clash` and `writes`: until it comes back, nothing else happens in that process.
   */
  operations(options: Options): readonly OperationInfo[];
  /**
   * The files that the driver reads, as its options name them: they are sent to control and to the agents with the run, and
   * lie there at the same place below {@link DriverContext.baseDirectory}. Called before a run starts, where the plan is.
   * What it throws is a problem of the plan.
   * @param target of the plan; may hold references such as `${env:NAME}`
   * @param baseDirectory the plan's folder, for files that name others
   * @returns paths, relative to the plan's folder or absolute
   */
  files?(options: Options, target: string, baseDirectory: string): readonly string[];
  /**
   * What is wrong with the options that only the files that they name can tell. Called before a run starts, where the plan is, and
   * only when the rest of the plan is right. It may take 10 s.
   * @param baseDirectory the plan's folder
   */
  problems?(options: Options, baseDirectory: string): readonly SchemaIssue[];
  /**
   * What is wrong with the plan's target for this driver, as a clause such as `must begin with http://`; undefined when it can use
   * the target, or goes elsewhere. Called before a run starts, where the plan is, unless the target is empty or holds references
   * such as `${env:NAME}`. It may take 10 s.
   */
  targetProblem?(options: Options, target: string): string | undefined;
  /**
   * What prevents this use beside an earlier driver of the plan that uses the same plugin, for example because each would
   * count the other's rows as its own. The path is within the options. Returns undefined if both can be used. Called before a
   * run starts.
   */
  clash?(use: DriverUse<Options>, earlier: DriverUse<Options>): SchemaIssue | undefined;
  /**
   * Whether this use may write what {@link verify} compares. Where it does not, `verify` is not called, and `lost` is no criterion
   * of the run by default. Without this function, every use may write. Called in control when a plan is read.
   */
  writes?(use: DriverUse<Options>): boolean;
  /**
   * Called once per agent process and run. Throws {@link PluginError} when no load can be produced, such as for a missing file.
   * It may take 50 s.
   */
  open(options: Options, context: DriverContext): Driver | Promise<Driver>;
  /**
   * Called once per run, in control, before agents open the driver: create tables, load data. What it throws ends the run, and
   * `cleanup` is called unless it is a {@link NotPreparedError}. It may take 300 s, or a day under
   * `bench prepare`, which keeps what it has made: whether a later run uses that is up to the driver and its options.
   */
  prepare?(options: Options, context: StepContext): Promise<void>;
  /**
   * Called once per run, in control, after a load that may have written, to compare acknowledged writes with stored rows. What it throws is told in
   * the result, and criteria on lost writes are then invalid. It may take 300 s.
   */
  verify?(options: Options, context: VerifyContext): Promise<Reconciliation>;
  /**
   * Called once per run, in control, at the very end and after failures too, to remove everything that the driver created; and
   * again by `bench cleanup`. What it throws is told; other drivers still clean up. It may take 300 s.
   */
  cleanup?(options: Options, context: StepContext): Promise<void>;
}

/** One file of a report. */
export interface ReportFile {
  /** File name inside the report folder, such as `report.md`. */
  readonly name: string;
  /** The whole text, written as UTF-8. */
  readonly content: string;
}

/** A pure function: the same result and options give the same text. It reads no clock and no files. */
export interface ReportPlugin<Options = unknown> extends PluginBase<Options> {
  /**
   * Makes the files. Called once per run, or for `bench report`, in the process that was asked for the report. What it throws is
   * told under the report's name; other reports are still written.
   */
  render(result: RunResult, options: Options): readonly ReportFile[];
}

/** A monitor that is open, in control. It may take 10 s to close. */
export interface Monitor {
  /**
   * Called each second, unless the sample before has not ended: calls never overlap. Throws when the source cannot be reached,
   * which is told once, until it answers again. It may take 0.9 s.
   * @returns values by metric; one that has none this time is left out, and so is one that is no finite number
   */
  sample(signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  /**
   * What the source says about itself (version, database, …), for the environment in reports. Called once, before the load. What
   * it throws is told. It may take 0.9 s.
   */
  describe?(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Called once, when the run ends, also while a sample is under way. Errors are told. */
  close(): void | Promise<void>;
}

/** What a monitor gets when it is opened. */
export interface MonitorContext {
  /** The target of the plan, or that of `--host`; empty when there is none. */
  readonly target: string;
  /** As {@link DriverContext.baseDirectory}. */
  readonly baseDirectory: string;
}

/** A monitor: figures of the target itself, second by second. */
export interface MonitorPlugin<Options = unknown> extends HostPlugin<Options> {
  /** The files that the monitor reads: see {@link DriverPlugin.files}. They are sent to control. */
  files?(options: Options, target: string): readonly string[];
  /**
   * Called once per run, in control, before the load. What it throws is told, and the run goes on without the monitor. It may
   * take 10 s.
   */
  open(options: Options, context: MonitorContext): Monitor | Promise<Monitor>;
}

/** An output: where the figures of a run go while it goes on. */
export interface OutputPlugin<Options = unknown> extends HostPlugin<Options> {
  /** Set by {@link defineOutput}; tells an output from a monitor. */
  readonly kind?: 'output';
  /**
   * Called once per run, in control, before the load, which does not wait for it. When it throws, that is told, and it is called
   * again after a while. After 10 s its signal is aborted.
   */
  open(options: Options, context: OutputContext, signal: AbortSignal): Output | Promise<Output>;
}

/** Thrown by a plugin for a reason that the person who runs the plan can fix. The message is one clear sentence. */
export class PluginError extends BenchError {
  /** `PluginError`. */
  override readonly name: string = 'PluginError';

  /** @param message one sentence @param details a hint, and what was caught */
  constructor(message: string, details: ErrorDetails = {}) {
    super('plugin_failed', message, details);
  }
}

/** Thrown by a driver's `prepare` that failed before it had made anything: its `cleanup` is then not called. */
export class NotPreparedError extends PluginError {
  /** `NotPreparedError`. */
  override readonly name = 'NotPreparedError';
}

/** Types a driver, and says which version of these interfaces it was made for. @returns the same object */
export function defineDriver<Options>(plugin: DriverPlugin<Options>): DriverPlugin<Options> {
  return stamped(plugin);
}

/** As {@link defineDriver}, for a report. */
export function defineReport<Options>(plugin: ReportPlugin<Options>): ReportPlugin<Options> {
  return stamped(plugin);
}

/** As {@link defineDriver}, for a monitor. */
export function defineMonitor<Options>(plugin: MonitorPlugin<Options>): MonitorPlugin<Options> {
  return stamped(plugin);
}

/** As {@link defineDriver}, for an output. */
export function defineOutput<Options>(plugin: OutputPlugin<Options>): OutputPlugin<Options> {
  return stamped(plugin, { kind: 'output' });
}

/** A copy would lose the private fields of a plugin that is an instance of a class. */
function stamped<Plugin extends PluginBase<unknown>>(plugin: Plugin, marks: Partial<Plugin> = {}): Plugin {
  const isOpen = plugin.interface === undefined && Object.isExtensible(plugin);
  return isOpen ? Object.assign(plugin, { ...marks, interface: PLUGIN_INTERFACE }) : plugin;
}
