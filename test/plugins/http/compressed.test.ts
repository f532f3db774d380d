import { once } from 'node:events';
import { createServer as createHttp1 } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import t, { type Test } from 'tap';
import http from '../../../plugins/http.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeUser } from '../../../testing/fake-user.ts';

const { signal } = new AbortController();
const TEXT = JSON.stringify({ token: 'é1', filler: 'x'.repeat(5000) });
const BOMB = zlib.gzipSync(Buffer.alloc(20 << 20));
const LARGE = Buffer.concat([zlib.gzipSync(TEXT), Buffer.alloc(1 << 20)]);
const ANSWERS: Readonly<Record<string, readonly [contentEncoding: string, body: Buffer]>> = {
  '/gzip': ['gzip', zlib.gzipSync(TEXT)],
  '/br': ['br', zlib.brotliCompressSync(TEXT)],
  '/deflate': ['deflate', zlib.deflateSync(TEXT)],
  '/unknown': ['utf-8', Buffer.from(TEXT)],
  '/broken': ['gzip', zlib.gzipSync(TEXT).subarray(0, 50)],
  '/bomb': ['gzip', BOMB],
  '/large': ['gzip', LARGE],
};

interface Stage {
  /** Sends one of these operations. */
  send(operation: string): Promise<unknown>;
  readonly variables: ReadonlyMap<string, string>;
  /** The headers Accept-Encoding so far. */
  readonly accepted: readonly unknown[];
}

async function start(t: Test, options: object): Promise<Stage> {
  const accepted: unknown[] = [];
  const answer = (url: string, accept: unknown, end: (headers: object, body: Buffer) => void) => {
    accepted.push(accept);
    const [contentEncoding, body] = ANSWERS[url] ?? ['', Buffer.alloc(0)];
    end({ 'content-encoding': contentEncoding }, body);
  };
  const isHttp2 = 'http2' in options;
  const server = isHttp2
    ? createHttp2((request, response) => {
        answer(request.url, request.headers['accept-encoding'], (headers, body) => {
          response.writeHead(200, { ...headers }).end(body);
        });
      })
    : createHttp1((request, response) => {
        answer(request.url ?? '', request.headers['accept-encoding'], (headers, body) => {
          response.writeHead(200, { ...headers }).end(body);
        });
      });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const checked = await http.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const driver = await http.open(checked.value, fakeContext({ target: `http://127.0.0.1:${port}` }));
  const variables = new Map<string, string>();
  const session = await driver.connect({ ...fakeUser(), variables }, signal);
  t.teardown(async () => {
    await session.close();
    await driver.close();
    server.close();
  });
  return { send: async (operation) => ({ ...(await session.send(operation, signal)) }), variables, accepted };
}

const token = { extract: { token: { json: 'token' } }, checks: { body: { contains: '"é1"' } } };

for (const protocol of [{}, { http2: true }]) {
  t.test(`compressed answers, ${JSON.stringify(protocol)}`, async (t) => {
    const reading = Object.fromEntries(Object.keys(ANSWERS).map((path) => [path, { path, ...token }]));
    const stage = await start(t, {
      ...protocol,
      acceptEncoding: ['gzip', 'br'],
      operations: {
        ...reading,
        unread: { path: '/bomb' },
        status: { path: '/broken', checks: { status: 404, body: { contains: 'x' } } },
        own: { path: '/gzip', headers: { 'accept-encoding': 'identity' } },
      },
    });
    for (const path of ['/gzip', '/br', '/deflate', '/unknown', '/gzip']) {
      const bytesReceived = ANSWERS[path]?.[1].length;
      t.match(await stage.send(path), { ok: true, bytesReceived }, path);
      t.equal(stage.variables.get('token'), 'é1');
    }
    const failed = (path: string, problem: string) => ({
      ok: false,
      errorKind: 'decompression_failed',
      message: `GET ${path}: the body cannot be decompressed: ${problem}`,
      status: 200,
    });
    t.match(await stage.send('/bomb'), failed('/bomb', 'gzip expands it to more than the 16 MiB that are read'));
    t.match(
      await stage.send('/large'),
      failed('/large', 'it has more bytes than are kept, even while it is compressed'),
    );
    t.match(await stage.send('/broken'), { errorKind: 'decompression_failed', message: /: it is not valid gzip \(/ });
    t.match(await stage.send('status'), { errorKind: 'http_200' }, 'the status comes first');
    t.match(await stage.send('unread'), { ok: true, bytesReceived: BOMB.length }, 'nobody reads it');
    await stage.send('own');
    t.strictSame([stage.accepted[0], stage.accepted.at(-1)], ['gzip, br', 'identity']);
  });
}

t.test('compressed answers are not asked for unless the plan says so', async (t) => {
  const stage = await start(t, { operations: { '/gzip': { path: '/gzip', ...token } } });
  t.match(await stage.send('/gzip'), { ok: true }, 'but read when they come');
  t.strictSame(stage.accepted, [undefined]);
});

t.test('what is no coding is refused', async (t) => {
  const checked = await http.options['~standard'].validate({ acceptEncoding: 'gz', operations: { a: { path: '/' } } });
  t.match(checked.issues?.[0]?.message, /^must be one of gzip, br, deflate, zstd, not "gz"$/);
});
