/** Clients that read nothing of what they are sent, and messages that cannot be sent. */
import { constants } from 'node:http2';
import { setImmediate } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { RunEvents } from '../../../core/control/run/run-events.ts';
import { AgentService, SessionRequestSchema } from '../../../proto/gen/bench/v1/agent_pb.ts';
import {
  GetRunRequestSchema,
  GetRunResponseSchema,
  RunService,
  SendContentsRequestSchema,
  type Snapshot,
  WatchRunRequestSchema,
  WatchRunResponseSchema,
} from '../../../proto/gen/bench/v1/run_pb.ts';
import {
  addService,
  createClient,
  RpcError,
  SERVER_OPTIONS,
  type ServiceHandlers,
} from '../../../proto/rpc/adapter.ts';
import { runMessages } from '../../../proto/stored-run.ts';
import { turns } from '../../../testing/fake-clock.ts';
import { sceneClock } from '../../core/control/scene/scene-clock.ts';
import { noContent } from '../../kit/no-contents.ts';
import { stalledCall } from '../../kit/stalled-call.ts';

/** A server whose faults are kept. */
async function serve(t: Test, add: (server: grpc.Server, report: (sentence: string) => void) => void) {
  const server = new grpc.Server(SERVER_OPTIONS);
  const faults: string[] = [];
  add(server, (sentence) => faults.push(sentence));
  const bind = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
    error ? bind.reject(error) : bind.resolve(port),
  );
  t.teardown(() => server.forceShutdown());
  return { port: await bind.promise, faults };
}

/** The handlers of a service of which only some are called. */
const runs = (handlers: Partial<ServiceHandlers<typeof RunService>>) => handlers as ServiceHandlers<typeof RunService>;

t.test(
  'what a client sends to a session that is over is thrown away, though it does not read the answer',
  async (t) => {
    const { port } = await serve(t, (server) =>
      addService(server, AgentService, {
        getContent: noContent,
        async session({ messages, send }) {
          for await (const _ of messages) break;
          send({ message: { case: 'refused', value: { reason: 'no' } } });
        },
      }),
    );
    const { stream } = await stalledCall(t, port, `${AgentService.typeName}/Session`, SessionRequestSchema);
    const bytes = toBinary(
      SessionRequestSchema,
      create(SessionRequestSchema, { message: { case: 'join', value: { name: 'x'.repeat(250_000) } } }),
    );
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes.length, 1);
    const message = Buffer.concat([head, bytes]);
    let taken = 0;
    // More than may wait for a session that goes on.
    for (; taken < 160; taken++) await new Promise((resolve) => stream.write(message, resolve));
    t.equal(taken, 160);
  },
);

t.test('a session whose client reads nothing is cut off before much waits for it', async (t) => {
  let sentBytes = 0;
  const served = Promise.withResolvers<unknown>();
  const { port } = await serve(t, (server) =>
    addService(server, AgentService, {
      getContent: noContent,
      async session(stream) {
        let isOver = false;
        const sending = (async () => {
          while (!isOver) {
            stream.send({ message: { case: 'refused', value: { reason: 'x'.repeat(10_000) } } });
            sentBytes += 10_000;
            await setImmediate();
          }
        })();
        try {
          for await (const _ of stream.messages);
        } catch (error) {
          served.resolve(error);
        }
        isOver = true;
        await sending;
      },
    }),
  );
  const call = await stalledCall(t, port, `${AgentService.typeName}/Session`, SessionRequestSchema);
  call.send(create(SessionRequestSchema, { message: { case: 'heartbeat', value: {} } }));
  const error = await served.promise;
  t.match(error, {
    code: 'RESOURCE_EXHAUSTED',
    message: /^it does not read what it is sent, and more than 4 MB wait for it$/,
  });
  t.ok(error instanceof RpcError);
  t.ok(sentBytes < 5e6, `${sentBytes} bytes were sent`);
  t.equal(await call.closed, constants.NGHTTP2_ENHANCE_YOUR_CALM, 'nothing is left of the stream');
});

t.test('a watcher that reads nothing is kept, and of all that it missed only the newest snapshot comes', async (t) => {
  const events = new RunEvents('r1', sceneClock(), () => {}, { recorded: () => {}, changed: () => {} });
  events.take({ kind: 'wait', expected: 1 });
  events.take({ kind: 'prepare', agents: 1 });
  events.take({ kind: 'start', startUs: 0 });
  const { port } = await serve(t, (server) =>
    addService(server, RunService, runs({ watchRun: (_, { signal }) => events.watch(signal) })),
  );
  const call = await stalledCall(t, port, `${RunService.typeName}/WatchRun`, WatchRunRequestSchema);
  call.send(create(WatchRunRequestSchema, { runId: 'r1' }));
  call.stream.end();
  while (!events.isWatched) await setImmediate();
  for (let vus = 0; vus < 1000; vus++) {
    events.show({ vus, rows: [{ name: 'x'.repeat(1000) }] });
    await turns(1);
  }
  events.notify('a notice');
  const all = call.read(WatchRunResponseSchema);
  await setImmediate();
  events.take({ kind: 'verify' });
  events.take({ kind: 'finish', verdict: 'pass', reason: '', leftBehind: false });
  const messages = (await all).map(({ event }) => event);
  const snapshots = messages.flatMap((event) => (event.case === 'snapshot' ? [event.value as Snapshot] : []));
  t.ok(snapshots.length <= 2, `${snapshots.length} of 1000 snapshots`);
  t.equal(snapshots.at(-1)?.vus, 999);
  t.ok(messages.some(({ case: kind, value }) => kind === 'notice' && value === 'a notice'));
});

t.test('a download that is not read holds one piece of the result', async (t) => {
  let read = 0;
  async function* pieces() {
    for (; read < 50; read++) yield new Uint8Array(1024 * 1024).fill(read);
  }
  const { port } = await serve(t, (server) =>
    addService(server, RunService, runs({ getRun: () => runMessages({ runId: 'r1' }, pieces()) })),
  );
  const call = await stalledCall(t, port, `${RunService.typeName}/GetRun`, GetRunRequestSchema);
  call.send(create(GetRunRequestSchema, { runId: 'r1' }));
  call.stream.end();
  for (let turn = 0; turn < 200; turn++) await setImmediate();
  t.ok(read <= 1, `${read} pieces were read`);
  const messages = await call.read(GetRunResponseSchema);
  t.equal(messages.length, 1 + 50 * 4);
});

t.test('a session that writes what it reads to a slow disk has little of it in memory', async (t) => {
  const { port } = await serve(t, (server) =>
    addService(
      server,
      RunService,
      runs({
        async sendContents({ messages }) {
          // It takes one message, and no more.
          await messages[Symbol.asyncIterator]().next();
          await new Promise(() => {});
        },
      }),
    ),
  );
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  t.teardown(() => client.close());
  const bytes = toBinary(
    SendContentsRequestSchema,
    create(SendContentsRequestSchema, { part: { case: 'piece', value: new Uint8Array(1 << 20) } }),
  );
  const path = '/bench.v1.RunService/SendContents';
  const call = client.makeBidiStreamRequest(
    path,
    (message: Buffer) => message,
    (answer) => answer,
  );
  call.on('error', () => {});
  let left = 0;
  let before = -1;
  for (let i = 0; i < 200; i++) call.write(Buffer.from(bytes), () => left++);
  // A peer that reads on takes them all in a moment.
  for (let still = 0; still < 10; before = left) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    still = left === before && left > 0 ? still + 1 : 0;
  }
  // Those that wait, and those that the library reads ahead and sends ahead.
  t.ok(left <= 100, `${left} of 200 messages of 1 MB have left`);
  call.cancel();
});

t.test('a message that cannot be encoded is left out of its stream, and the others come', async (t) => {
  const { port, faults } = await serve(t, (server, report) =>
    addService(
      server,
      RunService,
      runs({
        async *watchRun() {
          for (const vus of [1, 2 ** 32, 3, -1, 0.5, Number.NaN, 7])
            yield { event: { case: 'snapshot', value: { vus } } };
        },
        listAgents: () => ({ agents: [{ name: 'a', environment: { cpus: -1 } }] }),
      }),
      report,
    ),
  );
  const client = createClient(RunService, `127.0.0.1:${port}`);
  t.teardown(() => client.close());
  const shown: number[] = [];
  for await (const { event } of client.watchRun({ runId: 'r1' }))
    if (event.case === 'snapshot') shown.push(event.value.vus);
  t.same(shown, [1, 3, 7]);
  t.equal(faults.length, 4);
  t.match(faults[0], /^bench\.v1\.RunService\/WatchRun left a message out: .*4294967296/);
  await t.rejects(client.listAgents({}), { code: 'INTERNAL' });
  t.match(faults[4], /^bench\.v1\.RunService\/ListAgents failed: /);
});
