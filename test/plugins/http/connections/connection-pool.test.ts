// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a placeholder of the driver's own templates
import t, { type Test } from 'tap';
import type { Driver, Session } from '../../../../core/plugin.ts';
import { openHttpClient } from '../../../../plugins/http/connections/client.ts';
import { ConnectionPool } from '../../../../plugins/http/connections/connection-pool.ts';
import http from '../../../../plugins/http.ts';
import { targetAddress } from '../../../../plugins/net/target-address.ts';
import { type FakeContext, fakeContext } from '../../../../testing/fake-context.ts';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { CONNECTION_SETTINGS } from '../../../kit/connection-settings.ts';
import { answerOf, type RawConnection, type RawServer, startRawServer } from '../../raw-server.ts';
import { GET, GET_BYTES, judge, LIMITS } from './http1-stage.ts';

const OPERATIONS = { list: { path: '/items?of=${vu}' } };
/** The client's own first connection, which sends nothing. */
const PROBES = 1;

interface Setting {
  readonly server: RawServer;
  readonly sessions: readonly Session[];
  readonly context: FakeContext;
  /** Requests that have arrived and are not answered yet, in the order of arrival. */
  readonly asked: RawConnection[];
}

/** A pool, its users, and a server that answers when it is told. */
async function setUp(t: Test, pool: number, users: number): Promise<Setting> {
  const asked: RawConnection[] = [];
  const server = await startRawServer((_request, connection) => asked.push(connection));
  const context = fakeContext({ target: server.url });
  const driver = await opened({ pool }, context);
  const sessions: Session[] = [];
  for (let index = 0; index < users; index++) {
    const user = fakeUser({ index });
    sessions.push(await driver.connect(user, new AbortController().signal));
  }
  t.teardown(async () => {
    for (const session of sessions) await session.close();
    await driver.close();
    await server.stop();
  });
  return { server, sessions, context, asked };
}

async function opened(connections: unknown, context: FakeContext): Promise<Driver> {
  const checked = await http.options['~standard'].validate({ operations: OPERATIONS, connections });
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  return http.open(checked.value, context);
}

const usersOf = (server: RawServer) => server.received().map((request) => /of=(\d+)/.exec(request)?.[1]);

t.test('users share connections, and wait in the order in which they came', async (t) => {
  const { server, sessions, context, asked } = await setUp(t, 2, 5);
  t.equal(server.connections(), PROBES + 2, 'they are opened ahead of the load');
  const { signal } = new AbortController();
  const sent = sessions.map((session) => session.send('list', signal));
  for (let left = sessions.length; left > 0; left--) {
    while (asked.length < Math.min(2, left)) await server.nextRequest();
    asked.shift()?.socket.write(answerOf(''));
  }
  for (const outcome of await Promise.all(sent)) t.match(outcome, { ok: true, status: 200 });
  t.strictSame(usersOf(server).slice(2), ['3', '4', '5']);
  t.equal(server.connections(), PROBES + 2);
  t.equal(context.timings.get('http.pool_wait')?.length, 3, 'the waits are timed');
});

t.test('an outcome is still right when its connection has gone on', async (t) => {
  const { server, sessions, asked } = await setUp(t, 1, 2);
  const { signal } = new AbortController();
  const [first, second] = sessions.map((session) => session.send('list', signal));
  while (asked.length === 0) await server.nextRequest();
  asked.shift()?.socket.write(answerOf('gone', 404));
  while (asked.length === 0) await server.nextRequest();
  t.match(await first, { ok: false, errorKind: 'http_404', bytesReceived: 4 });
  asked.shift()?.socket.write(answerOf(''));
  t.match(await second, { ok: true, status: 200 });
});

t.test('who waits can be cut off, and a session that closes waits no longer', async (t) => {
  const { server, sessions, asked } = await setUp(t, 1, 4);
  const { signal } = new AbortController();
  const cut = new AbortController();
  const [first, aborted, closed, last] = sessions.map((session, i) =>
    session.send('list', i === 1 ? cut.signal : signal),
  );
  cut.abort();
  t.match(await aborted, { ok: false, errorKind: 'aborted', bytesSent: 0 });
  await sessions[2]?.close();
  t.match(await closed, { ok: false, errorKind: 'aborted' });
  for (const sent of [first, last]) {
    while (asked.length === 0) await server.nextRequest();
    asked.shift()?.socket.write(answerOf(''));
    t.match(await sent, { ok: true });
  }
  t.strictSame(usersOf(server), ['1', '4']);
});

t.test('a fault of the client itself ends a request too that goes through a pool', async (t) => {
  const server = await startRawServer(() => {});
  const address = targetAddress(server.url, 'test');
  const settings = { limits: LIMITS, connection: CONNECTION_SETTINGS };
  const client = await openHttpClient(address, settings, fakeContext({ target: server.url }));
  const pool = new ConnectionPool(client.origin, 1);
  t.teardown(async () => {
    pool.close();
    client.close();
    await server.stop();
  });
  const broken = {
    ...GET,
    get limits(): never {
      throw new Error('no limits');
    },
  };
  const { signal } = new AbortController();
  const outcome = await new Promise((resolve) => pool.start(judge, broken, GET_BYTES, 0, signal, resolve));
  t.match(outcome, { ok: false, errorKind: 'driver_threw', message: 'GET /: no limits' });
});

t.test('sizes that make no pool', async (t) => {
  const whole = /must be a whole number from 1 to 65535/;
  const kinds = /must be per-user, per-request, or \{ pool: 20 \}/;
  const bad = [
    [{ pool: 0 }, whole],
    [{ pool: 1.5 }, kinds],
    [{}, kinds],
    [20, /^must be \{ pool: 20 \} for 20 connections that virtual users share$/],
    ['keep-alive', kinds],
  ] as const;
  for (const [connections, message] of bad) {
    const { issues = [] } = await http.options['~standard'].validate({ operations: OPERATIONS, connections });
    t.match(issues[0]?.message, message, JSON.stringify(connections));
  }
  const { issues = [] } = await http.options['~standard'].validate({
    operations: OPERATIONS,
    connection: 'keep-alive',
  });
  t.match(issues[0]?.message, /did you mean "connections"/);
});
