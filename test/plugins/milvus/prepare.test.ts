/** What becomes of a preparation when something goes wrong in its course. */
import t, { type Test } from 'tap';
import { NotPreparedError } from '../../../core/plugin.ts';
import milvus from '../../../plugins/milvus.ts';
import { DescribeCollectionResponseSchema, StatusSchema } from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';
import { encoded, type MilvusStub, type StubAnswer, startMilvusStub } from '../../kit/programs/milvus-stub.ts';

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
