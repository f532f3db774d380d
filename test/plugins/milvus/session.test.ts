// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of filters

import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import t, { type Test } from 'tap';
import type { Outcome } from '../../../core/plugin.ts';
import { type DealIndices, dealAllHere } from '../../../core/script/dealt-indices.ts';
import { PROPERTY, storedTruth } from '../../../plugins/milvus/data/ground-truth.ts';
import { NearestRows } from '../../../plugins/milvus/data/nearest-rows.ts';
import { countRows } from '../../../plugins/milvus/steps/collection.ts';
import milvus from '../../../plugins/milvus.ts';
import {
  DescribeCollectionResponseSchema,
  InsertRequestSchema,
  MutationResultSchema,
  QueryRequestSchema,
  QueryResultsSchema,
  SearchRequestSchema,
} from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeUser } from '../../../testing/fake-user.ts';
import {
  countAnswer,
  encoded,
  type MilvusStub,
  type StubAnswer,
  startMilvusStub,
} from '../../kit/programs/milvus-stub.ts';

const DIM = 4;
const PLAN = {
  collection: {
    fields: {
      id: { type: 'int64', primary: true },
      embedding: { type: 'floatVector', dim: DIM },
      category: { type: 'varchar', values: ['A', 'B'] },
    },
  },
  data: { rows: 100 },
  queries: { count: 2 },
  operations: {
    find: { search: { limit: 3, params: { ef: 8 } } },
    both: { search: { limit: 3, vectors: 2 } },
    filtered: { search: { limit: 3, filter: "category == '${pick:category}'" } },
    add: { insert: { rows: 5 } },
    remove: { delete: { ids: 2 } },
    read: { query: { filter: 'id in [${ids:3}]' } },
  },
};

interface Asked {
  readonly outcome: Outcome;
  readonly context: ReturnType<typeof fakeContext>;
}

async function ask(
  t: Test,
  stub: MilvusStub,
  operations: readonly string[],
  plan: object = {},
  { signal = new AbortController().signal, deal = dealAllHere }: { signal?: AbortSignal; deal?: DealIndices } = {},
): Promise<Asked> {
  const options = await checkedOptions(milvus, { ...PLAN, ...plan });
  const context = { ...fakeContext({ target: stub.url }), deal };
  const driver = await milvus.open(options, context);
  const session = await driver.connect(fakeUser(), signal);
  t.teardown(async () => {
    await session.close();
    await driver.close();
  });
  let outcome: Outcome | undefined;
  for (const name of operations) outcome = { ...(await session.send(name, signal)) };
  return { outcome: outcome as Outcome, context };
}

async function stubOf(t: Test, answers: Readonly<Record<string, StubAnswer>> = {}): Promise<MilvusStub> {
  const stub = await startMilvusStub(answers);
  t.teardown(() => stub.stop());
  return stub;
}

/** SearchResults with these hits of each vector. */
function found(...hits: readonly (readonly number[])[]): Uint8Array {
  const packed = (field: number, values: readonly number[]) => {
    const writer = new BinaryWriter().tag(field, WireType.LengthDelimited).fork();
    for (const value of values) writer.int64(value);
    return writer.join().finish();
  };
  const within = (field: number, bytes: Uint8Array) =>
    new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
  const ids = within(5, within(1, packed(1, hits.flat())));
  return within(
    2,
    Buffer.concat([
      ids,
      packed(
        6,
        hits.map(({ length }) => length),
      ),
    ]),
  );
}

t.test('a search: what it asks for, in bytes', async (t) => {
  const stub = await stubOf(t);
  const { outcome } = await ask(t, stub, ['both'], { token: 'root:Milvus', database: 'shop' });
  t.match(outcome, { ok: true, status: 0 });
  const [, call] = stub.calls;
  t.match(call?.headers, { authorization: 'cm9vdDpNaWx2dXM=', dbname: 'shop' });
  const request = fromBinary(SearchRequestSchema, call?.message as Buffer);
  t.match(request, { collectionName: 'bench_run1', nq: 2n, dslType: 1, consistencyLevel: 2, guaranteeTimestamp: 2n });
  t.match(Object.fromEntries(request.searchParams.map(({ key, value }) => [key, value])), {
    anns_field: 'embedding',
    topk: '3',
    metric_type: 'L2',
  });
  const vectors = request.$unknown?.find(({ no }) => no === 6)?.data;
  t.equal(vectors?.length, 1 + 2 + 4 + 2 + 2 * (2 + DIM * 4), 'its length, the group with both vectors');
});

const ERRORS: readonly [name: string, answer: Uint8Array, kind: string][] = [
  [
    'a code',
    encoded(MutationResultSchema, { status: { code: 100, errorCode: 1, reason: 'no such' } }),
    'collection_missing',
  ],
  ['a code of its own', encoded(MutationResultSchema, { status: { code: 101 } }), 'not_loaded'],
  ['a quota', encoded(MutationResultSchema, { status: { code: 9 } }), 'quota'],
  ['an old server', encoded(MutationResultSchema, { status: { errorCode: 25 } }), 'no_index'],
  ['milvus-lite', encoded(MutationResultSchema, { status: { code: 1, errorCode: 1 } }), 'unexpected'],
  [
    'milvus-lite, the newer codes',
    encoded(MutationResultSchema, { status: { code: 101, errorCode: 101 } }),
    'not_loaded',
  ],
  ['a code that is not known', encoded(MutationResultSchema, { status: { code: 4711 } }), 'milvus_4711'],
  ['bytes that are no answer', Buffer.from([0x0a, 0x7f]), 'protocol_error'],
];

for (const [name, answer, kind] of ERRORS) {
  t.test(`an error by its name: ${name}`, async (t) => {
    const { outcome } = await ask(t, await stubOf(t, { Search: () => answer }), ['find']);
    t.match(outcome, { ok: false, errorKind: kind });
  });
}

t.test('rows that are acknowledged, and those of which nobody knows', async (t) => {
  const answers = [encoded(MutationResultSchema, { insertCnt: 5n }), undefined];
  const stub = await stubOf(t, { Insert: () => answers.shift() });
  const { outcome, context } = await ask(t, stub, ['add', 'add', 'remove'], { timeout: '2s' });
  t.match(outcome, { ok: true });
  t.strictSame(context.tallies.get('inserted'), { acknowledged: 5, unknown: 5 });
  t.strictSame(context.tallies.get('deleted'), { acknowledged: 2, unknown: 0 });
  const bytes = stub.calls.find(({ method }) => method === 'Delete')?.message.toString('latin1');
  t.match(bytes, /id in \[0,2\]/);
});

const REFUSALS: readonly [what: string, code: number, unknown: number][] = [
  ['a quota: it is not stored', 9, 0],
  ['an error of its storage: nobody knows', 1001, 5],
  ['a code without a name here: nobody knows', 4711, 5],
  ['canceled: nobody knows', 10_000, 5],
];

for (const [what, code, unknown] of REFUSALS) {
  t.test(`a write that fails with ${what}`, async (t) => {
    const stub = await stubOf(t, { Insert: () => encoded(MutationResultSchema, { status: { code } }) });
    const { context } = await ask(t, stub, ['add']);
    t.strictSame(context.tallies.get('inserted'), { acknowledged: 0, unknown });
  });
}

t.test('a delete that waits for its rows is cut off with the run', async (t) => {
  const stub = await stubOf(t);
  const run = new AbortController();
  const deal: DealIndices = () => ({
    take: () => undefined,
    get hasNext() {
      // The run is cut off while it waits.
      setImmediate(() => run.abort());
      return new Promise<never>(() => {});
    },
  });
  const { outcome, context } = await ask(t, stub, ['remove'], {}, { signal: run.signal, deal });
  t.match(outcome, { ok: false, errorKind: 'aborted', message: /remove: .*while it waited for rows to delete/ });
  t.strictSame(context.tallies.get('deleted'), { acknowledged: 0, unknown: 0 });
  const again = await ask(t, stub, ['remove'], {}, { signal: AbortSignal.abort(), deal });
  t.match(again.outcome, { errorKind: 'aborted' }, 'also one that begins afterwards');
});

t.test('a write whose answer is damaged is one of which nobody knows', async (t) => {
  const damaged = Buffer.concat([encoded(MutationResultSchema, { status: {} }), Buffer.from([0x12, 0x7f])]);
  const { outcome, context } = await ask(t, await stubOf(t, { Insert: () => damaged }), ['add']);
  t.match(outcome, { ok: false, errorKind: 'protocol_error' });
  t.strictSame(context.tallies.get('inserted'), { acknowledged: 0, unknown: 5 });
});

t.test('an upsert of more rows than there are counts those that it sends', async (t) => {
  const stub = await stubOf(t, { Upsert: () => undefined });
  const operations = { change: { upsert: { rows: 1000 } } };
  const { context } = await ask(t, stub, ['change'], { operations, timeout: '2s' });
  t.strictSame(context.tallies.get('upserted'), { acknowledged: 0, unknown: 50 });
});

/** A collection whose rows 0, 1 and 2 are nearest to both queries. */
async function withTruth(
  plan: object = {},
  setsOf: (id: number) => string[] = (id) => ['', `category=${id % 2}`],
): Promise<StubAnswer> {
  const options = await checkedOptions(milvus, { ...PLAN, groundTruth: { queries: 2, k: 3 }, ...plan });
  const nearest = new NearestRows(new Float32Array(2 * DIM), DIM, 3, 'L2');
  nearest.add(0, new Float32Array(3 * DIM), setsOf);
  const property = storedTruth(options, { description: '', count: 2, vectors: new Float32Array() }, nearest, '');
  return () => encoded(DescribeCollectionResponseSchema, { properties: [{ key: PROPERTY, value: property }] });
}

t.test('recall counts the nearest rows among those found', async (t) => {
  const DescribeCollection = await withTruth();
  const truth = { groundTruth: { queries: 2, k: 3 } };
  const one = await stubOf(t, { DescribeCollection, Search: () => found([0, 7, 2]) });
  t.strictSame((await ask(t, one, ['find'], truth)).context.ratios.get('find.recall'), { hits: 2, of: 3 });
  const two = await stubOf(t, { DescribeCollection, Search: () => found([1], [5, 0, 1]) });
  t.strictSame((await ask(t, two, ['both'], truth)).context.ratios.get('both.recall'), { hits: 3, of: 6 });
  const all = await stubOf(t, { DescribeCollection, Search: () => found([7, 8, 9, 0, 1, 2]) });
  const { ratios } = (await ask(t, all, ['find'], truth)).context;
  t.strictSame(ratios.get('find.recall'), { hits: 0, of: 3 }, 'more hits than were asked for find nothing more');
});

t.test('recall is void where rows are written, and where the rows are not known', async (t) => {
  const DescribeCollection = await withTruth();
  const truth = { groundTruth: { queries: 2, k: 3 } };
  const stub = await stubOf(t, { DescribeCollection });
  t.match((await ask(t, stub, ['find', 'add'], truth)).context.ratios.get('find.recall'), {
    voidReason: 'rows were written while it was measured',
  });
  t.match((await ask(t, stub, ['find'], { ...truth, data: { rows: 99 } })).context.ratios.get('find.recall'), {
    voidReason: 'the collection was loaded with other rows than the plan describes',
  });
  t.match((await ask(t, await stubOf(t), ['find'], truth)).context.ratios.get('find.recall'), {
    voidReason: 'the collection was not loaded by bench',
  });
});

t.test('partitions: calls name them, and an upsert has rows of its own one', async (t) => {
  const stub = await stubOf(t);
  const collection = { ...PLAN.collection, partitions: ['a', 'b', 'c'] };
  const operations = {
    find: { search: { partitions: ['a', 'c'] } },
    read: { query: { filter: 'id < 9', partitions: ['b'] } },
    add: { insert: { rows: 2, partition: 'c' } },
    change: { upsert: { rows: 1000, partition: 'b' } },
  };
  await ask(t, stub, Object.keys(operations), { collection, operations });
  const [, search, query, insert, upsert] = stub.calls.map(({ message }) => message) as Buffer[];
  t.strictSame(fromBinary(SearchRequestSchema, search as Buffer).partitionNames, ['a', 'c']);
  t.strictSame(fromBinary(QueryRequestSchema, query as Buffer).partitionNames, ['b']);
  t.equal(fromBinary(InsertRequestSchema, insert as Buffer).partitionName, 'c');
  const { partitionName, fieldsData } = fromBinary(InsertRequestSchema, upsert as Buffer);
  const data = fieldsData[0]?.scalars?.data;
  const ids = data?.case === 'longData' ? data.value.data.map(Number).sort((one, other) => one - other) : [];
  // Of 100 rows, b has those from 34 to 66.
  t.strictSame([partitionName, ids.length, ids[0], ids.at(-1)], ['b', 16, 35, 65]);
});

t.test('recall within a partition counts its own nearest rows', async (t) => {
  const truth = { groundTruth: { queries: 2, k: 3 }, collection: { ...PLAN.collection, partitions: ['a', 'b'] } };
  const DescribeCollection = await withTruth(truth, (id) => ['', id < 2 ? 'partition a' : 'partition b']);
  const stub = await stubOf(t, { DescribeCollection, Search: () => found([0, 1]) });
  const filter = "category == '${pick:category}'";
  const operations = {
    one: { search: { limit: 3, partitions: ['a'] } },
    both: { search: { limit: 3, partitions: ['a', 'b'] } },
    filtered: { search: { limit: 3, partitions: ['a'], filter } },
    rest: { search: { limit: 3, partitions: ['_default'] } },
  };
  const { context } = await ask(t, stub, Object.keys(operations), { ...truth, operations });
  t.strictSame(context.ratios.get('one.recall'), { hits: 2, of: 2 });
  for (const name of ['both', 'filtered', 'rest']) {
    t.match(context.ratios.get(`${name}.recall`), { voidReason: /of partitions, the nearest rows are known of one/ });
  }
});

t.test('an answer that is larger than what was asked for can be is not kept', async (t) => {
  const answers = { Search: () => new Uint8Array(2 << 20), Query: () => new Uint8Array(2 << 20) };
  const search = await ask(t, await stubOf(t, answers), ['find']);
  t.match(search.outcome, { errorKind: 'resource_exhausted' });
  t.match(
    search.outcome.message,
    /^Search: the answer has 2097152 bytes, more than what was asked for can have \(1048960\)/,
  );
  const stub = await stubOf(t, answers);
  const query = await ask(t, stub, ['read']);
  t.not(query.outcome.errorKind, 'resource_exhausted', 'a query without a limit may find thousands of rows');
  const [call] = stub.calls.filter(({ method }) => method === 'Query');
  t.strictSame(
    fromBinary(QueryRequestSchema, call?.message as Buffer).queryParams,
    [],
    'no limit is sent that nobody gave',
  );
});

t.test('only a number of rows is one', async (t) => {
  const answering = (answer: MessageInitShape<typeof QueryResultsSchema>) =>
    countRows({ insist: async () => create(QueryResultsSchema, answer) as never }, 'products', '');
  const counts = (...data: bigint[]) =>
    answering({ fieldsData: [{ scalars: { data: { case: 'longData', value: { data } } } }] });
  t.equal(await counts(0n), 0);
  t.equal(await counts(12n), 12);
  for (const wrong of [answering({}), counts(), counts(1n, 2n), counts(-5n), counts(2n ** 63n - 1n)])
    await t.rejects(wrong, {
      message: /did not answer with a number of rows when it was asked for count\(\*\) of products/,
    });
});

t.test('what only reads has nothing to compare', async (t) => {
  const options = await checkedOptions(milvus, PLAN);
  t.equal(milvus.writes?.({ options, operations: new Set(['find', 'both', 'read']) }), false);
  t.equal(milvus.writes?.({ options, operations: new Set(['find', 'remove']) }), true);
});

t.test('acknowledged writes are compared with a strong count', async (t) => {
  const stored = [98n, 10n];
  const stub = await stubOf(t, {
    Query: () => {
      const count = stored.shift() ?? 0n;
      stored.push(count);
      return countAnswer(count);
    },
  });
  const options = await checkedOptions(milvus, PLAN);
  const context = {
    runId: 'run1',
    target: stub.url,
    baseDirectory: '/',
    signal: new AbortController().signal,
    progress: () => {},
    operations: new Set(['add', 'remove']),
  };
  const verify = (inserted: number, deleted: number, cutOffUpserts = 0) =>
    milvus.verify?.(options, {
      ...context,
      writes: new Map([
        ['inserted', { acknowledged: inserted, unknown: 0 }],
        ['deleted', { acknowledged: deleted, unknown: 0 }],
        ['upserted', { acknowledged: 0, unknown: cutOffUpserts }],
      ]),
    });
  t.match(await verify(10, 2), { lost: 0, extra: 0, stored: 108 });
  t.match(await verify(15, 2), { lost: 5, extra: 0 });
  t.match(await verify(10, 3), { lost: 0, extra: 1 }, 'a row that is still there though it was deleted');
  t.match(await verify(10, 1), { lost: 1, extra: 0 }, 'a loaded row that is gone');
  // Of 100 loaded rows 98 are there. Half of all may be lost by upserts, however often these were cut off.
  t.match(await verify(10, 0, 50_000), { acknowledged: 60, lost: 0, extra: 0 }, 'upserts that were cut off');
  t.match(await verify(10, 50, 50_000), { acknowledged: 10, lost: 0 }, 'and all others deleted');
  t.match(await verify(15, 0, 50_000), { lost: 5 }, 'new rows are lost all the same');
});
