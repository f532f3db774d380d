import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import type { Session } from '../../../core/plugin.ts';
import http from '../../../plugins/http.ts';
import { type FakeContext, fakeContext } from '../../../testing/fake-context.ts';
import { fakeUser } from '../../../testing/fake-user.ts';
import { matchEach } from '../../kit/match-each.ts';
import { startRawServer } from '../raw-server.ts';

const FOLDER = join(import.meta.dirname, 'tls');
const pem = (name: string) => readFileSync(join(FOLDER, name));
const { signal } = new AbortController();

/** What the server saw of each connection that asked. */
interface Seen {
  readonly serverName: string | false | undefined;
  readonly resumed: boolean;
  readonly client: string | undefined;
}

async function startServer(t: Test, options: ServerOptions = {}): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer({ cert: pem('server.pem'), key: pem('server.key'), ...options }, (request, response) => {
    const socket = request.socket as TLSSocket & { servername?: string | false };
    seen.push({
      serverName: socket.servername,
      resumed: socket.isSessionReused(),
      client: socket.getPeerCertificate()?.subject?.CN as string | undefined,
    });
    response.end('{"status":"ok"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

async function ask(
  t: Test,
  target: string,
  options: object,
  requests = 1,
): Promise<{ session: Session; context: FakeContext; outcomes: object[] }> {
  const checked = await http.options['~standard'].validate({ operations: { get: { path: '/' } }, ...options });
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const context = fakeContext({ target, baseDirectory: FOLDER });
  const driver = await http.open(checked.value, context);
  const session = await driver.connect(fakeUser(), signal);
  const outcomes: object[] = [];
  for (let i = 0; i < requests; i++) outcomes.push({ ...(await session.send('get', signal)) });
  t.teardown(async () => {
    await session.close();
    await driver.close();
  });
  return { session, context, outcomes };
}

t.test('by name: the name is asked for and checked, and the handshake is timed apart', async (t) => {
  const { port, seen } = await startServer(t);
  const { context, outcomes } = await ask(t, `https://localhost:${port}`, { tls: { ca: 'ca.pem' } });
  matchEach(t, outcomes, [{ ok: true, status: 200 }]);
  matchEach(t, seen, [{ serverName: 'localhost' }]);
  const { timings } = context;
  t.equal(timings.get('http.dns')?.length, 1);
  t.equal(timings.get('http.tls')?.length, timings.get('http.connect')?.length);
  for (const durations of timings.values()) t.ok(durations.every((us) => us > 0));
});

t.test('by address, under another name', async (t) => {
  const { port, seen } = await startServer(t);
  const options = { tls: { ca: 'ca.pem', serverName: 'localhost' } };
  const { outcomes } = await ask(t, `https://127.0.0.1:${port}`, options);
  matchEach(t, outcomes, [{ ok: true }]);
  matchEach(t, seen, [{ serverName: 'localhost' }]);
});

t.test('refused before the load starts, in a sentence', async (t) => {
  const { port } = await startServer(t);
  const target = `https://127.0.0.1:${port}`;
  await t.rejects(ask(t, target, {}), { name: 'PluginError', message: /not signed by a trusted authority/ });
  await t.rejects(ask(t, target, { tls: { ca: 'ca.pem' } }), { message: /the certificate is for another host name/ });
  await t.rejects(ask(t, target, { tls: { ca: 'none.pem' } }), { message: /tls\.ca: the file "none\.pem" cannot be/ });
  await t.rejects(ask(t, target, { tls: { cert: 'tls.test.ts', key: 'client.key' } }), { message: /tls/ });
  const plain = await startRawServer(() => {});
  t.teardown(() => plain.stop());
  await t.rejects(ask(t, `https://127.0.0.1:${plain.port}`, { connectTimeout: '60ms' }), {
    message: /cannot be reached: no connection within 60 ms/,
  });
});

t.test('any certificate, when told so', async (t) => {
  const { port } = await startServer(t);
  const { outcomes } = await ask(t, `https://127.0.0.1:${port}`, { tls: { insecure: true } });
  matchEach(t, outcomes, [{ ok: true }]);
});

t.test('a client certificate', async (t) => {
  const { port, seen } = await startServer(t, { requestCert: true, rejectUnauthorized: true, ca: pem('ca.pem') });
  const tls = { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' };
  const { outcomes } = await ask(t, `https://localhost:${port}`, { tls });
  matchEach(t, outcomes, [{ ok: true }]);
  matchEach(t, seen, [{ client: 'device' }]);
  const without = await ask(t, `https://localhost:${port}`, { tls: { ca: 'ca.pem' } });
  matchEach(t, without.outcomes, [{ ok: false, errorKind: 'tls_failed', message: /requires a client certificate/ }]);
});

t.test('session resumption, on and off', async (t) => {
  for (const resumption of [true, false]) {
    const { port, seen } = await startServer(t);
    const options = { connections: 'per-request', tls: { ca: 'ca.pem', resumption } };
    const { outcomes } = await ask(t, `https://localhost:${port}`, options, 3);
    matchEach(t, outcomes, [{ ok: true }, { ok: true }, { ok: true }]);
    t.strictSame(
      seen.map(({ resumed }) => resumed),
      [false, resumption, resumption],
    );
  }
});
