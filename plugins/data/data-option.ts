import type { RandomStream } from '../../core/plan/random.ts';
import type { Share } from '../../core/plan/split.ts';
import { PluginError } from '../../core/plugin.ts';
import { nearest } from '../../core/text/nearest.ts';
import { DataSet, type DataSetOptions } from './data-set.ts';
import type { FindColumn, TemplateScope } from './template.ts';

/** A driver's data sets, by the names that the plan gives them. Elsewhere a set is known by its position in this map. */
export type DataSets = ReadonlyMap<string, DataSet>;

/**
 * @param share which rows this agent process deals; all where nothing is sent
 * @throws {PluginError} when a file cannot be read, has a wrong row, or has no row
 */
export function openDataSets(
  data: Readonly<Record<string, DataSetOptions>>,
  baseDirectory: string,
  share?: Share,
): DataSets {
  return new Map(Object.entries(data).map(([name, set]) => [name, new DataSet(set, baseDirectory, share)]));
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

const NO_SETS: readonly DataSet[] = [];

/** A virtual user's current row of each data set, by the set's position. */
export class DataRows {
  readonly present: TemplateScope['rows'][number][] = [];

  readonly #sets: readonly DataSet[];
  readonly #ending: readonly DataSet[];
  readonly #user: number;
  readonly #random: RandomStream;

  /** @param user 0-based */
  constructor(sets: readonly DataSet[], user: number, random: RandomStream) {
    this.#sets = sets;
    const ending = sets.filter(({ atEnd }) => atEnd === 'stop');
    // Thousands of virtual users have no data.
    this.#ending = ending.length === 0 ? NO_SETS : ending;
    this.#user = user;
    this.#random = random;
  }

  /** There is nothing left to send: a data set that is to end the virtual user has no row for it. */
  get finished(): boolean {
    return this.#ending.some((set) => !set.hasRow(this.#user));
  }

  /**
   * Takes a row of each of these sets for the request that is sent next.
   * @returns which of them has no row left, as a sentence, and then takes none; undefined when all have one
   */
  take(places: readonly number[]): string | undefined {
    for (const place of places) {
      const set = this.#sets[place] as DataSet;
      if (!set.hasRow(this.#user)) return `data file ${set.file}: all rows are used`;
    }
    for (const place of places) this.present[place] = this.#sets[place]?.take(this.#user, this.#random);
    return undefined;
  }
}
