import { z } from 'zod';
import { object, positiveDuration, wholeNumber } from '../../core/plan/fields.ts';
import type { StepContext } from '../../core/plugin.ts';
import { connectionOptions, type HttpSettings, httpSettings } from '../http/settings.ts';
import { connectionsOption } from '../net/connections-option.ts';
import type { TargetAddress } from '../net/target-address.ts';
import { parsedAddress, parsedTarget } from './address.ts';
import { collectionSchema, nameSchema } from './collection-options.ts';
import { sourceSchema } from './data/source-options.ts';
import { filterSchema } from './operations/filter.ts';

export const NAME = 'milvus';
const MAX_POOL = 65_535;
/** https://milvus.io/docs/limitations.md */
const MAX_LIMIT = 16_384;

const limit = wholeNumber(1, MAX_LIMIT);
const rows = wholeNumber(1, 100_000);
const partitions = z.array(nameSchema).default([]).describe('Only in these partitions. Default: in all.');
const partition = nameSchema.optional();

const operation = object({
  search: object({
    limit: limit.default(10).describe('How many of the nearest rows to ask for. Default: 10.'),
    params: z
      .record(z.string().min(1), z.union([z.number(), z.string(), z.boolean()]))
      .default({})
      .describe('Parameters of the index, such as { ef: 64 } for HNSW and { nprobe: 16 } for IVF.'),
    filter: filterSchema
      .optional()
      .describe(`Only rows for which this expression is true; \${pick:field} is one of the values of a field.`),
    vectors: wholeNumber(1, MAX_LIMIT).default(1).describe('How many vectors to search for in one call. Default: 1.'),
    output: z.array(z.string().min(1)).default([]).describe('Fields to send back with each row.'),
    partitions,
  }).optional(),
  insert: object({
    rows: rows.default(1).describe('New rows in one call. Default: 1.'),
    partition: partition.describe('Default: _default.'),
  }).optional(),
  upsert: object({
    rows: rows.default(1).describe('Loaded rows to write again in one call. Default: 1.'),
    partition: partition.describe('That of the rows, where the collection has partitions.'),
  }).optional(),
  delete: object({
    ids: rows.default(1).describe('Loaded rows to delete in one call; each is deleted once. Default: 1.'),
  }).optional(),
  query: object({
    filter: filterSchema.describe(
      `The expression that rows must match; \${ids:10} are ids of loaded rows, \${pick:field} is one of the values of a field.`,
    ),
    output: z.array(z.string().min(1)).default([]).describe('Fields to send back. Default: the primary key.'),
    limit: limit.optional().describe('How many rows at most. Default: all.'),
    partitions,
  }).optional(),
}).refine((all) => Object.values(all).filter((one) => one !== undefined).length === 1, {
  error: 'must have exactly one of search, insert, upsert, delete and query',
});
export type OperationOptions = z.output<typeof operation>;
export type SearchOptions = NonNullable<OperationOptions['search']>;

const { baseUrl: _, ...connecting } = connectionOptions;

/** Each option alone; see `checkedOptions` for what they must be together. */
export const eachOption = object({
  address: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Host and port, such as localhost:19530, or a URL. Without a port it is 19530, and 443 behind https://. Default: the plan's target.",
    ),
  token: z.string().min(1).optional().describe(`user:password, or an API key; as \${env:NAME}. Default: no login.`),
  database: z.string().min(1).optional().describe('Default: the database named default.'),
  ...connecting,
  timeout: connectionOptions.timeout.describe('Deadline of each call, which the server is told. Default: 30s.'),
  connections: connectionsOption(['per-user'], MAX_POOL).describe(
    'One for each virtual user (per-user), or a number of connections that the virtual users of an agent process share ({ pool: 4 }). Default: per-user.',
  ),
  collection: collectionSchema,
  data: object({
    rows: wholeNumber(0, 2 ** 32 - 1)
      .optional()
      .describe('Rows to load before the run. Default: 10000, or all of the file.'),
    ...sourceSchema,
    seed: wholeNumber(0, 2 ** 32 - 1)
      .default(7)
      .describe('The same seed gives the same rows. Default: 7.'),
    batch: wholeNumber(1, 1_000_000).default(1000).describe('Rows of one insert of the preparation. Default: 1000.'),
    parallel: wholeNumber(1, 64).default(2).describe('Inserts of the preparation at a time. Default: 2.'),
  }).prefault({}),
  queries: object({
    count: wholeNumber(1, 100_000)
      .default(1000)
      .describe('How many different vectors are searched for. Default: 1000, or all of the file.'),
    ...sourceSchema,
    generate: sourceSchema.generate.describe('As generate of data. Default: vectors like those of the data.'),
    seed: wholeNumber(0, 2 ** 32 - 1)
      .default(99)
      .describe('Default: 99.'),
  }).prefault({}),
  groundTruth: object({
    queries: wholeNumber(1, 100_000)
      .optional()
      .describe('For how many of the queries recall is counted. Default: 100, or all of the file.'),
    k: wholeNumber(1, MAX_LIMIT)
      .optional()
      .describe('How many of the nearest rows are known. Default: 10, or as many as the file has.'),
    file: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The nearest rows of the queries: an .ivecs file (for each query k as int32, then row numbers as int32), or as big-ann-benchmarks has them (queries and k as uint32, then row numbers as uint32, then distances if there are any), little-endian.',
      ),
  })
    .refine(({ k, file }) => k === undefined || file === undefined, { error: 'must have either k or file' })
    .optional()
    .describe(
      'Count recall: find the nearest rows by comparing all while they are loaded, or read them from a file. Default: no recall.',
    ),
  prepare: object({
    compact: z.boolean().default(false).describe('Compact the collection before it is loaded.'),
    waitIndex: positiveDuration.default(1_800_000_000).describe('How long the index may take. Default: 30m.'),
  }).prefault({}),
  operations: z
    .record(z.string().min(1), operation)
    .refine((all) => Object.keys(all).length > 0, { error: 'must contain at least one operation' })
    .describe('Calls by the name that scenarios use.'),
});

export type MilvusOptions = z.output<typeof eachOption>;

/** @throws {PluginError} when neither the options nor the plan say where the server is */
export function milvusAddress(
  { address, tls }: Pick<MilvusOptions, 'address' | 'tls'>,
  { target }: Pick<StepContext, 'target'>,
): TargetAddress {
  const parsed = address === undefined ? undefined : parsedAddress(address, tls !== undefined);
  return typeof parsed === 'object' ? parsed : parsedTarget(target, NAME);
}

export function milvusSettings(options: MilvusOptions): HttpSettings {
  return httpSettings({ ...options, baseUrl: undefined }, true);
}

/** What goes with every call. */
export function milvusMetadata({ token, database }: MilvusOptions): Record<string, string> {
  return {
    ...(token !== undefined && { authorization: Buffer.from(token).toString('base64') }),
    ...(database !== undefined && { dbname: database }),
  };
}
