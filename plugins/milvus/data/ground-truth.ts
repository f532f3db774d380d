import { z } from 'zod';
import { PluginError } from '../../../core/plugin.ts';
import type { Fields } from '../collection-options.ts';
import type { MilvusOptions } from '../options.ts';
import { ALL_ROWS, checkedFields, type Queries, setName, valueIndices } from './dataset.ts';
import { contentOf } from './file-content.ts';
import { NearestRows } from './nearest-rows.ts';
import { readTruthFile } from './truth-file.ts';

/** The property of a collection that has what its rows are, and their nearest. */
export const PROPERTY = 'bench.rows';

/** The nearest rows of the first queries. */
export interface GroundTruth {
  readonly queries: number;
  readonly k: number;
  /** Ids by set, k for each query, nearest first; -1 where there are fewer rows. */
  readonly sets: ReadonlyMap<string, Float64Array>;
}

/** Whoever may alter the collection can write what they like. */
const storedSchema = z.object({
  /** What decides which rows there are. */
  rows: z.string(),
  /** What else decides which of them are near to which query. */
  asked: z.string(),
  queries: z.int(),
  k: z.int(),
  sets: z.record(z.string(), z.string()),
});

type Stored = z.infer<typeof storedSchema>;

const QUERIES = 100;
const K = 10;
const ID_BYTES = 4;

/** How many queries are compared with all rows, and how many rows are known of each; with a file, how many at most. */
export function truthSize({ groundTruth }: Pick<MilvusOptions, 'groundTruth'>): { queries: number; k: number } {
  const { queries = QUERIES, k = K } = groundTruth ?? {};
  return { queries, k };
}

/** A file is known by its content, not by its name. */
function rowsText({ data, collection }: MilvusOptions, baseDirectory: string): string {
  const { rows, generate, file, seed } = data;
  const content = file === undefined ? undefined : contentOf(file, baseDirectory);
  const { fields, partitions } = collection;
  return JSON.stringify([rows, generate, content, seed, fields, ...partitions]);
}

function askedText(options: MilvusOptions, baseDirectory: string): string {
  const { file, ...queries } = options.queries;
  const content = file === undefined ? undefined : contentOf(file, baseDirectory);
  return JSON.stringify([queries, content, truthSize(options), options.collection.index.metric]);
}

/** @returns what finds them while rows are loaded; undefined when nobody asks for it, or ids are not known */
export function groundTruthFinder(options: MilvusOptions, queries: Queries): NearestRows | undefined {
  const { primary, vector } = checkedFields(options);
  if (options.groundTruth === undefined || options.groundTruth.file !== undefined || primary.auto) return undefined;
  const size = truthSize(options);
  const count = Math.min(size.queries, queries.count);
  const wanted = queries.vectors.subarray(0, count * vector.dim);
  return new NearestRows(wanted, vector.dim, size.k, options.collection.index.metric);
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
export function storedTruth(
  options: MilvusOptions,
  queries: Queries,
  found: NearestRows | undefined,
  baseDirectory: string,
): string {
  const sets = [...(found?.found() ?? [])].map(([name, ids]) => {
    return [name, Buffer.from(Int32Array.from(ids).buffer).toString('base64')];
  });
  const { queries: wanted, k } = truthSize(options);
  const stored: Stored = {
    rows: rowsText(options, baseDirectory),
    asked: found === undefined ? '' : askedText(options, baseDirectory),
    queries: Math.min(wanted, queries.count),
    k,
    sets: Object.fromEntries(sets),
  };
  return JSON.stringify(stored);
}

/**
 * @param property of the collection, if it has one
 * @param queries how many there are
 * @param rows how many are loaded
 * @returns the nearest rows, or why they are not known
 * @throws {PluginError} for a file that is none
 */
export function readTruth(
  options: MilvusOptions,
  property: string | undefined,
  queries: number,
  rows: number,
  baseDirectory: string,
): GroundTruth | string {
  if (checkedFields(options).primary.auto)
    return 'the server makes the primary keys, so nobody knows which rows are near';
  const ofFile = options.groundTruth?.file;
  // Whoever brings a file answers for the rows of a collection that was loaded with something else.
  if (property === undefined) {
    return ofFile === undefined
      ? 'the collection was not loaded by bench'
      : truthOfFile(options, queries, rows, baseDirectory);
  }
  const stored = storedIn(property);
  const isSame = stored.rows === rowsText(options, baseDirectory);
  if (!isSame) return 'the collection was loaded with other rows than the plan describes';
  if (ofFile !== undefined) return truthOfFile(options, queries, rows, baseDirectory);
  if (stored.asked !== askedText(options, baseDirectory)) {
    return 'the nearest rows that the collection was loaded with are those of other queries than the plan describes';
  }
  const size = truthSize(options);
  const known = { queries: Math.min(size.queries, queries), k: size.k };
  if (stored.queries !== known.queries || stored.k !== known.k) throw damaged();
  const sets = Object.entries(stored.sets).map(([name, text]): [string, Float64Array] => {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    if (bytes.length !== known.queries * known.k * ID_BYTES) throw damaged();
    return [name, Float64Array.from(new Int32Array(bytes.buffer))];
  });
  return { ...known, sets: new Map(sets) };
}

function storedIn(property: string): Stored {
  try {
    return storedSchema.parse(JSON.parse(property));
  } catch (error) {
    throw damaged(error);
  }
}

function damaged(cause?: unknown): PluginError {
  return new PluginError(`the property ${PROPERTY} of the collection is damaged: drop the collection`, { cause });
}

function truthOfFile(
  { groundTruth }: MilvusOptions,
  queries: number,
  rows: number,
  baseDirectory: string,
): GroundTruth | string {
  const { file = '', queries: most = queries } = groundTruth ?? {};
  const found = readTruthFile(file, baseDirectory, Math.min(most, queries));
  if (typeof found === 'string') throw new PluginError(`${file} ${found}`);
  const beyond = found.ids.find((id) => id >= rows);
  if (beyond !== undefined) return `${file} tells of the row ${beyond}, and only ${rows} are loaded`;
  return { queries: found.queries, k: found.k, sets: new Map([[ALL_ROWS, Float64Array.from(found.ids)]]) };
}
