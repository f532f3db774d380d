/** What becomes of a preparation when something goes wrong in its course. */
import { fromBinary } from '@bufbuild/protobuf';
import t, { type Test } from 'tap';
import { NotPreparedError } from '../../../core/plugin.ts';
import milvus from '../../../plugins/milvus.ts';
import {
  DescribeCollectionResponseSchema,
  DescribeIndexResponseSchema,
  FlushResponseSchema,
  InsertRequestSchema,
  MutationResultSchema,
  StateResponseSchema,
  StatusSchema,
} from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';
import {
  countAnswer,
  encoded,
  type MilvusStub,
  type StubAnswer,
  startMilvusStub,
} from '../../kit/programs/milvus-stub.ts';

const PLAN = {
  collection: {
    name: 'products',
    fields: { id: { type: 'int64', primary: true }, embedding: { type: 'floatVector', dim: 4 } },
  },
  data: { rows: 0 },
  operations: { find: { search: {} } },
};

/** Answers of a Milvus without collections. */
const EMPTY = { DescribeCollection: () => encoded(DescribeCollectionResponseSchema, { status: { code: 100 } }) };

interface Prepared {
  readonly stub: MilvusStub;
  readonly progress: readonly string[];
  /** Undefined for a preparation that went well. */
  readonly error: unknown;
}

async function prepare(t: Test, answers: Readonly<Record<string, StubAnswer>>, plan: object = {}): Promise<Prepared> {
  const stub = await startMilvusStub(answers);
  t.teardown(() => stub.stop());
  const progress: string[] = [];
  const { signal } = new AbortController();
  const context = { runId: 'run1', target: stub.url, baseDirectory: '/', signal };
  const options = await checkedOptions(milvus, { ...PLAN, ...plan });
  const done = milvus.prepare?.(options, { ...context, progress: (text) => progress.push(text) });
  const error = await Promise.resolve(done).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { stub, progress, error };
}

const methods = ({ stub }: Prepared): string[] => stub.calls.map(({ method }) => method);

/** A collection with these properties. */
const collection = (properties: Readonly<Record<string, string>>) =>
  encoded(DescribeCollectionResponseSchema, {
    properties: Object.entries(properties).map(([key, value]) => ({ key, value })),
  });

t.test('a collection that may have been made though the call failed is cleaned up', async (t) => {
  const CreateCollection = () => encoded(StatusSchema, { code: 10_001, reason: 'took too long' });
  const { error } = await prepare(t, { ...EMPTY, CreateCollection });
  t.match(error, { message: /CreateCollection: took too long \(timeout\)/ });
  t.notOk(error instanceof NotPreparedError);
});

t.test('what a preparation that was cut off has made begins anew', async (t) => {
  const prepared = await prepare(t, { DescribeCollection: () => collection({ 'bench.run': 'run1' }) });
  t.equal(prepared.error, undefined);
  t.strictSame(methods(prepared).slice(0, 3), ['DescribeCollection', 'DropCollection', 'CreateCollection']);
  t.match(prepared.progress[0], /products is dropped: its preparation was cut off/);
});

t.test('a collection of another run stays as it is', async (t) => {
  const prepared = await prepare(t, { DescribeCollection: () => collection({ 'bench.run': 'run2' }) });
  t.ok(prepared.error instanceof NotPreparedError);
  t.match(prepared.error, { message: /the collection products exists already/ });
  t.strictSame(methods(prepared), ['DescribeCollection']);
});

t.test('cleanup says whose collection it leaves', async (t) => {
  const left = async (properties: Readonly<Record<string, string>>) => {
    const stub = await startMilvusStub({ DescribeCollection: () => collection(properties) });
    t.teardown(() => stub.stop());
    const progress: string[] = [];
    const { signal } = new AbortController();
    const context = { runId: 'run1', target: stub.url, baseDirectory: '/', signal };
    const options = await checkedOptions(milvus, PLAN);
    await milvus.cleanup?.(options, { ...context, progress: (text) => progress.push(text) });
    t.notOk(stub.calls.some(({ method }) => method === 'DropCollection'));
    return progress;
  };
  t.strictSame(await left({ 'bench.run': 'run2' }), ['the collection products was made by the run run2, and stays']);
  t.strictSame(await left({}), ['the collection products was not made by bench, and stays']);
});

t.test('an answer that is none is told in one sentence', async (t) => {
  const damaged = () => Buffer.from([0x0a, 0x7f]);
  const message = /^Milvus, Flush: the answer is not that of a Milvus \(protocol_error\)$/;
  t.match((await prepare(t, { ...EMPTY, Flush: damaged })).error, { name: 'MilvusError', message });
  const insert = await prepare(t, { ...EMPTY, Insert: damaged }, { data: { rows: 1 } });
  t.match(insert.error, { name: 'MilvusError', message: /Insert: the answer is not/ });
});

t.test('loaded rows are shared out to partitions in their order', async (t) => {
  const inserted: [partition: string, rows: number][] = [];
  const Insert: StubAnswer = ({ message }) => {
    const { partitionName, numRows } = fromBinary(InsertRequestSchema, message);
    inserted.push([partitionName, numRows]);
    return new Uint8Array();
  };
  const collection = { ...PLAN.collection, partitions: ['a', 'b', 'c'] };
  const data = { rows: 10, batch: 3, parallel: 1 };
  const prepared = await prepare(t, { ...EMPTY, Insert, Query: () => countAnswer(10n) }, { collection, data });
  t.equal(prepared.error, undefined);
  t.strictSame(methods(prepared).slice(1, 5), [
    'CreateCollection',
    ...['CreatePartition', 'CreatePartition', 'CreatePartition'],
  ]);
  t.strictSame(inserted, [
    ['a', 3],
    ['a', 1],
    ['b', 3],
    ['c', 3],
  ]);
});

t.test('what fails and may pass is tried again', async (t) => {
  const failures = new Map([
    ['Flush', 8],
    ['DescribeIndex', 1],
    ['GetLoadState', 2],
  ]);
  const once = (method: string, well: Uint8Array): StubAnswer => {
    return () => {
      const code = failures.get(method);
      failures.delete(method);
      return code === undefined ? well : encoded(FlushResponseSchema, { status: { code } });
    };
  };
  const prepared = await prepare(t, {
    ...EMPTY,
    Flush: once('Flush', new Uint8Array()),
    DescribeIndex: once('DescribeIndex', encoded(DescribeIndexResponseSchema, { indexDescriptions: [{ state: 3 }] })),
    GetLoadState: once('GetLoadState', encoded(StateResponseSchema, { value: 3n })),
  });
  t.equal(prepared.error, undefined);
  t.strictSame([...failures.keys()], [], 'all of them failed once');
});

t.test('an index that is not there does not hold up for ever', async (t) => {
  const DescribeIndex = () => new Uint8Array();
  const { error } = await prepare(t, { ...EMPTY, DescribeIndex }, { prepare: { waitIndex: '300ms' } });
  t.match(error, { message: /the index is not ready after 0.3 s \(0 % of the rows\): raise prepare.waitIndex/ });
});

t.test('when a batch is refused, no other one is sent any more', async (t) => {
  let inserts = 0;
  const Insert = () => {
    inserts++;
    if (inserts === 1) return encoded(MutationResultSchema, { status: { code: 9, reason: 'full' } });
    // The second loader waits for its answer when the first fails.
    return inserts === 2 ? undefined : new Uint8Array();
  };
  const prepared = await prepare(t, { ...EMPTY, Insert }, { data: { rows: 100, batch: 1, parallel: 2 } });
  t.match(prepared.error, { message: /Insert: full \(quota\)/ });
  t.ok(inserts <= 2, `${inserts} batches are sent`);
});

t.test('an answer that would cost gigabytes is refused by its size, or by its number of fields', async (t) => {
  const refused = async (method: string, answer: Uint8Array, told: RegExp) => {
    const { error } = await prepare(t, { ...EMPTY, [method]: () => answer });
    t.match(error, { message: told }, `${method}, ${answer.length} bytes`);
  };
  const tooLong = /: the answer has \d+ bytes, more than such an answer can have \(\d+\) \(resource_exhausted\)$/;
  await refused('DescribeCollection', Buffer.alloc(64 << 20), tooLong);
  await refused('GetLoadState', encoded(StateResponseSchema, { status: { reason: 'x'.repeat(1 << 20) } }), tooLong);
  const fields = (tag: number) => Buffer.alloc(200_000, Buffer.from([tag, 0]));
  const none = /: the answer is not that of a Milvus \(protocol_error\)$/;
  await refused('DescribeCollection', fields(0x6a), none);
  await refused('DescribeCollection', fields(0x78), none);
  const within = (field: number, bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from([field, 0x80 | (bytes.length & 0x7f), 0x80 | ((bytes.length >> 7) & 0x7f), bytes.length >> 14]),
      bytes,
    ]);
  await refused('DescribeCollection', within(0x12, fields(0x22)), none);
  await refused('Query', fields(0x12), none);
});

t.test('what a server gives as the reason is told as a sentence', async (t) => {
  const CreateCollection = () => encoded(StatusSchema, { code: 1100, reason: `\u001b[31m\n${'x'.repeat(200_000)}` });
  const { error } = await prepare(t, { ...EMPTY, CreateCollection });
  t.match(error, { message: /^Milvus, CreateCollection: ␛\[31m x{500,599}… \(invalid_parameter\)$/ });
});
