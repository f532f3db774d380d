import { z } from 'zod';
import { object } from '../../core/plan/fields.ts';
import type { RandomStream } from '../../core/plan/random.ts';
import { PluginError } from '../../core/plugin.ts';
import { nearest } from '../../core/text/nearest.ts';
import { DataSet, type DataSetOptions } from './data-set.ts';
import type { FindColumn, TemplateScope } from './template.ts';

/** The option `data` of a driver with placeholders. */
export const dataSchema = z
  .record(
    z.string().regex(/^[\w-]+$/),
    object({
      file: z.string().min(1).describe('CSV or TSV whose first row names the columns, or a JSON list of objects.'),
      order: z
        .enum(['shared', 'user', 'random'])
        .default('shared')
        .describe('Row by row in each agent process; a row for each virtual user; or any row. Default: shared.'),
      atEnd: z
        .enum(['loop', 'stop', 'error'])
        .default('loop')
        .describe('With no row left: begin again, end the virtual user, or fail each request. Default: loop.'),
    }),
  )
  .default({})
  .describe('Files, by the name that placeholders use: name.column.');

/** A driver's data sets, by the name that the plan gives them; a set's place among them is its number elsewhere. */
export type DataSets = ReadonlyMap<string, DataSet>;

/** @throws {PluginError} when a file is not there, has a bad row, or no row */
export function openDataSets(data: Readonly<Record<string, DataSetOptions>>, baseDirectory: string): DataSets {
  return new Map(Object.entries(data).map(([name, set]) => [name, new DataSet(set, baseDirectory)]));
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

/** A virtual user's present row of each data set, by the set's place. */
export class DataRows {
  readonly present: TemplateScope['rows'][number][] = [];
  /** There is nothing left to send: a data set that is to stop the virtual user has no row for it. */
  finished = false;

  readonly #sets: readonly DataSet[];
  readonly #user: number;
  readonly #random: RandomStream;

  /** @param user 0-based */
  constructor(sets: readonly DataSet[], user: number, random: RandomStream) {
    this.#sets = sets;
    this.#user = user;
    this.#random = random;
    this.take([...sets.keys()]);
  }

  /** Ahead of the operation that needs them, so that a user without a row is known to be at its end. */
  take(places: readonly number[]): void {
    for (const place of places) {
      const set = this.#sets[place] as DataSet;
      const row = set.next(this.#user, this.#random);
      this.present[place] = row;
      if (row === undefined && set.atEnd === 'stop') this.finished = true;
    }
  }

  /** @returns which of these sets has no row left, in a sentence; undefined when each has one */
  exhausted(places: readonly number[]): string | undefined {
    for (const place of places) {
      if (this.present[place] !== undefined) continue;
      const { file, rows } = this.#sets[place] as DataSet;
      return `data file ${file}: all ${rows.length} rows are used`;
    }
    return undefined;
  }
}
