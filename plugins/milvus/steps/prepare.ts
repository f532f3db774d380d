import { randomStream } from '../../../core/plan/random.ts';
import { NotPreparedError, PluginError, type StepContext } from '../../../core/plugin.ts';
import { oneLine } from '../../../core/text/printable.ts';
import type { DescribeCollectionResponse } from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { checkedFields, dataVectors, openQueries, type Queries, rowCount } from '../data/dataset.ts';
import { groundTruthFinder, PROPERTY, storedTruth } from '../data/ground-truth.ts';
import { errorKind } from '../error-kinds.ts';
import { decoded, type MilvusClient, MilvusError } from '../milvus-client.ts';
import { queryOperation } from '../operations/read-write-operations.ts';
import { readAnswer } from '../operations/search-answer.ts';
import { SearchOperation } from '../operations/search-operation.ts';
import { parameterWarnings } from '../option-problems.ts';
import type { MilvusOptions } from '../options.ts';
import {
  checkFields,
  collectionName,
  compact,
  countRows,
  createCollection,
  createIndex,
  findCollection,
  flush,
  keyValues,
  load,
  ownerOf,
  propertyOf,
} from './collection.ts';
import { loadRows } from './load-rows.ts';

/** Makes the collection ready for searches: rows, index, all in memory. */
export async function prepareCollection(
  client: MilvusClient,
  options: MilvusOptions,
  context: StepContext,
): Promise<void> {
  const name = collectionName(options, context.runId);
  const { dim } = checkedFields(options).vector;
  for (const warning of parameterWarnings(options)) context.progress(warning);
  const source = await dataVectors(options, dim, context.baseDirectory);
  try {
    const rows = rowCount(options, source.rows);
    const queries = await openQueries(options, dim, context.baseDirectory);
    const there = await usableCollection(client, name, context);
    if (there === undefined) {
      await createCollection(client, name, options, context.runId);
      context.progress(`the collection ${name} is made; its rows are ${source.description}`);
      const truth = groundTruthFinder(options, queries);
      const inserted = await loadRows(client, name, options, source, truth, context);
      const since = performance.now();
      await flush(client, name, context);
      await createIndex(client, name, options, context);
      const indexed = (performance.now() - since) / 1000;
      if (options.prepare.compact) await compact(client, name, context);
      const properties = keyValues({ [PROPERTY]: storedTruth(options, queries, truth, context.baseDirectory) });
      await client.insist('AlterCollection', { collectionName: name, properties });
      context.progress(
        `${rows} rows: inserted in ${inserted.toFixed(1)} s, flushed and indexed in ${indexed.toFixed(1)} s`,
      );
    } else {
      if (!options.collection.reuse && ownerOf(there) !== context.runId) {
        throw new NotPreparedError(
          `the collection ${name} exists already: name another, drop it, or use it as it is with collection.reuse: true`,
        );
      }
      checkFields(there, name, options);
      context.progress(`using the collection ${name}, which is there already`);
    }
    await load(client, name, context);
    const stored = await countRows(client, name, '');
    if (stored !== rows) {
      throw new PluginError(
        `the collection ${name} has ${stored} rows, not the ${rows} of the plan${there === undefined ? '' : ': name another, or drop it'}`,
      );
    }
    await tryReads(client, options, name, rows, queries, context.signal);
    context.progress(`the collection ${name} is ready`);
  } finally {
    await source.close();
  }
}

/**
 * A control that was restarted begins the preparation of its run again. What that had made until then is dropped: nobody knows
 * which of its rows there are.
 * @returns the collection that is there with all its rows, if there is one
 */
async function usableCollection(
  client: MilvusClient,
  name: string,
  { runId, progress }: StepContext,
): Promise<DescribeCollectionResponse | undefined> {
  const found = await findCollection(client, name).catch(notPrepared);
  if (found === undefined || ownerOf(found) !== runId || propertyOf(found, PROPERTY) !== undefined) return found;
  await client.call('DropCollection', { collectionName: name });
  progress(`the collection ${name} is dropped: its preparation was cut off, and begins anew`);
  return undefined;
}

/** Carries out each search and query once, so that what is wrong with one is told before the load. */
async function tryReads(
  client: MilvusClient,
  options: MilvusOptions,
  name: string,
  rows: number,
  queries: Queries,
  signal: AbortSignal,
): Promise<void> {
  const random = randomStream(0, 0);
  const scope = { random, user: 0, lastWrite: 0n, nextRow: () => 0 };
  const context = {
    collectionName: name,
    collection: options.collection,
    fields: checkedFields(options),
    rows,
    queries,
    truth: undefined,
  };
  for (const [label, { search, query }] of Object.entries(options.operations)) {
    const operation =
      search !== undefined
        ? new SearchOperation(label, search, context, undefined)
        : query === undefined
          ? undefined
          : queryOperation(label, query, context);
    if (operation === undefined) continue;
    const request = await operation.request(scope, signal);
    if ('reason' in request) continue;
    const bytes = await client.retrying(() => client.send(operation.method, request.frame, operation.maxAnswerBytes));
    const answer = decoded(operation.method, () => readAnswer(bytes, false));
    if (errorKind(answer) === '') continue;
    const filter = request.filter === '' ? '' : ` with the filter ${request.filter}`;
    throw new PluginError(
      `operations.${label}: Milvus refuses it${filter}: ${oneLine(answer.reason)} (${errorKind(answer)})`,
    );
  }
}

/** Nothing has been made that would have to be removed. */
function notPrepared(error: unknown): never {
  if (!(error instanceof MilvusError)) throw error;
  throw new NotPreparedError(error.message, { cause: error });
}
