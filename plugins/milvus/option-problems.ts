import type { SchemaIssue } from '../../core/plugin.ts';
import { referencesIn } from '../../core/secrets/reference.ts';
import { parsedAddress } from './address.ts';
import { type Fields, fieldsOf } from './collection-options.ts';
import { truthSize } from './data/ground-truth.ts';
import { readTruthFile } from './data/truth-file.ts';
import { vectorFile } from './data/vector-file.ts';
import { type Filter, picksOf, usesIds } from './operations/filter.ts';
import { eachOption, type MilvusOptions, type OperationOptions } from './options.ts';

/** What a call may carry: the proxy of a server takes no more (proxy.grpc.serverMaxRecvSize). */
const MAX_REQUEST_BYTES = 64 << 20;
/** Per row, for what is beside its vector. */
const ROW_BYTES = 64;
/** The nearest rows are kept with the collection, whose description its server limits. */
const MAX_TRUTH = 200_000;
/** Parameters of searches, by the types of index that have them (https://milvus.io/docs/index.md). */
const SEARCH_PARAMS: readonly (readonly [type: RegExp, param: string])[] = [
  [/^HNSW/, 'ef'],
  [/IVF/, 'nprobe'],
  [/^DISKANN$/, 'search_list'],
];

/** The options of the driver. */
export const checkedOptions = eachOption.superRefine((options, context) => {
  for (const { path = [], message } of optionProblems(options)) {
    context.addIssue({ code: 'custom', path: [...path] as PropertyKey[], message });
  }
});

/** What is wrong with options beyond each of them alone. */
function optionProblems(options: MilvusOptions): SchemaIssue[] {
  const problems: SchemaIssue[] = [];
  const { address, tls, collection, data, queries, groundTruth, operations } = options;
  const found = address === undefined ? undefined : parsedAddress(address, tls !== undefined);
  if (typeof found === 'string') problems.push({ path: ['address'], message: found });
  const fields = fieldsOf(collection);
  if (typeof fields === 'string') return [...problems, { path: ['collection', 'fields'], message: fields }];
  const { dim } = fields.vector;
  for (const [name, { generate, file }] of Object.entries({ data, queries })) {
    if (generate !== undefined && file !== undefined) {
      problems.push({ path: [name], message: 'must have either generate or file' });
    }
  }
  if (data.file !== undefined && queries.file === undefined && queries.generate === undefined) {
    problems.push({ path: ['queries'], message: 'needs a file (or generate), as the data are from a file' });
  }
  const most = Math.floor(MAX_REQUEST_BYTES / (dim * 4 + ROW_BYTES));
  if (data.batch > most) {
    const message = `is more than the 64 MiB that Milvus takes in one call: at ${dim} dimensions at most ${most}`;
    problems.push({ path: ['data', 'batch'], message });
  }
  if (groundTruth !== undefined && groundTruth.file === undefined) {
    const { queries: count, k } = truthSize(options);
    const { length } = collection.partitions;
    const sets = 1 + length + fields.scalars.reduce((sum, { values }) => sum + values.length, 0);
    if (count * k * sets > MAX_TRUTH) {
      const message = `queries × k × ${sets} (all rows, those with each value of a field, and those of each partition) must be at most ${MAX_TRUTH}`;
      problems.push({ path: ['groundTruth'], message });
    }
  }
  for (const { name, maxLength, type, values } of fields.scalars) {
    const long = values.find((value) => type === 'varchar' && Buffer.byteLength(String(value)) > maxLength);
    if (long === undefined) continue;
    problems.push({ path: ['collection', 'fields', name, 'values'], message: `"${long}" is longer than maxLength` });
  }
  for (const [name, operation] of Object.entries(operations)) {
    const path = ['operations', name];
    problems.push(...[...operationProblems(operation, fields, options)].map((message) => ({ path, message })));
  }
  return problems;
}

function* operationProblems(
  { search, insert, upsert, delete: remove, query }: OperationOptions,
  fields: Fields,
  { collection: { reuse, index, partitions }, data }: MilvusOptions,
): Generator<string> {
  const filters = [search?.filter, query?.filter].filter((one): one is Filter => one !== undefined);
  for (const { field, quote } of filters.flatMap(picksOf)) {
    const found = fields.scalars.find(({ name }) => name === field);
    if (found === undefined) yield `\${pick:${field}}: there is no field ${field} with values`;
    const breaking = found?.values
      .map(String)
      .find((value) => quote !== '' && (value.includes(quote) || value.includes('\\')));
    if (breaking !== undefined) {
      const mark = breaking.includes(quote) ? quote : '\\';
      yield `\${pick:${field}}: the value ${breaking} of ${field} contains ${mark}, which a filter cannot have between ${quote} and ${quote}`;
    }
  }
  const needsIds = upsert !== undefined || remove !== undefined || filters.some(usesIds);
  if (needsIds && fields.primary.auto) yield 'needs ids of rows, which are not known where the primary key is auto';
  const fewest = 2 * Math.max(1, partitions.length);
  if (needsIds && (data.rows ?? fewest) < fewest) yield `needs loaded rows: data.rows must be at least ${fewest}`;
  const named = [insert?.partition, upsert?.partition, search?.partitions, query?.partitions].flat();
  const missing = named.find((one) => one !== undefined && one !== '_default' && !partitions.includes(one));
  if (missing !== undefined) yield `collection.partitions has no ${missing}`;
  if (upsert !== undefined && partitions.length > 0 && !partitions.includes(upsert.partition ?? '')) {
    yield `needs a partition, one of ${partitions.join(', ')}: elsewhere, Milvus would store its rows twice`;
  }
  if (reuse && (insert ?? upsert ?? remove) !== undefined) {
    yield 'writes, but a collection with reuse: true may only be read: its rows have to stay as they are';
  }
  const { ef } = search?.params ?? {};
  if (search !== undefined && /^HNSW/.test(index.type) && typeof ef === 'number' && ef < search.limit) {
    yield `params.ef must be at least the limit (${search.limit}), not ${ef}`;
  }
}

/** Parameters of searches that the index does not have, and that Milvus ignores. */
export function parameterWarnings({ collection: { index }, operations }: MilvusOptions): string[] {
  const own = SEARCH_PARAMS.find(([type]) => type.test(index.type))?.[1];
  return Object.entries(operations).flatMap(([name, { search }]) =>
    SEARCH_PARAMS.filter(([, param]) => param !== own && search?.params[param] !== undefined).map(
      ([, param]) =>
        `${name}: ${param} is no parameter of ${index.type}${own === undefined ? ', which has none' : `; its own is ${own}`}`,
    ),
  );
}

/** What is wrong with the files that options name. */
export function fileProblems(options: MilvusOptions, baseDirectory: string): SchemaIssue[] {
  const fields = fieldsOf(options.collection);
  if (typeof fields === 'string') return [];
  const { data, queries, groundTruth } = options;
  const dim = fields.vector.dim;
  const looks: readonly [name: string, file: string | undefined, look: (file: string) => unknown][] = [
    ['data', data.file, (file) => vectorFile(file, baseDirectory, dim)],
    ['queries', queries.file, (file) => vectorFile(file, baseDirectory, dim)],
    ['groundTruth', groundTruth?.file, (file) => readTruthFile(file, baseDirectory, 0)],
  ];
  return looks.flatMap(([name, file, look]) => {
    // Such a file is found where the reference has its value.
    if (file === undefined || referencesIn(file).length > 0) return [];
    const found = look(file);
    return typeof found === 'string' ? [{ path: [name, 'file'], message: found }] : [];
  });
}
