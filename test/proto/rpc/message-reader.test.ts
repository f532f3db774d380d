/** What callers send in parts, compressed, or faster than it is taken, over real HTTP/2. */
import { once } from 'node:events';
import { type ClientHttp2Stream, connect } from 'node:http2';
import { connect as netConnect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { MessageMemory } from '../../../proto/rpc/message-memory.ts';
import { MessageReader } from '../../../proto/rpc/message-reader.ts';

const ALL = 420_000;
const MESSAGE = 200_000;

/** What the library calls when bytes of a call come. */
interface Receiving {
  handleDataFrame(data: Buffer): void;
}

/** A server with a call that takes one message and one that takes many, and says what came of them. */
async function scene(t: Test) {
  const memory = new MessageMemory(ALL);
  const receiving: Receiving[] = [];
  const interceptor: grpc.ServerInterceptor = (_, call) => {
    new MessageReader(call, memory, MESSAGE);
    receiving.push(call as unknown as Receiving);
    return new grpc.ServerInterceptingCall(call);
  };
  const server = new grpc.Server({ interceptors: [interceptor] });
  let parsed = 0;
  const read: Buffer[] = [];
  const streams: grpc.ServerDuplexStream<Buffer, Buffer>[] = [];
  const method = (path: string, isStream: boolean): grpc.MethodDefinition<Buffer, Buffer> => ({
    path,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => {
      parsed++;
      return bytes;
    },
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  });
  server.addService(
    { one: method('/one', false), many: method('/many', true) },
    {
      one: ({ request }: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) => {
        read.push(request);
        callback(null, Buffer.alloc(0));
      },
      many: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
        call.on('error', () => {});
        streams.push(call);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  t.teardown(() => server.forceShutdown());
  const caller = (localAddress: string) => {
    const socket = netConnect({ port, host: '127.0.0.1', localAddress });
    const session = connect(`http://127.0.0.1:${port}`, { createConnection: () => socket });
    session.on('error', () => {});
    t.teardown(() => session.destroy());
    return (path: string, headers: object = {}) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        ...headers,
      });
      stream.on('error', () => {});
      stream.resume();
      return stream;
    };
  };
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await setImmediate();
  };
  return { memory, receiving, read, streams, caller, until, parsed: () => parsed };
}

function head(length: number, flag = 0): Buffer {
  const bytes = Buffer.from([flag, 0, 0, 0, 0]);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

async function statusOf(stream: ClientHttp2Stream): Promise<string> {
  const [headers] = await once(stream, 'response');
  return `${grpc.status[Number(headers['grpc-status'])]}: ${decodeURI(headers['grpc-message'] ?? '')}`;
}

t.test('a message that comes in thousands of pieces is in one buffer, and not in as many pieces', async (t) => {
  const { caller, receiving, memory, read, until } = await scene(t);
  const stream = caller('127.0.0.1')('/one');
  await until(() => receiving.length === 1);
  const message = Buffer.concat([head(150_000), Buffer.alloc(150_000, 'abc')]);
  for (let i = 0; i < message.length; i += 7) {
    const piece = Buffer.from(message.subarray(i, i + 7));
    receiving[0]?.handleDataFrame(piece);
    piece.fill(0);
    if (memory.bytes > Math.max(65_536, 2 * i)) t.fail(`${memory.bytes} bytes are held for ${i}`);
  }
  t.equal(memory.bytes, 150_000, 'a request is held to the end of its call');
  stream.end();
  await until(() => read.length === 1);
  t.same(read[0], message.subarray(5));
  await until(() => memory.bytes === 0);
});

t.test('messages that are not asked for are not taken apart', async (t) => {
  const { caller, receiving, streams, memory, until, parsed } = await scene(t);
  const stream = caller('127.0.0.1')('/many');
  stream.write(Buffer.alloc(5 * 10_000));
  await until(() => streams.length === 1);
  const [call] = streams;
  let came = 0;
  call?.on('data', () => {
    came++;
    if (came === 7) call.pause();
  });
  await until(() => came === 7);
  receiving[0]?.handleDataFrame(Buffer.alloc(5 * 1000));
  t.ok(parsed() < 100, `${parsed()} are taken apart`);
  t.ok(memory.bytes >= 5 * 900, 'the others are held as they came');
  call?.resume();
  stream.end();
  await once(call as grpc.ServerDuplexStream<Buffer, Buffer>, 'end');
  t.equal(came, 11_000, 'all of them come, in the end');
  t.equal(memory.bytes, 0);
});

t.test('compressed messages and large ones are refused, whatever they are', async (t) => {
  const { caller, parsed } = await scene(t);
  const call = caller('127.0.0.1');
  const compressed = gzipSync(Buffer.alloc(100));
  for (const path of ['/one', '/many']) {
    const zip = call(path, { 'grpc-encoding': 'gzip' });
    if (path === '/many') await setImmediate();
    zip.write(Buffer.concat([head(compressed.length, 1), compressed]));
    if (path === '/one') t.match(await statusOf(zip), /^UNIMPLEMENTED: .* uncompressed$/, path);
  }
  const large = call('/one');
  large.write(head(MESSAGE + 1));
  t.match(await statusOf(large), 'RESOURCE_EXHAUSTED: a message of 200001 bytes, where at most 200000 are taken');
  t.equal(parsed(), 0);
});

t.test('all messages together have a limit, and who holds most of them loses the largest call', async (t) => {
  const { caller, read, memory, until } = await scene(t);
  const one = caller('127.0.0.1');
  const other = caller('127.0.0.2');
  const send = async (stream: ClientHttp2Stream, bytes: number) => {
    const before = memory.bytes;
    stream.write(Buffer.concat([head(150_000), Buffer.alloc(bytes)]));
    await until(() => memory.bytes >= before + bytes);
    return stream;
  };
  await send(one('/one'), 100_000);
  const largest = await send(one('/one'), 140_000);
  const modest = await send(other('/one'), 100_000);
  const status = statusOf(largest);
  modest.end(Buffer.alloc(50_000));
  t.match(await status, /^RESOURCE_EXHAUSTED: .* send less at the same time$/);
  await until(() => read.length === 1);
  t.equal(read[0]?.length, 150_000, 'that of the other is taken');
});
