/** Everything that authors of plans and plugins import from `@bench/toolkit`. */

// For plans (`export default definePlan({ … })`) and for loads that are a function of time (`defineShape`).

export { defineShape, type LoadShape, type ShapeLevel } from './plan/load/shape.ts';
export { definePlan, type PlanInput } from './plan/schema.ts';

// For virtual users as code (`export default defineUser({ … })`).

export { defineUser, type Task, type UserDefinition, type UserOptions } from './script/define-user.ts';
export type { Http, HttpAnswer, HttpRequestOptions } from './script/http.ts';
export type {
  PauseLength,
  SendOptions,
  User,
  UserData,
  UserDriver,
  UserPause,
  UserRandom,
} from './script/user.ts';

// For drivers, reports, monitors and outputs of your own.

/** The package of schemas in which the options of a plugin are written. */
export { z } from 'zod';

export type * from './output.ts';
export type { RandomStream } from './plan/random.ts';
export {
  type Driver,
  type DriverContext,
  type DriverPlugin,
  type DriverUse,
  defineDriver,
  defineMonitor,
  defineOutput,
  defineReport,
  type HostPlugin,
  type Monitor,
  type MonitorContext,
  type MonitorPlugin,
  NotPreparedError,
  type OperationInfo,
  type OptionsSchema,
  type Outcome,
  type OutcomeDetail,
  type OutputPlugin,
  type PluginBase,
  PluginError,
  type Ratio,
  type ReportFile,
  type ReportPlugin,
  type SchemaIssue,
  type SchemaResult,
  type Session,
  type StepContext,
  type Timing,
  type VerifyContext,
  type VirtualUserContext,
  type WriteTally,
} from './plugin.ts';

// For the `verify` step of a driver, which compares acknowledged writes with stored rows.

export {
  reconcile,
  reconcileWhenSettled,
  type SettleOptions,
  type StoredRows,
} from './stats/reconcile.ts';

// For reports: what a run measured.

export { type EncodedHistogram, Histogram } from './stats/histogram.ts';
export type * from './stats/result.ts';
