/**
 * A process that speaks as a Milvus does: it keeps the description of one collection, counts the rows that are inserted, and answers
 * every search at once with the same ten hits.
 */
import type { ServerHttp2Stream } from 'node:http2';
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { messageFrame, PREFIX_BYTES } from '../../../plugins/grpc/message-frame.ts';
import * as messages from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { serveGrpc } from './serve-grpc.ts';

const SERVICE = '/milvus.proto.milvus.MilvusService/';
const HITS = 10;
const MISSING = { code: 100, reason: 'collection not found' };
/** Of IndexState and LoadState. */
const FINISHED = 3;

let description = describe({ status: MISSING });
let rows = 0;

type Method = (message: Buffer) => Buffer;

const frame = <Schema extends DescMessage>(schema: Schema, message: MessageInitShape<Schema>): Buffer =>
  messageFrame(toBinary(schema, create(schema, message)));

const METHODS: Readonly<Record<string, Method>> = {
  CreateCollection(message) {
    const { schema, properties } = fromBinary(messages.CreateCollectionRequestSchema, message);
    description = describe({ schema: fromBinary(messages.CollectionSchemaSchema, schema), properties });
    return NOTHING;
  },
  AlterCollection(message) {
    const { properties } = fromBinary(messages.CollectionRequestSchema, message);
    description.properties.push(...properties);
    return NOTHING;
  },
  DropCollection() {
    description = describe({ status: MISSING });
    rows = 0;
    return NOTHING;
  },
  DescribeCollection: () => frame(messages.DescribeCollectionResponseSchema, description),
  DescribeIndex: () => frame(messages.DescribeIndexResponseSchema, { indexDescriptions: [{ state: FINISHED }] }),
  GetFlushState: () => frame(messages.GetFlushStateResponseSchema, { flushed: true }),
  GetLoadState: () => frame(messages.StateResponseSchema, { value: BigInt(FINISHED) }),
  Insert(message) {
    rows += fromBinary(messages.InsertRequestSchema, message).numRows;
    return NOTHING;
  },
  Query: () =>
    frame(messages.QueryResultsSchema, {
      fieldsData: [{ scalars: { data: { case: 'longData', value: { data: [BigInt(rows)] } } } }],
    }),
};
/** An empty message is the answer with nothing wrong in it. */
const NOTHING = messageFrame(new Uint8Array());
const FOUND = messageFrame(searchResults());

serveGrpc((stream, path) => {
  const method = path.slice(SERVICE.length);
  if (method !== 'Search') return answered(stream, METHODS[method]);
  stream.resume();
  return FOUND;
});

function describe(message: MessageInitShape<typeof messages.DescribeCollectionResponseSchema>) {
  return create(messages.DescribeCollectionResponseSchema, message);
}

async function answered(stream: ServerHttp2Stream, method: Method = () => NOTHING): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return method(Buffer.concat(parts).subarray(PREFIX_BYTES));
}

/** SearchResults with the ids and distances of the hits of one query: https://github.com/milvus-io/milvus-proto/tree/v2.3.5/proto */
function searchResults(): Uint8Array {
  const count = Array.from({ length: HITS }, (_, n) => n);
  const int64s = (values: readonly number[]) =>
    values.reduce((writer, value) => writer.int64(value), new BinaryWriter()).finish();
  const floats = count.reduce((writer, n) => writer.float(n / HITS), new BinaryWriter()).finish();
  const within = (field: number, bytes: Uint8Array) =>
    new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
  const number = (field: number, value: number) => new BinaryWriter().tag(field, WireType.Varint).int64(value).finish();
  const results = [
    ...[number(1, 1), number(2, HITS), within(4, floats)],
    ...[within(5, within(1, within(1, int64s(count)))), within(6, int64s([HITS]))],
  ];
  return Buffer.concat([within(1, new Uint8Array()), within(2, Buffer.concat(results))]);
}
