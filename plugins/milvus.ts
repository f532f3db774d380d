import { type Driver, defineDriver, NotPreparedError, PluginError, type StepContext } from '../core/plugin.ts';
import { reconcileWhenSettled } from '../core/stats/reconcile.ts';
import { openGrpcClient } from './grpc/grpc-client.ts';
import { connectionFiles } from './http/settings.ts';
import { checkedFields, dataVectors, openQueries, rowCount } from './milvus/data/dataset.ts';
import { PROPERTY, readTruth } from './milvus/data/ground-truth.ts';
import { MilvusClient, methodPath, withMilvus } from './milvus/milvus-client.ts';
import { MilvusSession } from './milvus/milvus-session.ts';
import { compiledOperations, isWrite, operationInfos, recallName } from './milvus/operations/operations.ts';
import { checkedOptions, fileProblems, parameterWarnings } from './milvus/option-problems.ts';
import { type MilvusOptions, milvusAddress, milvusMetadata, milvusSettings, NAME } from './milvus/options.ts';
import { collectionName, findCollection, ownerOf, propertyOf } from './milvus/steps/collection.ts';
import { prepareCollection } from './milvus/steps/prepare.ts';
import { expectedRows, storedRows } from './milvus/steps/stored-rows.ts';
import { SETTLE } from './verify/stored-uploads.ts';

/** Searches and writes vectors in a Milvus, over gRPC. */
export default defineDriver<MilvusOptions>({
  name: NAME,
  description: 'Searches vectors in Milvus, tells the recall, and proves that every acknowledged row is stored.',
  limitsOperations: true,
  options: checkedOptions,
  operations: operationInfos,

  files: ({ tls, data, queries, groundTruth }) => [
    ...connectionFiles({ tls }),
    ...[data.file, queries.file, groundTruth?.file].filter((file) => file !== undefined),
  ],

  problems: fileProblems,

  clash({ options }, { options: earlier }) {
    const shared = options.groundTruth && earlier.groundTruth && sharedSearch(options, earlier);
    if (shared !== undefined) {
      return {
        path: ['operations', shared],
        message: `another ${NAME} driver has a search of this name, and their recall would be one figure: give them different names`,
      };
    }
    if (options.collection.name !== earlier.collection.name || options.address !== earlier.address) return undefined;
    if (options.collection.reuse && earlier.collection.reuse) return undefined;
    return {
      path: ['collection', 'name'],
      message: `another ${NAME} driver makes the same collection: give each a collection.name of its own`,
    };
  },

  async open(options, context): Promise<Driver> {
    const fields = checkedFields(options);
    const queries = await openQueries(options, fields.vector.dim, context.baseDirectory);
    const rows = await rowsOf(options, context);
    for (const warning of parameterWarnings(options)) context.warn(warning);
    const client = await openGrpcClient(milvusAddress(options, context), milvusSettings(options), context);
    try {
      const name = collectionName(options, context.runId);
      const steps = new MilvusClient(client, milvusMetadata(options), new AbortController().signal);
      const found = await findCollection(steps, name).finally(() => steps.close());
      if (found === undefined) throw new PluginError(`there is no collection ${name}`);
      const truth =
        options.groundTruth &&
        readTruth(options, propertyOf(found, PROPERTY), queries.count, rows, context.baseDirectory);
      const [noTruth, known] = typeof truth === 'string' ? [truth, undefined] : [undefined, truth];
      const shared = { collectionName: name, collection: options.collection, fields, rows, queries, truth: known };
      const operations = compiledOperations(options, shared, noTruth, context);
      const deadlineMs = options.timeout / 1000;
      const metadata = milvusMetadata(options);
      const methods = new Set([...operations.values()].map(({ method }) => method));
      let hasWritten = false;
      const session = {
        client,
        operations,
        headers: new Map([...methods].map((one) => [one, client.headers(methodPath(one), deadlineMs, metadata)])),
        deadlineMs,
        seesOwnWrites: options.collection.consistency === 'session',
        newRows: new Map<number, number>(),
        wrote() {
          if (hasWritten || known === undefined) return;
          hasWritten = true;
          for (const [name, { search }] of Object.entries(options.operations)) {
            if (search !== undefined) context.ratio(recallName(name)).void('rows were written while it was measured');
          }
        },
      };
      return {
        async connect(user) {
          const opened = new MilvusSession(session, user);
          await opened.open();
          return opened;
        },
        close: () => client.close(),
      };
    } catch (error) {
      client.close();
      throw error;
    }
  },

  writes: ({ options, operations }) => [...operations].some((name) => isWrite(options.operations[name] ?? {})),

  async prepare(options, context) {
    let isConnected = false;
    const prepared = withMilvus(options, context, (client) => {
      isConnected = true;
      return prepareCollection(client, options, context);
    });
    await prepared.catch((error: unknown) => {
      if (isConnected || !(error instanceof PluginError)) throw error;
      throw new NotPreparedError(error.message, { cause: error });
    });
  },

  async verify(options, context) {
    const stored = storedRows(options, context);
    context.progress(`comparing acknowledged writes with stored rows (${stored.sourceDescription})`);
    const expected = expectedRows(options, await rowsOf(options, context), context.writes);
    return reconcileWhenSettled(expected, stored, SETTLE, context.signal);
  },

  async cleanup(options, context) {
    const name = collectionName(options, context.runId);
    await withMilvus(options, context, async (client) => {
      const found = await findCollection(client, name);
      if (found === undefined) return;
      const owner = ownerOf(found);
      if (owner !== context.runId) {
        const maker = owner === undefined ? 'was not made by bench' : `was made by the run ${owner}`;
        context.progress(`the collection ${name} ${maker}, and stays`);
        return;
      }
      await client.call('DropCollection', { collectionName: name });
      context.progress(`the collection ${name} is dropped`);
    });
  },
});

/** A name that searches of both have. */
function sharedSearch({ operations }: MilvusOptions, { operations: others }: MilvusOptions): string | undefined {
  return Object.keys(operations).find((name) => operations[name]?.search && others[name]?.search);
}

async function rowsOf(options: MilvusOptions, { baseDirectory }: Pick<StepContext, 'baseDirectory'>): Promise<number> {
  const source = await dataVectors(options, checkedFields(options).vector.dim, baseDirectory);
  await source.close();
  return rowCount(options, source.rows);
}
