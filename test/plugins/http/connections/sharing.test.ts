import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createRelay,
  type Server,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Driver, DriverPlugin, Session } from '../../../../core/plugin.ts';
import health from '../../../../plugins/health.ts';
import http from '../../../../plugins/http.ts';
import upload from '../../../../plugins/http-upload.ts';
import { type FakeContext, fakeContext } from '../../../../testing/fake-context.ts';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { answerOf, startRawServer } from '../../raw-server.ts';

const FOLDER = join(import.meta.dirname, '../tls');
const FILES = { cert: readFileSync(join(FOLDER, 'server.pem')), key: readFileSync(join(FOLDER, 'server.key')) };
const TLS = { ca: 'ca.pem', serverName: 'localhost' };
const { signal } = new AbortController();
const LIST = { list: { path: '/items' } };

/** A driver of a plan, by the operation that it is asked for. */
type Use = readonly [operation: string, plugin: DriverPlugin, options: object];

async function open(context: FakeContext, [, plugin, options]: Use): Promise<Driver> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  return plugin.open(checked.value, context);
}

/** What drivers of one run in one process share is in this context. */
async function openAll(t: Test, context: FakeContext, uses: readonly Use[]): Promise<readonly Driver[]> {
  const drivers: Driver[] = [];
  for (const use of uses) drivers.push(await open(context, use));
  t.teardown(async () => {
    for (const driver of drivers) await driver.close();
  });
  return drivers;
}

async function connect(drivers: readonly Driver[], index: number): Promise<Session[]> {
  const user = fakeUser({ index });
  const sessions: Session[] = [];
  for (const driver of drivers) sessions.push(await driver.connect(user, signal));
  return sessions;
}

/** Counts a server's connections, those of today's users apart from the client's own first one. */
class Connections {
  readonly #events = new EventEmitter();
  all = 0;
  open = 0;

  add(socket: Socket): void {
    this.all += 1;
    this.open += 1;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.open -= 1;
      this.#events.emit('close');
    });
  }

  /** Resolves when this many are open. */
  async left(count: number): Promise<void> {
    while (this.open > count) await once(this.#events, 'close');
  }
}

async function listen(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server behind a relay that counts: a server of HTTP does not tell on every runtime of a connection that asks nothing. */
async function startServer(t: Test, server: Server): Promise<{ port: number; connections: Connections }> {
  const connections = new Connections();
  server.on('request', (_request, response) => response.end('{"status":"ok"}'));
  const behind = await listen(t, server);
  const relay = createRelay((socket) => {
    connections.add(socket);
    const onward = connectTcp(behind, '127.0.0.1');
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
    t.teardown(() => socket.destroy());
  });
  return { port: await listen(t, relay), connections };
}

/** Options of a driver over this protocol. */
const over = (protocol: { scheme: string; http2: boolean }, options: object) => ({
  ...options,
  ...(protocol.scheme === 'https' && { tls: TLS }),
  ...(protocol.http2 && { http2: true }),
});

const PROTOCOLS = [
  { name: 'HTTP/1.1', scheme: 'http', http2: false, server: () => createServer() },
  { name: 'HTTP/1.1 over TLS', scheme: 'https', http2: false, server: () => createTlsServer(FILES) },
  { name: 'HTTP/2', scheme: 'http', http2: true, server: () => createHttp2Server() as unknown as Server },
  {
    name: 'HTTP/2 over TLS',
    scheme: 'https',
    http2: true,
    server: () => createSecureServer(FILES) as unknown as Server,
  },
];

for (const protocol of PROTOCOLS) {
  t.test(`a virtual user has one connection for all of its drivers: ${protocol.name}`, async (t) => {
    const { port, connections } = await startServer(t, protocol.server());
    const context = fakeContext({ target: `${protocol.scheme}://127.0.0.1:${port}`, baseDirectory: FOLDER });
    const uses: Use[] = [
      ['list', http, over(protocol, { operations: LIST })],
      ['list', http, over(protocol, { operations: LIST, timeout: '5s', headers: { 'x-of': 'the second' } })],
    ];
    // These two speak HTTP/1.1 only.
    const more: Use[] = [
      ['upload', upload, over(protocol, {})],
      ['health', health, over(protocol, { connectTimeout: '5s' })],
    ];
    if (!protocol.http2) uses.push(...more);
    const drivers = await openAll(t, context, uses);
    t.equal(connections.all, 1, 'the target was tried once');
    const users = await Promise.all([0, 1, 2].map((index) => connect(drivers, index)));
    for (let round = 0; round < 2; round++) {
      for (const sessions of users) {
        for (const [i, [operation]] of uses.entries()) {
          t.match(await sessions[i]?.send(operation, signal), { ok: true, status: 200 });
        }
      }
    }
    t.equal(connections.all, 1 + users.length);
    t.equal(context.timings.get('http.connect')?.length, connections.all, 'each is timed once');
    if (protocol.scheme === 'https') t.equal(context.timings.get('http.tls')?.length, connections.all);
    await connections.left(users.length);
    for (const [i] of uses.entries()) {
      t.equal(connections.open, users.length, `${i} sessions of each user are closed`);
      for (const sessions of users) {
        await sessions[i]?.close();
        await sessions[i]?.close();
      }
    }
    await connections.left(0);
  });
}

t.test('connections of other kinds are not shared', async (t) => {
  const server = await startRawServer((_request, { socket }) => socket.write(answerOf('')));
  t.teardown(() => server.stop());
  const context = fakeContext({ target: server.url, baseDirectory: FOLDER });
  const uses: Use[] = [
    ['list', http, { operations: LIST }],
    ['list', http, { operations: LIST, connections: 'per-request' }],
  ];
  const [kept, fresh] = await connect(await openAll(t, context, uses), 0);
  const before = server.connections();
  for (let i = 0; i < 3; i++) {
    t.match(await kept?.send('list', signal), { ok: true });
    t.match(await fresh?.send('list', signal), { ok: true });
  }
  t.equal(server.connections() - before, 3);
  await kept?.close();
  await fresh?.close();
});

t.test('each driver has its own time limit on the shared connection', async (t) => {
  const server = await startRawServer((request, { socket }) => {
    if (request.startsWith('GET /items')) socket.write(answerOf(''));
  });
  t.teardown(() => server.stop());
  const uses: Use[] = [
    ['list', http, { operations: LIST }],
    ['never', http, { operations: { never: { path: '/never' } }, timeout: '50ms' }],
  ];
  const [patient, hasty] = await connect(await openAll(t, fakeContext({ target: server.url }), uses), 0);
  t.match(await patient?.send('list', signal), { ok: true });
  t.match(await hasty?.send('never', signal), {
    errorKind: 'timeout',
    message: 'GET /never: no complete answer within 50 ms',
  });
  t.match(await patient?.send('list', signal), { ok: true }, 'on a new connection');
  await patient?.close();
  await hasty?.close();
});

t.test('a session that closes cuts off its own request and no other', async (t) => {
  const server = await startRawServer(() => {});
  t.teardown(() => server.stop());
  const uses: Use[] = [
    ['list', http, { operations: LIST }],
    ['health', health, {}],
  ];
  const [first, second] = await connect(await openAll(t, fakeContext({ target: server.url }), uses), 0);
  const asked = server.nextRequest();
  const sent = first?.send('list', signal);
  await asked;
  await second?.close();
  const open = await Promise.race([sent, Promise.resolve('waits')]);
  t.equal(open, 'waits');
  await first?.close();
  t.match(await sent, { ok: false, errorKind: 'aborted', message: /the session was closed/ });
});

t.test('a driver that cannot open leaves nothing behind, and the next one can', async (t) => {
  const server = await startRawServer((_request, { socket }) => socket.write(answerOf('')));
  const context = fakeContext({ target: server.url });
  await server.stop();
  await t.rejects(open(context, ['list', http, { operations: LIST }]), { message: /cannot be reached/ });
  const again = await startRawServer((_request, { socket }) => socket.write(answerOf('')));
  t.teardown(() => again.stop());
  const drivers = await openAll(t, { ...context, target: again.url }, [['list', http, { operations: LIST }]]);
  const [session] = await connect(drivers, 0);
  t.match(await session?.send('list', signal), { ok: true });
  await session?.close();
});
