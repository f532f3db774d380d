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

/** Of rows that have this value in that field. @param index of the value's first place among those of the field */
export function setName(field: string, index: number): string {
  return `${field}=${index}`;
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
