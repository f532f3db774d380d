import { z } from 'zod';
import { object, wholeNumber } from '../../core/plan/fields.ts';

const NAME = /^[A-Za-z_]\w{0,254}$/;
const MAX_VALUES = 1000;
const MAX_PARTITIONS = 1024;
/** https://milvus.io/docs/limitations.md */
const MAX_DIM = 32_768;

export const nameSchema = z.string().regex(NAME, {
  error: 'must have letters, digits and _ only, not begin with a digit, and have at most 255 of them',
});

const fieldSchema = z.discriminatedUnion('type', [
  object({
    type: z.literal('int64'),
    primary: z.boolean().default(false).describe('The primary key: rows are numbered from 0.'),
    auto: z.boolean().default(false).describe('The server makes the primary keys; recall is then not known.'),
    values: z.array(z.int()).min(1).max(MAX_VALUES).optional().describe('Rows have these values, at random.'),
  }),
  object({
    type: z.literal('varchar'),
    maxLength: wholeNumber(1, 65_535).default(64).describe('In bytes. Default: 64.'),
    values: z.array(z.string()).min(1).max(MAX_VALUES).describe('Rows have these values, at random.'),
  }),
  object({ type: z.literal('floatVector'), dim: wholeNumber(2, MAX_DIM).describe('Dimensions.') }),
]);

export const CONSISTENCY = ['strong', 'session', 'bounded', 'eventually'] as const;
export type Consistency = (typeof CONSISTENCY)[number];

const METRICS = ['L2', 'IP', 'COSINE'] as const;
export type Metric = (typeof METRICS)[number];

export const collectionSchema = object({
  name: nameSchema
    .optional()
    .describe('Made for the run and dropped after it; there must be none of this name. Default: one of the run.'),
  reuse: z
    .boolean()
    .default(false)
    .describe(
      'Use a collection of this name that is there already, such as one of bench prepare, and keep it. Operations may then only read.',
    ),
  shards: wholeNumber(1, 64).default(1).describe('Default: 1.'),
  partitions: z
    .array(nameSchema)
    .max(MAX_PARTITIONS)
    .refine((all) => new Set(all).size === all.length, { error: 'must name each partition once' })
    .default([])
    .describe('Made with the collection. Loaded rows are shared out to them in equal parts. Default: none.'),
  consistency: z
    .enum(CONSISTENCY)
    .default('bounded')
    .describe('What searches and queries must see of writes before them. Default: bounded, as is that of Milvus.'),
  fields: z
    .record(nameSchema, fieldSchema)
    .describe('By name: one int64 that is primary, one floatVector, and any others that have values.'),
  index: object({
    type: z.string().min(1).default('HNSW').describe('Such as HNSW, IVF_FLAT, FLAT. Default: HNSW.'),
    metric: z.enum(METRICS).default('L2').describe('Default: L2. Distances of L2 are squared.'),
    field: nameSchema.optional().describe('Default: the floatVector.'),
    params: z
      .record(z.string().min(1), z.union([z.number(), z.string()]))
      .optional()
      .describe('Such as { nlist: 128 } for IVF. Default for HNSW: { M: 16, efConstruction: 200 }.'),
  }).prefault({}),
});
export type CollectionOptions = z.output<typeof collectionSchema>;

/** The fields of a collection, by what they are for. All of them are there once the options have been checked. */
export interface Fields {
  readonly primary: { readonly name: string; readonly auto: boolean };
  readonly vector: { readonly name: string; readonly dim: number };
  /** Those with values, in the order of the plan. */
  readonly scalars: readonly ScalarField[];
}

export interface ScalarField {
  readonly name: string;
  readonly type: 'int64' | 'varchar';
  readonly maxLength: number;
  readonly values: readonly (string | number)[];
  /** For each value the index at which it stands first: one that stands twice is drawn twice as often, and is the same value. */
  readonly firstOf: readonly number[];
}

function firstPlaces(values: readonly (string | number)[]): number[] {
  const first = new Map(values.toReversed().map((value, i) => [value, values.length - 1 - i]));
  return values.map((value) => first.get(value) as number);
}

/** @returns the fields, or what is wrong with them */
export function fieldsOf({ fields, index }: Pick<CollectionOptions, 'fields' | 'index'>): Fields | string {
  const all = Object.entries(fields);
  const primaries = all.flatMap(([name, field]) =>
    field.type === 'int64' && field.primary ? [{ name, auto: field.auto }] : [],
  );
  const vectors = all.flatMap(([name, field]) => (field.type === 'floatVector' ? [{ name, dim: field.dim }] : []));
  const [primary] = primaries;
  const [vector] = vectors;
  if (primary === undefined || primaries.length > 1) return 'must contain one int64 with primary: true';
  if (vector === undefined || vectors.length > 1) return 'must contain one floatVector';
  if (index.field !== undefined && index.field !== vector.name) return `have no vector ${index.field} for the index`;
  const scalars: ScalarField[] = [];
  for (const [name, field] of all) {
    if (field.type === 'floatVector' || name === primary.name) continue;
    if (field.values === undefined) return `${name} needs values`;
    scalars.push({
      name,
      type: field.type,
      maxLength: field.type === 'varchar' ? field.maxLength : 0,
      values: field.values,
      firstOf: firstPlaces(field.values),
    });
  }
  return { primary, vector, scalars };
}
