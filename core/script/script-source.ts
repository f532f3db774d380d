import type { RandomStream } from '../plan/random.ts';
import type { DataOptions } from './data-options.ts';
import type { DealIndices } from './dealt-indices.ts';
import type { UserDefinition } from './define-user.ts';

/** The rows of a data file, and who gets which. One for all virtual users of a scenario in an agent. */
export interface DataSource {
  readonly file: string;
  /** With `stop`, a virtual user for whom there is no row left ends. */
  readonly atEnd: 'loop' | 'stop' | 'error';
  readonly columns: readonly string[];
  /**
   * Whether there is a row for a virtual user. A promise where that is not known yet: it resolves when this is to be asked
   * again.
   * @param user 0-based
   */
  hasRow(user: number): boolean | Promise<unknown>;
  /** Takes a row; undefined where {@link hasRow} is not true. Its values are in the order of the columns. */
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
   * @param deal gives this agent the rows that all agents use up together
   * @throws {PluginError} when a file cannot be read, has a wrong row, or has no row
   */
  openData(data: DataOptions, baseDirectory: string, deal: DealIndices): Promise<ReadonlyMap<string, DataSource>>;
}
