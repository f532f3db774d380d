/** Clients that open a session and read nothing of what they are sent. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { setImmediate } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import t from 'tap';
import { addService, SERVER_OPTIONS } from '../../proto/adapter.ts';
import { AgentService, SessionRequestSchema } from '../../proto/gen/bench/v1/agent_pb.ts';

/** A message as gRPC frames it: not compressed, four bytes of length. */
function framed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

t.test('a session whose client reads nothing is cut off before much waits for it', async (t) => {
  let sent = 0;
  const served = Promise.withResolvers<void>();
  const server = new grpc.Server(SERVER_OPTIONS);
  addService(server, AgentService, {
    async session(stream) {
      let isOver = false;
      const sending = (async () => {
        while (!isOver && sent < 100_000) {
          stream.send({ message: { case: 'refused', value: { reason: 'x'.repeat(1000) } } });
          sent++;
          await setImmediate();
        }
      })();
      for await (const _ of stream.messages);
      isOver = true;
      await sending;
      served.resolve();
    },
  });
  const bind = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
    error ? bind.reject(error) : bind.resolve(port),
  );
  const session = connect(`http://127.0.0.1:${await bind.promise}`, { settings: { initialWindowSize: 0 } });
  t.teardown(() => {
    session.destroy();
    server.forceShutdown();
  });
  await once(session, 'remoteSettings');
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${AgentService.typeName}/Session`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const heartbeat = create(SessionRequestSchema, { message: { case: 'heartbeat', value: {} } });
  stream.write(framed(toBinary(SessionRequestSchema, heartbeat)));
  await served.promise;
  t.ok(sent < 5000, `${sent} messages were sent`);
});
