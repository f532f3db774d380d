import { PluginError } from '../../../core/plugin.ts';
import type { Fields } from '../collection-options.ts';
import type { MilvusOptions } from '../options.ts';
import { ALL_ROWS, checkedFields, type Queries, setName, valueIndices } from './dataset.ts';
import { NearestRows } from './nearest-rows.ts';

/** The property of a collection that has what its rows are, and their nearest. */
export const PROPERTY = 'bench.rows';

/** The nearest rows of the first queries. */
export interface GroundTruth {
  readonly queries: number;
  readonly k: number;
  /** Ids by set, k for each query, nearest first; -1 where there are fewer rows. */
  readonly sets: ReadonlyMap<string, Float64Array>;
}

interface Stored {
  readonly options: string;
  readonly queries: number;
  readonly k: number;
  readonly sets: Readonly<Record<string, string>>;
}

/** What decides which rows there are, and which are near to which query. */
function optionsText({ data, queries, groundTruth, collection }: MilvusOptions): string {
  const { rows, generate, file, seed } = data;
  return JSON.stringify([rows, generate, file, seed, queries, groundTruth, collection.fields, collection.index.metric]);
}

/** @returns what finds them while rows are loaded; undefined when nobody asks for it, or ids are not known */
export function groundTruthFinder(options: MilvusOptions, queries: Queries): NearestRows | undefined {
  const { primary, vector } = checkedFields(options);
  if (options.groundTruth === undefined || primary.auto) return undefined;
  const count = Math.min(options.groundTruth.queries, queries.count);
  const wanted = queries.vectors.subarray(0, count * vector.dim);
  return new NearestRows(wanted, vector.dim, options.groundTruth.k, options.collection.index.metric);
}

/** The sets that a loaded row is in. */
export function setsOf(fields: Fields, seed: number, row: number): string[] {
  const indices = valueIndices(fields, seed, row);
  return [
    ALL_ROWS,
    ...fields.scalars.map(({ name, firstOf }, f) => setName(name, firstOf[indices[f] as number] as number)),
  ];
}

/** As the property of the collection has it. */
export function storedTruth(options: MilvusOptions, queries: Queries, found: NearestRows | undefined): string {
  const sets = [...(found?.found() ?? [])].map(([name, ids]) => {
    return [name, Buffer.from(Int32Array.from(ids).buffer).toString('base64')];
  });
  const { queries: wanted = 0, k = 0 } = options.groundTruth ?? {};
  const stored: Stored = {
    options: optionsText(options),
    queries: Math.min(wanted, queries.count),
    k,
    sets: Object.fromEntries(sets),
  };
  return JSON.stringify(stored);
}

/**
 * @param property of the collection, if it has one
 * @returns the nearest rows, or why they are not known
 */
export function readTruth(options: MilvusOptions, property: string | undefined): GroundTruth | string {
  if (checkedFields(options).primary.auto)
    return 'the server makes the primary keys, so nobody knows which rows are near';
  if (property === undefined) return 'the collection was not loaded by bench';
  let stored: Stored;
  try {
    stored = JSON.parse(property) as Stored;
  } catch (error) {
    throw new PluginError(`the property ${PROPERTY} of the collection is damaged`, { cause: error });
  }
  if (stored.options !== optionsText(options))
    return 'the collection was loaded with other rows than the plan describes';
  const sets = Object.entries(stored.sets).map(([name, text]): [string, Float64Array] => {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    return [name, Float64Array.from(new Int32Array(bytes.buffer))];
  });
  return { queries: stored.queries, k: stored.k, sets: new Map(sets) };
}
