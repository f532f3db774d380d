/** The HTTP client on each runtime: every answer of the corpus, split at every byte, and over real connections. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { Session } from '../../core/plugin.ts';
import http from '../../plugins/http.ts';
import { fakeContext } from '../../testing/fake-context.ts';
import { fakeUser } from '../../testing/fake-user.ts';
import { CORPUS, LENIENT, OVERLONG } from '../plugins/http/corpus.ts';
import { readInParts } from '../plugins/http/read-in-parts.ts';

const { signal } = new AbortController();
const TLS = join(import.meta.dirname, '../plugins/http/tls');

async function connect(target: string, options: object): Promise<{ session: Session; close: () => Promise<void> }> {
  const checked = await http.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const driver = await http.open(checked.value, fakeContext({ target, baseDirectory: TLS }));
  const session = await driver.connect(fakeUser(), signal);
  return {
    session,
    close: async () => {
      await session.close();
      await driver.close();
    },
  };
}

t.test('answers split at every byte', async (t) => {
  for (const entry of [...CORPUS, ...LENIENT, ...OVERLONG]) {
    const wrong: number[] = [];
    for (let cut = 0; cut <= entry.bytes.length; cut++) {
      if (OVERLONG.includes(entry) && cut > 0) break;
      if (readInParts(entry, [cut]) !== JSON.stringify(entry.expected)) wrong.push(cut);
    }
    t.strictSame(wrong, [], entry.name);
  }
});

t.test('answers over connections', async (t) => {
  const queue = CORPUS.filter(({ method }) => method === undefined);
  let next = 0;
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      const { bytes, closes } = queue[next] as (typeof queue)[0];
      if (closes) socket.end(bytes, 'latin1');
      else socket.write(bytes, 'latin1');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { session, close } = await connect(target, {
    operations: { get: { path: '/', checks: { status: [200, 201, 204, 304, 404, 599] } } },
  });
  for (; next < queue.length; next++) {
    const { name, expected } = queue[next] as (typeof queue)[0];
    const { ok, errorKind, status, bytesReceived } = await session.send('get', signal);
    if ('failure' in expected) t.strictSame([ok, errorKind], [false, expected.failure], name);
    else t.strictSame([errorKind, status, bytesReceived], ['', expected.status, expected.body.length], name);
  }
  await close();
  await new Promise((resolve) => server.close(resolve));
  const gone = await connect(target, { operations: { get: { path: '/' } } }).catch((error: Error) => error.message);
  t.match(gone, /cannot be reached: connection refused/);
});

t.test('over TLS', async (t) => {
  const files = { cert: readFileSync(join(TLS, 'server.pem')), key: readFileSync(join(TLS, 'server.key')) };
  const server = createServer(files, (_request, response) => response.end('{"status":"ok"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `https://localhost:${(server.address() as AddressInfo).port}`;
  const operations = { get: { path: '/', checks: { body: { json: { status: 'ok' } } } } };
  const { session, close } = await connect(target, { operations, tls: { ca: 'ca.pem' } });
  for (let i = 0; i < 3; i++) t.match({ ...(await session.send('get', signal)) }, { ok: true, status: 200 });
  await close();
  await t.rejects(connect(target, { operations }), { message: /not signed by a trusted authority/ });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

t.test('cut off, out of time', async (t) => {
  const server = createTcpServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { session, close } = await connect(target, { timeout: '50ms', operations: { get: { path: '/' } } });
  const cut = new AbortController();
  const sent = session.send('get', cut.signal);
  cut.abort();
  t.match({ ...(await sent) }, { ok: false, errorKind: 'aborted' });
  t.match({ ...(await session.send('get', signal)) }, { ok: false, errorKind: 'timeout' });
  await close();
  await new Promise((resolve) => server.close(resolve));
});
