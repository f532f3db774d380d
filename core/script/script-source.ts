import type { RandomStream } from '../plan/random.ts';
import type { Share } from '../plan/split.ts';
import type { DataOptions } from './data-options.ts';
import type { UserDefinition } from './define-user.ts';

/** The rows of a data file, and who gets which. One for all virtual users of a scenario in an agent. */
export interface DataSource {
  readonly file: string;
  /** With `stop`, a virtual user for whom there is no row left ends. */
  readonly atEnd: 'loop' | 'stop' | 'error';
  readonly columns: readonly string[];
  /** Whether there is a row for a virtual user. @param user 0-based */
  hasRow(user: number): boolean;
  /** Takes a row; undefined when none is left. Its values are in the order of the columns. */
  take(user: number, random: RandomStream): readonly string[] | undefined;
}

/** What an agent needs for scripts and does not have itself. */
export interface ScriptSource {
  /**
   * Finds a script by path or by npm package, and checks that it is one.
   * @throws {PluginError} which says what is wrong with it
   */
  loadUser(reference: string, baseDirectory: string): Promise<UserDefinition>;
  /**
   * @param share which rows this agent deals
   * @throws {PluginError} when a file cannot be read, has a wrong row, or has no row
   */
  openData(data: DataOptions, baseDirectory: string, share: Share): ReadonlyMap<string, DataSource>;
}
