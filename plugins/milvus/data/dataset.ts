import { randomStream } from '../../../core/plan/random.ts';
import { type Fields, fieldsOf } from '../collection-options.ts';
import type { MilvusOptions } from '../options.ts';
import type { Rows } from './row-encoder.ts';
import { vectorsOfFile } from './vector-file.ts';
import { generatedVectors, type VectorSource } from './vector-source.ts';

const ROWS = 10_000;
const LIKE_EMBEDDINGS = { kind: 'latent', rank: 32, noise: 0.1, normalize: true } as const;
/** Streams of row numbers are those of vectors; values of fields are drawn with another seed. */
const VALUES = 0x7a1e;

/** The name of the set of all rows, for the nearest ones. */
export const ALL_ROWS = '';

/** Names the set of rows that have this value in that field. @param index of the value's first place among those of the field */
export function setName(field: string, index: number): string {
  return `${field}=${index}`;
}

/** Names the set of the rows of a partition. No field has such a name. */
export function partitionSet(name: string): string {
  return `partition ${name}`;
}

/** @throws an Error for fields that the options' schema has not let through */
export function checkedFields({ collection }: MilvusOptions): Fields {
  const fields = fieldsOf(collection);
  if (typeof fields === 'string') throw new Error(fields);
  return fields;
}

export function dataVectors({ data }: MilvusOptions, dim: number, baseDirectory: string): Promise<VectorSource> {
  if (data.file !== undefined) return vectorsOfFile(data.file, baseDirectory, dim);
  return Promise.resolve(generatedVectors(data.generate ?? LIKE_EMBEDDINGS, dim, data.seed, data.seed));
}

/** @param ofFile how many the file has, where the vectors are from one. @returns how many rows are loaded */
export function rowCount({ data }: MilvusOptions, ofFile: number | undefined): number {
  return Math.min(data.rows ?? ofFile ?? ROWS, ofFile ?? Number.POSITIVE_INFINITY);
}

/** Numbers of loaded rows. */
export interface RowRange {
  readonly first: number;
  /** That of the first row after them. */
  readonly end: number;
}

/** The rows of a partition: of all in their order, an equal part. @param name undefined: all rows */
export function rowsOfPartition(partitions: readonly string[], name: string | undefined, rows: number): RowRange {
  if (name === undefined) return { first: 0, end: rows };
  const at = partitions.indexOf(name);
  const [first = 0, end = 0] = [at, at + 1].map((n) => Math.ceil((n * rows) / partitions.length));
  return { first, end };
}

/** What is searched for. */
export interface Queries {
  readonly description: string;
  readonly count: number;
  /** Whole vectors, one after the other. */
  readonly vectors: Float32Array;
}

export async function openQueries(
  { data, queries }: MilvusOptions,
  dim: number,
  baseDirectory: string,
): Promise<Queries> {
  const source =
    queries.file === undefined
      ? generatedVectors(queries.generate ?? data.generate ?? LIKE_EMBEDDINGS, dim, data.seed, queries.seed)
      : await vectorsOfFile(queries.file, baseDirectory, dim);
  try {
    const count = Math.min(queries.count, source.rows ?? queries.count);
    const vectors = new Float32Array(count * dim);
    await source.fill(0, vectors);
    return { description: source.description, count, vectors };
  } finally {
    await source.close();
  }
}

/** Which of its values each field with values has, for a row. The same for the same seed and row. */
export function valueIndices({ scalars }: Fields, seed: number, row: number): number[] {
  const random = randomStream(seed ^ VALUES, row);
  return scalars.map(({ values }) => random.integer(values.length));
}

/** The loaded rows from this one on. @param vectors of them */
export function loadedRows(fields: Fields, seed: number, first: number, vectors: Float32Array): Rows {
  const count = vectors.length / fields.vector.dim;
  const ids = Array.from({ length: count }, (_, n) => first + n);
  const indices = ids.map((id) => valueIndices(fields, seed, id));
  const scalars = fields.scalars.map(({ values }, f) =>
    indices.map((of) => values[of[f] as number] as string | number),
  );
  return { ids, vectors, scalars };
}
