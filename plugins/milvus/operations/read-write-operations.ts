import { create, toBinary } from '@bufbuild/protobuf';
import type { RandomStream } from '../../../core/plan/random.ts';
import type { DealtIndices, WriteTally } from '../../../core/plugin.ts';
import { DeleteRequestSchema, QueryRequestSchema } from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { messageFrame } from '../../grpc/message-frame.ts';
import { AbortFanout } from '../../net/abort-fanout.ts';
import { rowsOfPartition } from '../data/dataset.ts';
import { rowsFrame } from '../data/row-encoder.ts';
import type { OperationOptions } from '../options.ts';
import { keyValues } from '../steps/collection.ts';
import { consistencyLevel, guarantee } from './consistency.ts';
import { fillFilter } from './filter.ts';
import { type MilvusOperation, type MilvusRequest, maxAnswerBytes, type Unsent } from './operation.ts';
import type { SearchContext } from './search-operation.ts';

/** Ids of new rows are above those of loaded ones: each virtual user has as many. */
export const IDS_OF_A_USER = 2 ** 32;

/** Rows that a query without a limit gives (https://milvus.io/docs/limitations.md). */
const MAX_FOUND = 16_384;

/** An operation that finds nothing that could be compared with the nearest rows. */
function operation(
  made: Pick<MilvusOperation, 'name' | 'method' | 'writes' | 'maxAnswerBytes'>,
  request: MilvusOperation['request'],
): MilvusOperation {
  return { ...made, limit: 0, wantsIds: () => false, judged: () => {}, request };
}

const plain = (frame: Buffer, filter = ''): MilvusRequest => ({ frame, filter, queries: [], set: '' });

/** @param tally of rows that are new */
export function insertOperation(
  name: string,
  { rows, partition }: NonNullable<OperationOptions['insert']>,
  context: SearchContext,
  tally: WriteTally,
): MilvusOperation {
  return operation(
    { name, method: 'Insert', writes: { tally, rows }, maxAnswerBytes: maxAnswerBytes(rows, [], context.fields) },
    (scope) => {
      const ids = Array.from({ length: rows }, () => IDS_OF_A_USER * (scope.user + 1) + scope.nextRow());
      return plain(newRowsFrame(ids, context, scope.random, partition));
    },
  );
}

/** How many of the loaded rows upserts may write: those with odd ids. */
export function upsertableRows(loaded: number): number {
  return Math.floor(loaded / 2);
}

/**
 * Writes loaded rows again: those with odd ids, because those with even ones may be deleted.
 * Calls have at most all of these.
 * @param tally of rows that are written again
 */
export function upsertOperation(
  name: string,
  { rows, partition }: NonNullable<OperationOptions['upsert']>,
  context: SearchContext,
  tally: WriteTally,
): MilvusOperation {
  const { first, end } = rowsOfPartition(context.collection.partitions, partition, context.rows);
  const firstOdd = first % 2 === 0 ? first + 1 : first;
  const odd = Math.ceil((end - firstOdd) / 2);
  const count = Math.min(rows, odd);
  return operation(
    {
      name,
      method: 'Upsert',
      writes: { tally, rows: count },
      maxAnswerBytes: maxAnswerBytes(count, [], context.fields),
    },
    ({ random }) => {
      const ids = new Set<number>();
      while (ids.size < count) ids.add(firstOdd + 2 * random.integer(odd));
      return plain(newRowsFrame([...ids], context, random, partition));
    },
  );
}

/**
 * Deletes loaded rows, each once.
 * @param dealt half of the loaded rows: those with even ids
 * @param tally of rows that are deleted
 */
export function deleteOperation(
  name: string,
  rows: number,
  { collectionName, fields }: SearchContext,
  dealt: DealtIndices,
  tally: WriteTally,
): MilvusOperation {
  const aborts = new AbortFanout();
  const request = async (signal: AbortSignal): Promise<MilvusRequest | Unsent> => {
    const ids: number[] = [];
    while (ids.length < rows) {
      const next = dealt.take();
      if (next !== undefined) {
        ids.push(2 * next);
        continue;
      }
      const { hasNext } = dealt;
      if (hasNext === false) {
        return { kind: 'data_exhausted', reason: `${name}: all rows that may be deleted are: raise data.rows` };
      }
      if (hasNext !== true) await settledOrCutOff(hasNext, signal, aborts);
      if (signal.aborted) {
        return { kind: 'aborted', reason: `${name}: the run has cut it off while it waited for rows to delete` };
      }
    }
    const expr = `${fields.primary.name} in [${ids.join(',')}]`;
    return plain(
      messageFrame(toBinary(DeleteRequestSchema, create(DeleteRequestSchema, { collectionName, expr }))),
      expr,
    );
  };
  return operation(
    { name, method: 'Delete', writes: { tally, rows }, maxAnswerBytes: maxAnswerBytes(rows, [], fields) },
    (_, signal) => request(signal),
  );
}

export function queryOperation(
  name: string,
  { filter, output, limit, partitions }: NonNullable<OperationOptions['query']>,
  { collectionName, collection, fields, rows }: SearchContext,
): MilvusOperation {
  const fixed = {
    collectionName,
    partitionNames: partitions,
    outputFields: output.length > 0 ? output : [fields.primary.name],
    queryParams: limit === undefined ? [] : keyValues({ limit: `${limit}` }),
    consistencyLevel: consistencyLevel(collection.consistency),
  };
  const most = maxAnswerBytes(limit ?? MAX_FOUND, output, fields);
  return operation({ name, method: 'Query', writes: undefined, maxAnswerBytes: most }, ({ random, lastWrite }) => {
    const { text: expr } = fillFilter(filter, fields, rows, random);
    const guaranteeTimestamp = guarantee(collection.consistency, lastWrite);
    const message = create(QueryRequestSchema, { ...fixed, expr, guaranteeTimestamp });
    return plain(messageFrame(toBinary(QueryRequestSchema, message)), expr);
  });
}

async function settledOrCutOff(wait: Promise<unknown>, signal: AbortSignal, aborts: AbortFanout): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const follower = { cutOff: resolve };
  aborts.follow(signal, follower);
  try {
    await Promise.race([wait, promise]);
  } finally {
    aborts.leave(signal, follower);
  }
}

/** Vectors of new rows are those of queries: nothing has to be made up while the load goes on. */
function newRowsFrame(
  ids: readonly number[],
  { collectionName, fields, queries }: SearchContext,
  random: RandomStream,
  partition: string | undefined,
): Buffer {
  const { dim } = fields.vector;
  const vectors = new Float32Array(ids.length * dim);
  for (let n = 0; n < ids.length; n++) {
    const query = random.integer(queries.count);
    vectors.set(queries.vectors.subarray(query * dim, (query + 1) * dim), n * dim);
  }
  const scalars = fields.scalars.map(({ values }) =>
    ids.map(() => values[random.integer(values.length)] as string | number),
  );
  return rowsFrame(collectionName, fields, { ids, vectors, scalars }, partition);
}
