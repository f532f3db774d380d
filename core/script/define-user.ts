import type { User } from './user.ts';

export interface UserOptions<Vars extends object, Data extends string> {
  /**
   * Drivers of the plan that the script uses, by name: each virtual user has a session with each. Default: `['http']`, without
   * which there is no `user.http`.
   */
  readonly drivers?: readonly string[];
  /** Once for each virtual user, before its first pass. When it throws, it is tried again after 1 s, 2 s, … at most 30 s. */
  onStart?(user: User<Vars, Data>): void | Promise<void>;
  /** Once for each virtual user that has begun, at its end. What it throws is logged. */
  onStop?(user: User<Vars, Data>): void | Promise<void>;
}

/** What a virtual user may do in a pass. */
export interface Task<Vars extends object, Data extends string> {
  /** How often it is drawn, relative to the other tasks. Default: 1. */
  readonly weight?: number;
  run(user: User<Vars, Data>): void | Promise<void>;
}

export type UserDefinition<Vars extends object = Record<string, unknown>, Data extends string = string> = UserOptions<
  Vars,
  Data
> &
  (
    | {
        /** A pass is one of these, drawn by weight. */
        readonly tasks: Readonly<Record<string, Task<Vars, Data>>>;
        readonly iterate?: undefined;
      }
    | {
        /** A pass. What it throws fails the pass, and the virtual user goes on. */
        iterate(user: User<Vars, Data>): void | Promise<void>;
        readonly tasks?: undefined;
      }
  );

/**
 * What the virtual users of a scenario do, as code: the default export of the module that `scenarios.<name>.user` names.
 *
 * @typeParam Vars what `user.vars` holds
 * @typeParam Data the names of the scenario's data sets
 */
export function defineUser<Vars extends object = Record<string, unknown>, Data extends string = string>(
  definition: UserDefinition<Vars, Data>,
): UserDefinition<Vars, Data> {
  return definition;
}
