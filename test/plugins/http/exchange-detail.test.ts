import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { Outcome } from '../../../core/plugin.ts';
import http from '../../../plugins/http.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeUser } from '../../../testing/fake-user.ts';
import { answerOf, startRawServer } from '../raw-server.ts';

const { signal } = new AbortController();
const POST = { method: 'POST', path: '/items?x=1', headers: { 'X-A': 'é' }, body: { json: { id: 7 } } };

/** What comes of one request whose details somebody wants, if it fails as one of these kinds. */
async function outcomeOf(t: Test, url: string, operation: object, wanted: readonly string[], more: object = {}) {
  const checked = await http.options['~standard'].validate({ operations: { it: operation }, ...more });
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const driver = await http.open(checked.value, fakeContext({ target: url }));
  const session = await driver.connect(fakeUser({ wanted }), signal);
  t.teardown(async () => {
    await session.close();
    await driver.close();
  });
  return { ...(await session.send('it', signal)) } as Outcome;
}

/** A server that writes these pieces, one after the other, each in a packet of its own. */
async function answering(t: Test, ...pieces: (string | Buffer)[]): Promise<string> {
  const server = await startRawServer((_request, { socket }) => {
    socket.setNoDelay(true);
    const write = (i: number) => {
      const piece = pieces[i];
      if (piece === undefined) return;
      socket.write(piece, 'latin1', () => setTimeout(write, 5, i + 1));
    };
    write(0);
  });
  t.teardown(() => server.stop());
  return server.url;
}

const HEAD = 'HTTP/1.1 500 Oh\r\nX-B: c\r\n';

t.test('a failed exchange is there in full, however its answer comes', async (t) => {
  const cases: [string, (string | Buffer)[]][] = [
    ['at once', [`${HEAD}Content-Length: 5\r\n\r\nsorry`]],
    ['body apart', [`${HEAD}Content-Length: 5\r\n\r\n`, 'sorry']],
    ['in bits', ['HTTP/1.1 500', ' Oh\r\nX-B: c\r\nContent-Le', 'ngth: 5\r\n\r\ns', 'orr', 'y']],
    ['chunked', [`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nso\r\n`, '3\r\nrry\r\n0\r\n\r\n']],
    ['after an interim answer', ['HTTP/1.1 103 Early Hints\r\n\r\n', `${HEAD}Content-Length: 5\r\n\r\nsorry`]],
  ];
  for (const [name, pieces] of cases) {
    const { errorKind, detail } = await outcomeOf(t, await answering(t, ...pieces), POST, ['http_500']);
    t.equal(errorKind, 'http_500', name);
    t.match(detail?.sent, /^POST \/items\?x=1 HTTP\/1\.1\r\nHost: .*\r\n\r\n\{"id":7\}$/s, name);
    t.match(detail?.received, /^HTTP\/1\.1 500 Oh\r\nX-B: c\r\n.*\r\n\r\nsorry$/s, name);
  }
});

t.test('nothing is kept of what nobody wants', async (t) => {
  const url = await answering(t, `${HEAD}Content-Length: 5\r\n\r\nsorry`);
  t.equal((await outcomeOf(t, url, POST, ['timeout'])).detail, undefined);
  t.equal((await outcomeOf(t, await answering(t, answerOf('{}')), POST, ['http_500'])).detail, undefined);
});

t.test('an answer that is right in all but a check, in several packets', async (t) => {
  const url = await answering(t, 'HTTP/1.1 200 OK\r\nX-B: c\r\nContent-Length: 13\r\n\r\n{"a":', '1,"b":2}');
  const operation = { path: '/', checks: { body: { json: { a: 2 } } } };
  const { detail } = await outcomeOf(t, url, operation, ['check_failed']);
  t.equal(detail?.received, 'HTTP/1.1 200 OK\r\nX-B: c\r\nContent-Length: 13\r\n\r\n{"a":1,"b":2}');
});

t.test('an answer whose status or headers alone are checked, in several packets', async (t) => {
  const pieces = ['HTTP/1.1 200 OK\r\nX-B: c\r\nContent-Length: 13\r\n\r\n{"a":', '1,"b":2}'];
  const whole = pieces.join('');
  const cases: [operation: object, kind: string][] = [
    [{ path: '/', checks: { status: 201 } }, 'http_200'],
    [{ path: '/', checks: { headers: { 'X-B': 'd' } } }, 'check_failed'],
    [{ path: '/', extract: { a: { header: 'x-c' } } }, 'extract_failed'],
  ];
  for (const [operation, kind] of cases) {
    const { errorKind, detail } = await outcomeOf(t, await answering(t, ...pieces), operation, [kind]);
    t.equal(errorKind, kind);
    t.equal(detail?.received, whole, kind);
  }
});

t.test('an answer that breaks off shows what came of it; no answer is none', async (t) => {
  const options = { timeout: '1s' };
  const broken = await outcomeOf(
    t,
    await answering(t, `${HEAD}Content-Length: 50\r\n\r\n`, 'sor'),
    { path: '/' },
    ['timeout'],
    options,
  );
  t.match(broken.detail?.received, /^HTTP\/1\.1 500 Oh\r\n.*\r\n\r\nsor$/s);
  const silent = await outcomeOf(t, await answering(t), { path: '/' }, ['timeout'], options);
  t.match(silent.detail?.sent, /^GET \/ HTTP/);
  t.equal(silent.detail?.received, undefined);
  const odd = await outcomeOf(t, await answering(t, 'SSH-2.0-x\r\n'), { path: '/' }, ['protocol_error'], options);
  t.equal(odd.detail?.received, 'SSH-2.0-x\r\n');
});

t.test('a compressed body is shown as text, and what is no text is not shown', async (t) => {
  const body = gzipSync('a long story');
  const head = `HTTP/1.1 500 Oh\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
  const zipped = await outcomeOf(t, await answering(t, Buffer.concat([Buffer.from(head), body])), POST, ['http_500']);
  t.match(zipped.detail?.received, /\r\n\r\na long story$/);
  const bytes = Buffer.from(Array.from({ length: 100 }, (_, i) => (i * 151) % 256));
  const picture = Buffer.concat([Buffer.from('HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\n'), bytes]);
  t.match(
    (await outcomeOf(t, await answering(t, picture), POST, ['http_500'])).detail?.received,
    /\r\n\r\n\(not text\)$/,
  );
});

t.test('long messages are cut', async (t) => {
  const url = await answering(t, `${HEAD}Content-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`);
  const operation = { method: 'POST', path: '/', body: 'y'.repeat(100_000) };
  const { detail } = await outcomeOf(t, url, operation, ['http_500']);
  t.ok((detail?.received?.length ?? 0) <= 8192 && (detail?.received?.length ?? 0) > 4000);
  t.ok((detail?.sent?.length ?? 0) <= 8192 && (detail?.sent?.length ?? 0) > 4000);
});

t.test('HTTP/2', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(500, { 'x-b': 'c' });
    response.end('sorry');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  t.teardown(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { headers: _, ...operation } = POST;
  const { detail } = await outcomeOf(t, url, operation, ['http_500'], { http2: true });
  t.match(detail?.sent, /^POST \/items\?x=1 HTTP\/2\r\nhost: 127\.0\.0\.1:\d+\r\n.*\r\n\r\n\{"id":7\}$/s);
  t.match(detail?.received, /^HTTP\/2 500\r\n.*x-b: c\r\n.*\r\n\r\nsorry$/s);
});
