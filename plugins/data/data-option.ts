import { PluginError, type VirtualUserContext } from '../../core/plugin.ts';
import type { DealIndices } from '../../core/script/dealt-indices.ts';
import { nearest } from '../../core/text/nearest.ts';
import { DataSet, type DataSetOptions } from './data-set.ts';
import type { FindColumn, TemplateScope } from './template.ts';

/** A driver's data sets, by the names that the plan gives them. Elsewhere a set is known by its position in this map. */
export type DataSets = ReadonlyMap<string, DataSet>;

/**
 * @param deal gives this agent process the rows that all agents use up together
 * @throws {PluginError} when a file cannot be read, has a wrong row, or has no row
 */
export async function openDataSets(
  data: Readonly<Record<string, DataSetOptions>>,
  baseDirectory: string,
  deal: DealIndices,
): Promise<DataSets> {
  const sets = new Map<string, DataSet>();
  for (const [name, options] of Object.entries(data)) {
    const dealt = (length: number, repeats: boolean) => deal(`data ${name}`, length, repeats);
    sets.set(name, await DataSet.open(options, baseDirectory, dealt));
  }
  return sets;
}

/** What is wrong with a placeholder for a column; undefined when its data set is known. */
export function columnProblem(set: string, column: string, known: readonly string[]): string | undefined {
  if (known.includes(set)) return undefined;
  const guess = nearest(set, known);
  const hint = guess ? `did you mean \${${guess}.${column}}?` : `name its file under data.${set}`;
  return `placeholder \${${set}.${column}}: there is no data "${set}"; ${hint}`;
}

/** @returns a function that throws a {@link PluginError} when there is no such set or column */
export function columnFinder(sets: DataSets): FindColumn {
  const names = [...sets.keys()];
  return (set, column) => {
    const found = sets.get(set);
    if (found === undefined) throw new PluginError(columnProblem(set, column, names) as string);
    return { set: names.indexOf(set), column: found.column(column) };
  };
}

/** The virtual user that takes rows. */
type RowTaker = Pick<VirtualUserContext, 'index' | 'random' | 'pass'>;

const NO_SETS: readonly DataSet[] = [];

/** A virtual user's current row of each data set, by the set's position. */
export class DataRows {
  readonly present: TemplateScope['rows'][number][] = [];

  readonly #sets: readonly DataSet[];
  /** Those that may have no row. */
  readonly #ending: readonly DataSet[];
  readonly #user: RowTaker;
  /** The pass in which the present row was taken, by the set's position; only of sets that keep it for the pass. */
  #takenIn: number[] | undefined;

  /**
   * @param needed the places of the sets that the user's operations take rows of: others never end it
   */
  constructor(sets: readonly DataSet[], user: RowTaker, needed: ReadonlySet<number>) {
    this.#sets = sets;
    const ending = sets.filter(
      ({ order, atEnd }, place) => needed.has(place) && (order === 'shared' || (order === 'user' && atEnd === 'stop')),
    );
    // Thousands of virtual users have no data.
    this.#ending = ending.length === 0 ? NO_SETS : ending;
    this.#user = user;
  }

  /** Whether there is nothing left to send: a data set that is to end the virtual user has no row for it. See `Session`. */
  get finished(): boolean | Promise<unknown> {
    return this.#lacks(this.#ending);
  }

  /**
   * The same for an operation alone.
   * @param places of the data sets that it takes rows of
   */
  finishedFor(places: readonly number[] = []): boolean | Promise<unknown> {
    if (this.#ending.length === 0 || places.length === 0) return false;
    return this.#lacks(this.#ending.filter((set) => places.some((place) => this.#sets[place] === set)));
  }

  #lacks(sets: readonly DataSet[]): boolean | Promise<unknown> {
    for (const set of sets) {
      const hasRow = set.hasRow(this.#user.index);
      if (hasRow === true || (set.isPerPass && this.#keepsRow(this.#sets.indexOf(set)))) continue;
      if (hasRow !== false) return hasRow;
      if (set.atEnd === 'stop') return true;
    }
    return false;
  }

  /**
   * Takes a row of each of these sets for the request that is sent next.
   * @returns which of them has no row left, as a sentence, and then takes none; undefined when all have one
   */
  take(places: readonly number[]): string | undefined {
    for (const place of places) {
      const set = this.#sets[place] as DataSet;
      const hasRow = set.hasRow(this.#user.index);
      if (hasRow === true || (set.isPerPass && this.#keepsRow(place))) continue;
      return `data file ${set.file}: ${hasRow === false ? 'all rows are used' : 'its next rows have not come from control yet'}`;
    }
    const { index, random, pass } = this.#user;
    for (const place of places) {
      const set = this.#sets[place] as DataSet;
      if (set.isPerPass && pass !== undefined) {
        if (this.#keepsRow(place)) continue;
        this.#takenIn ??= [];
        this.#takenIn[place] = pass;
      }
      this.present[place] = set.take(index, random);
    }
    return undefined;
  }

  /** Whether the present row of the set was taken in this pass, or by the steps at the start. */
  #keepsRow(place: number): boolean {
    const takenIn = this.#takenIn?.[place];
    return takenIn !== undefined && (takenIn === 0 || takenIn === this.#user.pass);
  }
}

/**
 * The places of the data sets that a virtual user's operations take rows of.
 * @param sendable names of those operations; undefined for all
 */
export function setsNeeded(
  operations: ReadonlyMap<string, { readonly sets: readonly number[] }>,
  sendable: ReadonlySet<string> | undefined,
): ReadonlySet<number> {
  const needed = [...operations].filter(([name]) => sendable === undefined || sendable.has(name));
  return new Set(needed.flatMap(([, { sets }]) => sets));
}

/** Why an operation cannot be sent now. */
export interface Unready {
  readonly kind: 'variable_missing' | 'data_exhausted';
  readonly message: string;
}

/**
 * Takes the rows of data that an operation needs.
 * @param needs the variables and the data sets of its placeholders
 * @returns what is missing, and then no row has been taken; undefined when all is there
 */
export function unready(
  label: string,
  { reads, sets }: { readonly reads: readonly string[]; readonly sets: readonly number[] },
  variables: ReadonlyMap<string, string>,
  data: DataRows,
): Unready | undefined {
  const missing = reads.find((name) => !variables.has(name));
  if (missing !== undefined) {
    return { kind: 'variable_missing', message: `${label}: no step has set the variable ${missing}` };
  }
  const exhausted = data.take(sets);
  return exhausted === undefined ? undefined : { kind: 'data_exhausted', message: exhausted };
}
