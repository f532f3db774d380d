import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { messageFrame } from '../../../plugins/grpc/message-frame.ts';
import {
  DescribeCollectionResponseSchema,
  DescribeIndexResponseSchema,
  GetFlushStateResponseSchema,
  QueryResultsSchema,
  StateResponseSchema,
} from '../../../proto/gen/milvus/v1/milvus_pb.ts';

const PATH = '/milvus.proto.milvus.MilvusService/';

/** One call that came. */
export interface StubCall {
  readonly method: string;
  readonly message: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What answers a method; undefined for none at all. */
export type StubAnswer = (call: StubCall) => Uint8Array | undefined;

export interface MilvusStub {
  readonly url: string;
  readonly calls: readonly StubCall[];
  stop(): Promise<void>;
}

/** A message as bytes. */
export function encoded<Schema extends DescMessage>(schema: Schema, message: MessageInitShape<Schema>): Uint8Array {
  return toBinary(schema, create(schema, message));
}

/** What count(*) is answered with. */
export function countAnswer(...data: bigint[]): Uint8Array {
  return encoded(QueryResultsSchema, { fieldsData: [{ scalars: { data: { case: 'longData', value: { data } } } }] });
}

/** An empty message is the answer with nothing wrong in it. */
const WELL: Readonly<Record<string, StubAnswer>> = {
  DescribeCollection: () => encoded(DescribeCollectionResponseSchema, { schema: { name: 'stub' } }),
  DescribeIndex: () => encoded(DescribeIndexResponseSchema, { indexDescriptions: [{ state: 3 }] }),
  GetFlushState: () => encoded(GetFlushStateResponseSchema, { flushed: true }),
  Query: () => countAnswer(0n),
  GetLoadState: () => encoded(StateResponseSchema, { value: 3n }),
};

/** What speaks as a Milvus does, and stores nothing. @param answers by method, instead of those that say that all is well */
export async function startMilvusStub(answers: Readonly<Record<string, StubAnswer>> = {}): Promise<MilvusStub> {
  const calls: StubCall[] = [];
  const sockets = new Set<Socket>();
  const server: Http2Server = createServer();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (bytes: Buffer) => parts.push(bytes));
    stream.on('end', () => {
      const call = {
        method: String(headers[':path']).slice(PATH.length),
        message: Buffer.concat(parts).subarray(5),
        headers,
      };
      calls.push(call);
      const answer = (answers[call.method] ?? WELL[call.method] ?? (() => new Uint8Array()))(call);
      if (answer === undefined) return;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(messageFrame(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
