import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Driver, Session, WriteTally } from '../../core/plugin.ts';
import httpUpload from '../../plugins/http-upload.ts';
import { startTarget } from '../../target/index.ts';
import { type FakeContext, fakeContext } from '../../testing/fake-context.ts';
import { fakeUser } from '../../testing/fake-user.ts';
import { answerOf, type RawServer, startRawServer } from './raw-server.ts';

const TLS_FOLDER = join(import.meta.dirname, 'http/tls');
const { signal } = new AbortController();

async function openDriver(target: string, input: object = {}): Promise<{ driver: Driver; context: FakeContext }> {
  const checked = await httpUpload.options['~standard'].validate(input);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const context = fakeContext({ target });
  return { driver: await httpUpload.open(checked.value, context), context };
}

async function connect(driver: Driver, index: number): Promise<Session> {
  return driver.connect(fakeUser({ index }), signal);
}

async function verify(
  target: string,
  writes: ReadonlyMap<string, WriteTally>,
  input: object = {},
  baseDirectory = '/',
) {
  const checked = await httpUpload.options['~standard'].validate(input);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const context = {
    runId: 'run1',
    target,
    baseDirectory,
    signal,
    writes,
    operations: new Set(['upload']),
    progress: () => {},
  };
  return httpUpload.verify?.(checked.value, context);
}

async function server(t: Test, answer: Parameters<typeof startRawServer>[0]): Promise<RawServer> {
  const started = await startRawServer(answer);
  t.teardown(() => started.stop());
  return started;
}

t.test('what a device sends', async (t) => {
  const { url, received } = await server(t, (_request, { socket }) => socket.write(answerOf('{}')));
  const { driver } = await openDriver(url);
  const sessions = [await connect(driver, 0), await connect(driver, 123_456)];
  for (let i = 0; i < 500; i++) for (const session of sessions) await session.send('upload', signal);
  const [first = ''] = received();
  t.match(first, /^POST \/api\/test\/upload HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
  t.match(first, /\r\nContent-Type: application\/json\r\n/);
  const bodies = received().map((request) => {
    return JSON.parse(request.split('\r\n\r\n')[1] ?? '') as { device_id: string; test_data: number };
  });
  t.strictSame(new Set(bodies.map((body) => body.device_id)), new Set(['run1-device-00001', 'run1-device-123457']));
  const values = bodies.map((body) => body.test_data);
  t.ok(values.every((value) => value >= 0 && value <= 1000 && /^\d+(\.\d\d?)?$/.test(String(value))));
  t.ok(Math.min(...values) < 10 && Math.max(...values) > 990 && new Set(values).size > 900, 'spread over the range');
  for (const session of sessions) await session.close();
  await driver.close();
});

t.test('what is acknowledged, what is unknown, and what is neither', async (t) => {
  const cut = new AbortController();
  const { url } = await server(t, (_request, { socket, index }) => {
    if (index <= 1) socket.write(answerOf('{}', 200));
    else if (index === 2) socket.write(answerOf('{}', 503));
    else if (index === 3) socket.write(answerOf('{}', 302));
    else if (index === 4) socket.destroy();
    else if (index === 5) socket.write('nonsense');
    else cut.abort();
  });
  const { driver, context } = await openDriver(url);
  const expected: [acknowledged: number, unknown: number][] = [
    [1, 0],
    [0, 1], // A server that failed may have stored the row before.
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 1],
  ];
  for (const [index, [acknowledged, unknown]] of expected.entries()) {
    const session = await connect(driver, index);
    const { errorKind } = await session.send('upload', index === 5 ? cut.signal : signal);
    const tally = context.tallies.get(`run1-device-0000${index + 1}`);
    t.strictSame(tally, { acknowledged, unknown }, `${index}: ${errorKind}`);
    await session.close();
  }
  await driver.close();
});

t.test('a request that never went out is not unknown', async (t) => {
  const { url, stop } = await startRawServer((_request, { socket }) => socket.end(answerOf('{}')));
  const { driver, context } = await openDriver(url);
  await stop();
  const session = await connect(driver, 0);
  t.match(await session.send('upload', signal), { ok: false, errorKind: 'connection_refused' });
  t.strictSame(context.tallies.get('run1-device-00001'), { acknowledged: 0, unknown: 0 });
  await session.close();
  await driver.close();
});

t.test('against the reference target: every acknowledged write is in the database', async (t) => {
  const folder = t.testdir();
  const target = await startTarget({ host: '127.0.0.1', port: 0, db: join(folder, 'test.db') });
  t.teardown(() => target.stop());
  const { driver, context } = await openDriver(target.url);
  const sessions = await Promise.all([0, 1, 2, 3].map((index) => connect(driver, index)));
  await Promise.all(
    sessions.map(async (session) => {
      for (let i = 0; i < 25; i++) await session.send('upload', signal);
    }),
  );
  for (const session of sessions) await session.close();
  await driver.close();
  const counts = { keys: 4, acknowledged: 100, unknown: 0, stored: 100, lost: 0, extra: 0, stable: true };
  t.match(await verify(target.url, context.tallies), {
    ...counts,
    source: 'target',
    sourceDescription: 'GET /api/test/upload/count',
  });
  const fresh = await openDriver(target.url, { devicePrefix: 'fresh-' });
  const other = await connect(fresh.driver, 0);
  await other.send('upload', signal);
  await other.close();
  await fresh.driver.close();
  t.match(await verify(target.url, context.tallies), counts, 'rows of another driver are not its own');
  const byDatabase = await verify(target.url, context.tallies, { verify: { db: 'test.db' } }, folder);
  t.match(byDatabase, { ...counts, source: 'database', sourceDescription: `table test_upload of ${folder}/test.db` });
  t.match(await verify(target.url, fresh.context.tallies, { devicePrefix: 'fresh-' }), { stored: 1, extra: 0 });
  const one = context.tallies.get('run1-device-00001') as WriteTally;
  one.acknowledged += 2;
  t.match(await verify(target.url, context.tallies), {
    lost: 2,
    discrepancies: [{ key: 'run1-device-00001', acknowledged: 27, stored: 25 }],
  });
});

t.test('why rows cannot be counted', async (t) => {
  const none = new Map<string, WriteTally>();
  const { url } = await server(t, (request, { socket }) => {
    const answers: Record<string, string> = { a: answerOf('{}'), b: answerOf('<p>'), c: answerOf('{}', 500) };
    socket.write(answers[/^GET \/(\w)/.exec(request)?.[1] ?? ''] ?? '');
  });
  await t.rejects(verify(url, none, { path: '/a' }), { message: /must answer \{"devices": \{id: rows\}\}/ });
  await t.rejects(verify(url, none, { path: '/b' }), { message: /did not answer with JSON/ });
  await t.rejects(verify(url, none, { path: '/c' }), { message: /answered 500/ });
  await t.rejects(verify('http://127.0.0.1:1', none), {
    message: /cannot be reached at http:\/\/127\.0\.0\.1:1: connection refused$/,
  });
  const folder = t.testdir({ 'text.db': 'this is no database, but a long enough text to be taken for one' });
  await t.rejects(verify(url, none, { verify: { db: 'none.db' } }, folder), {
    message: /verify\.db: there is no SQLite/,
  });
  await t.rejects(verify(url, none, { verify: { db: 'text.db' } }, folder), {
    message: /cannot be counted: .*text\.db/,
  });
});

t.test('rows are counted over TLS as the load connects', async (t) => {
  const pem = (name: string) => readFileSync(join(TLS_FOLDER, name));
  const client = { requestCert: true, rejectUnauthorized: true, ca: pem('ca.pem') };
  const stored: ServerOptions = { cert: pem('server.pem'), key: pem('server.key'), ...client };
  const target = createServer(stored, (_request, response) => response.end('{"devices":{"run1-device-00001":2}}'));
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  t.teardown(() => {
    target.closeAllConnections();
    target.close();
  });
  const { port } = target.address() as AddressInfo;
  const writes = new Map([['run1-device-00001', { acknowledged: 2, unknown: 0 }]]);
  const identity = { cert: 'client.pem', key: 'client.key' };
  const counted = (host: string, tls: object) => verify(`https://${host}:${port}`, writes, { tls }, TLS_FOLDER);
  t.match(await counted('localhost', { ca: 'ca.pem', ...identity }), { stored: 2, lost: 0 });
  t.match(await counted('127.0.0.1', { ca: 'ca.pem', serverName: 'localhost', ...identity }), { stored: 2, lost: 0 });
  t.match(await counted('127.0.0.1', { insecure: true, ...identity }), { stored: 2, lost: 0 });
  await t.rejects(counted('127.0.0.1', { ca: 'ca.pem', ...identity }), { message: /is for another host name/ });
  await t.rejects(counted('localhost', identity), { message: /not signed by a trusted authority/ });
});

t.test('a database of verify that cannot be asked is reported before the load', async (t) => {
  const prepare = async (options: unknown) => {
    const checked = await httpUpload.options['~standard'].validate(options);
    if (checked.issues) throw new Error(JSON.stringify(checked.issues));
    const signal = new AbortController().signal;
    const context = { runId: 'r', target: 'http://127.0.0.1:1', baseDirectory: '.', signal, progress: () => {} };
    await httpUpload.prepare?.(checked.value, context);
  };
  await t.rejects(prepare({ verify: { db: 'mysql://bench@127.0.0.1:1/bench' } }), {
    name: 'NotPreparedError',
    message: /^verify\.db cannot be asked: the MySQL server at 127\.0\.0\.1:1 cannot be used: connection refused/,
  });
  await t.rejects(prepare({ verify: { db: 'mysql://bench@127.0.0.1:1/bench?tls=1' } }), /its option tls is not known/);
  await t.resolves(prepare({ verify: { db: 'not-made-yet.sqlite' } }), 'the target may make its file later');
  await t.resolves(prepare({}));
});
