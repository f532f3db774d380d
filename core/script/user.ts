import type { Ratio, Timing } from '../driver-figures.ts';
import type { Outcome } from '../outcome.ts';
import type { Http } from './http.ts';

/** A virtual user as its script sees it. The same object for all its passes; its methods may be taken from it. */
export interface User<Vars extends object = Record<string, unknown>, Data extends string = string> {
  /**
   * The built-in HTTP client, with the options and the target of the plan's driver `http`. A request that fails throws nothing.
   * @throws {PluginError} where the script's `drivers` do not name `http`
   */
  readonly http: Http;
  /**
   * Values of this virtual user, which keep from pass to pass. Text, numbers and booleans are also the variables of the plan's
   * operations: `vars.item` is `${item}` in what {@link driver} sends, and what such an operation extracts is in `vars`.
   */
  readonly vars: Vars;
  /**
   * The values of the plan's parameters in this run, as k6 has `__ENV`. Where one refers to a variable or a file (`${env:TOKEN}`),
   * each agent looks it up. Reading one that the plan does not have, or whose reference has no value, throws.
   */
  readonly params: Readonly<Record<string, number | string | boolean>>;
  /** The data sets of the scenario, by the names that the plan gives them under `data`. An unknown name throws. */
  readonly data: Readonly<Record<Data, UserData>>;
  /** Random values of this virtual user's own: the same seed of the plan gives the same values in the same order. */
  readonly random: UserRandom;
  /** Counted from 0, unique among all agents of the run, and the same in each run of a plan. */
  readonly index: number;
  /** How many passes this virtual user has begun before this one, in this agent. */
  readonly iteration: number;
  /** Aborted when what is in flight at the end of the load is cut off. */
  readonly signal: AbortSignal;

  /** Writes a line to the agent's log. An agent writes the first 100 lines of a run and leaves out the rest. */
  log(text: string): void;

  /**
   * Waits. The next request is due when the pause is over. It ends early when the load is cut off.
   * @param pause milliseconds, a duration such as `'1.5s'`, or one that is drawn
   */
  pause(pause: UserPause): Promise<void>;

  /**
   * Times a span of the script, as a row of its own that is in no sum of requests. A span that throws has failed.
   * @param name of the row. An agent has at most 1,000 names, for rows and checks together; what comes after counts as `(other)`
   * @returns what the span returned; rejects with what it threw
   */
  measure<Result>(name: string, span: () => Result | Promise<Result>): Promise<Result>;

  /**
   * Counts whether something holds. A check that does not hold fails nothing by itself: thresholds do (`check "name" fails == 0`).
   * @returns `holds`
   */
  check(name: string, holds: boolean): boolean;

  /**
   * A duration that the script knows from elsewhere, such as the time that the target says it took: `timing('shop.server').recordUs(1500)`.
   * Criteria name it (`shop.server p95 < 20ms`). An agent has at most 50 such names, those of drivers among them.
   */
  timing(name: string): Timing;

  /** Hits of attempts that the script counts: `ratio('shop.cached').add(1, 1)`, for `shop.cached ratio > 90%`. At most 50 names. */
  ratio(name: string): Ratio;

  /** Ends the pass as failed, for a reason that is counted as its kind of failure. Throws. */
  fail(reason: string): never;

  /**
   * A driver of the plan, which the script's `drivers` name.
   * @throws {PluginError} for any other name
   */
  driver(name: string): UserDriver;
}

/** This virtual user's session with a driver of the plan. */
export interface UserDriver {
  /** The driver's HTTP client, for a second driver `http` with a target of its own. @throws {PluginError} where it has none */
  readonly http: Http;
  /**
   * Carries out one operation and records it. Never rejects for an operation that fails: the outcome says so. Operations of one
   * driver run one after the other.
   * @param operation as the driver or the plan names it; may be left out where there is only one. Rejects for an unknown one
   */
  send(operation?: string, options?: SendOptions): Promise<Outcome>;
}

export interface SendOptions {
  /** The row of the results. Default: the operation's name. */
  readonly name?: string;
  /** Labels for thresholds and reports. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface UserRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from `least` to `most`, both included. Throws a RangeError when there is none. */
  int(least: number, most: number): number;
  /** One of the items. Throws a RangeError when there is none. */
  pick<Item>(items: readonly Item[]): Item;
}

/** A data file of the plan. */
export interface UserData {
  /**
   * Takes the next row, by the `order` that the plan gives the set. Values are text, by the names of the columns. A pass begins
   * only when a row is here; where it takes several, the next may have to come from control, and that is a send delay.
   * @throws when no row is left, which fails the pass as `data_exhausted`; with `atEnd: stop` the virtual user then ends
   */
  next(): Promise<Readonly<Record<string, string>>>;
}

/** How long a script waits. Numbers are milliseconds; text has a unit, such as `'200ms'`. */
export type UserPause =
  | PauseLength
  /** Equally likely between the two. */
  | { readonly uniform: readonly [PauseLength, PauseLength] }
  /** Exponentially distributed with this mean. */
  | { readonly exponential: PauseLength };

export type PauseLength = number | string;
