import { setTimeout as sleep } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { NotPreparedError, PluginError, type StepContext } from '../../../core/plugin.ts';
import { oneLine } from '../../../core/text/printable.ts';
import {
  CollectionSchemaSchema,
  type DescribeCollectionResponse,
  type FieldSchema,
  type IndexDescription,
} from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import type { Fields } from '../collection-options.ts';
import { checkedFields } from '../data/dataset.ts';
import { DATA_TYPE } from '../data/row-encoder.ts';
import { type MilvusClient, MilvusError } from '../milvus-client.ts';
import { consistencyLevel } from '../operations/consistency.ts';
import type { MilvusOptions } from '../options.ts';

/** The property of a collection that has the id of the run that has made it. */
const OWNER = 'bench.run';
const POLL_MS = 200;
/** States of IndexState and LoadState: https://github.com/milvus-io/milvus-proto/blob/v2.3.5/proto/common.proto */
const [INDEX_FINISHED, INDEX_FAILED, LOADED, COMPACTED] = [3, 4, 3, 2];

export function collectionName({ collection }: MilvusOptions, runId: string): string {
  return collection.name ?? `bench_${runId}`;
}

/** @returns undefined where there is no collection of this name */
export async function findCollection(
  client: MilvusClient,
  name: string,
): Promise<DescribeCollectionResponse | undefined> {
  try {
    return await client.call('DescribeCollection', { collectionName: name });
  } catch (error) {
    if (error instanceof MilvusError && error.kind === 'collection_missing') return undefined;
    // Milvus 2.3 has no code of its own for it here.
    if (error instanceof MilvusError && /can't find collection|collection not found/i.test(error.message))
      return undefined;
    throw error;
  }
}

/** @returns the run that has made a collection */
export function ownerOf(collection: DescribeCollectionResponse): string | undefined {
  return propertyOf(collection, OWNER);
}

export function propertyOf({ properties }: DescribeCollectionResponse, wanted: string): string | undefined {
  return properties.find(({ key }) => key === wanted)?.value;
}

export async function createCollection(client: MilvusClient, name: string, options: MilvusOptions, runId: string) {
  const { shards, consistency, partitions } = options.collection;
  const schema = create(CollectionSchemaSchema, { name, fields: fieldSchemas(options) });
  await client.call('CreateCollection', {
    collectionName: name,
    schema: toBinary(CollectionSchemaSchema, schema),
    shardsNum: shards,
    consistencyLevel: consistencyLevel(consistency),
    properties: keyValues({ [OWNER]: runId }),
  });
  for (const partitionName of partitions) await client.call('CreatePartition', { collectionName: name, partitionName });
}

function fieldSchemas(options: MilvusOptions) {
  const { primary, vector, scalars }: Fields = checkedFields(options);
  return [
    { name: primary.name, dataType: DATA_TYPE.int64, isPrimaryKey: true, autoId: primary.auto },
    { name: vector.name, dataType: DATA_TYPE.floatVector, typeParams: [{ key: 'dim', value: `${vector.dim}` }] },
    ...scalars.map(({ name, type, maxLength }) => ({
      name,
      dataType: DATA_TYPE[type],
      typeParams: type === 'varchar' ? [{ key: 'max_length', value: `${maxLength}` }] : [],
    })),
  ];
}

/** @throws {NotPreparedError} when the collection that is there has other fields than the plan */
export function checkFields({ schema }: DescribeCollectionResponse, name: string, options: MilvusOptions): void {
  const text = (fields: readonly FieldSchema[]) =>
    fields.map((field) => {
      const params = field.typeParams.map(({ key, value }) => `, ${key} ${value}`).join('');
      const type = Object.entries(DATA_TYPE).find(([, number]) => number === field.dataType)?.[0];
      return `${field.name} (${type ?? `type ${field.dataType}`}${params})`;
    });
  const there = text(schema?.fields ?? []);
  const wanted = text(create(CollectionSchemaSchema, { fields: fieldSchemas(options) }).fields);
  const differs = [...there.filter((one) => !wanted.includes(one)), ...wanted.filter((one) => !there.includes(one))];
  if (differs.length === 0) return;
  throw new NotPreparedError(
    `the collection ${name} has other fields than the plan: it has ${oneLine(there.join(', '))}, and the plan ${wanted.join(', ')}. Name another collection, or correct collection.fields`,
  );
}

/** Writes all rows to storage, so that they are indexed. */
export async function flush(client: MilvusClient, name: string, { signal }: StepContext): Promise<void> {
  const answer = await client.insist('Flush', { collectionNames: [name] });
  const request = {
    segmentIds: answer.collSegIds[name]?.data ?? [],
    flushTs: answer.collFlushTs[name] ?? 0n,
    collectionName: name,
  };
  while (!(await client.insist('GetFlushState', request)).flushed) {
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Resolves when the index covers all rows. */
export async function createIndex(
  client: MilvusClient,
  name: string,
  options: MilvusOptions,
  { progress, signal }: StepContext,
): Promise<void> {
  const { type, metric, params } = options.collection.index;
  const given = params ?? (type === 'HNSW' ? { M: 16, efConstruction: 200 } : {});
  const request = { collectionName: name, fieldName: checkedFields(options).vector.name };
  await client.insist('CreateIndex', {
    ...request,
    extraParams: keyValues({ index_type: type, metric_type: metric, params: JSON.stringify(given) }),
  });
  const limitMs = options.prepare.waitIndex / 1000;
  const deadline = performance.now() + limitMs;
  for (let told = -1; ; await sleep(POLL_MS, undefined, { signal })) {
    const { indexDescriptions } = await client.insist('DescribeIndex', request);
    const [index] = indexDescriptions;
    if (index?.state === INDEX_FAILED) {
      throw new PluginError(`the index cannot be built: ${oneLine(index.indexStateFailReason)}`);
    }
    if (index?.state === INDEX_FINISHED && index.pendingIndexRows === 0n) return;
    const percent = index === undefined ? 0 : percentOf(index);
    if (percent > told) progress(`the index ${type} has ${percent} % of the rows`);
    told = Math.max(told, percent);
    if (performance.now() > deadline) {
      throw new PluginError(
        `the index is not ready after ${limitMs / 1000} s (${percent} % of the rows): raise prepare.waitIndex`,
      );
    }
  }
}

function percentOf({ indexedRows, totalRows }: IndexDescription): number {
  return totalRows === 0n ? 100 : Math.floor(Number((indexedRows * 100n) / totalRows));
}

export async function compact(client: MilvusClient, name: string, { signal }: StepContext): Promise<void> {
  const { collectionId } = await client.insist('DescribeCollection', { collectionName: name });
  const { compactionId } = await client.insist('ManualCompaction', { id: collectionId });
  while ((await client.insist('GetCompactionState', { id: compactionId })).value !== BigInt(COMPACTED)) {
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Resolves when the collection can be searched. */
export async function load(client: MilvusClient, name: string, { progress, signal }: StepContext): Promise<void> {
  const collectionName = name;
  await client.insist('LoadCollection', { collectionName });
  for (let told = 0; ; await sleep(POLL_MS, undefined, { signal })) {
    if ((await client.insist('GetLoadState', { collectionName })).value === BigInt(LOADED)) return;
    const percent = Number((await client.insist('GetLoadingProgress', { collectionName })).value);
    if (percent > told) progress(`${percent} % of the collection ${name} are loaded`);
    told = Math.max(told, percent);
  }
}

/** @param filter empty for all rows. @returns how many there are, all writes before this call included */
export async function countRows(client: Pick<MilvusClient, 'insist'>, name: string, filter: string): Promise<number> {
  const { fieldsData } = await client.insist('Query', {
    collectionName: name,
    expr: filter,
    outputFields: ['count(*)'],
    consistencyLevel: consistencyLevel('strong'),
  });
  const data = fieldsData[0]?.scalars?.data;
  const counts = data?.case === 'longData' ? data.value.data : [];
  const rows = counts.length === 1 ? Number(counts[0]) : Number.NaN;
  // A count that is not one must not pass for a collection without rows: all that was written would count as lost.
  if (Number.isSafeInteger(rows) && rows >= 0) return rows;
  throw new PluginError(`the server did not answer with a number of rows when it was asked for count(*) of ${name}`);
}

export function keyValues(pairs: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(pairs).map(([key, value]) => ({ key, value }));
}
