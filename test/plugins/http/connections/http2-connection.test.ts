import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Driver, Session } from '../../../../core/plugin.ts';
import http from '../../../../plugins/http.ts';
import { type FakeContext, fakeContext } from '../../../../testing/fake-context.ts';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { answerOf, startRawServer } from '../../raw-server.ts';
import {
  dataFrame,
  ENHANCE_YOUR_CALM,
  goawayFrame,
  headersFrame,
  headFrame,
  INTERNAL_ERROR,
  lastDataFrame,
  NO_ERROR,
  okFrames,
  type RawHttp2Request,
  REFUSED_STREAM,
  resetFrame,
  startRawHttp2Server,
} from './raw-http2-server.ts';

const FOLDER = join(import.meta.dirname, '../tls');
const OPERATIONS = {
  get: { path: '/get', checks: { headers: { 'x-kind': 'test' }, body: { json: { method: 'GET', body: '' } } } },
  add: { method: 'POST', path: '/add', body: { json: { a: 1 } }, checks: { body: { json: { body: '{"a":1}' } } } },
  missing: { path: '/missing' },
  reset: { path: '/reset' },
  silent: { path: '/silent' },
  leave: { path: '/leave' },
};

type Server = Http2Server | Http2SecureServer;

async function startServer(t: Test, server: Server): Promise<{ port: number; sessions: ServerHttp2Session[] }> {
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session: ServerHttp2Session) => sessions.push(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    const path = headers[':path'];
    if (path === '/silent') return;
    if (path === '/reset') {
      stream.close(2);
      return;
    }
    if (path === '/leave') {
      stream.session?.destroy();
      return;
    }
    let body = '';
    stream.on('data', (part) => {
      body += part;
    });
    stream.on('end', () => {
      const cookies = ['a=1; Path=/', 'b=2; Path=/'];
      stream.respond({ ':status': path === '/missing' ? 404 : 200, 'x-kind': 'test', 'set-cookie': cookies });
      stream.end(JSON.stringify({ method: headers[':method'], body }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, sessions };
}

async function connect(
  t: Test,
  target: string,
  options: object = {},
): Promise<{ driver: Driver; session: Session; context: FakeContext; variables: Map<string, string> }> {
  const checked = await http.options['~standard'].validate({ http2: true, operations: OPERATIONS, ...options });
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const context = fakeContext({ target, baseDirectory: FOLDER });
  const driver = await http.open(checked.value, context);
  const user = fakeUser();
  const session = await driver.connect(user, new AbortController().signal);
  t.teardown(async () => {
    await session.close();
    await driver.close();
  });
  return { driver, session, context, variables: user.variables };
}

const { signal } = new AbortController();

t.test('without TLS', async (t) => {
  const { port, sessions } = await startServer(t, createServer());
  const { session, context } = await connect(t, `http://127.0.0.1:${port}`);
  t.match(await session.send('get', signal), { ok: true, status: 200, bytesSent: 0, bytesReceived: 26 });
  t.match(await session.send('add', signal), { ok: true, bytesSent: 7 });
  t.match(await session.send('missing', signal), { ok: false, errorKind: 'http_404' });
  t.match(await session.send('reset', signal), { ok: false, errorKind: 'stream_reset' });
  t.match(await session.send('get', signal), { ok: true });
  t.match(await session.send('leave', signal), { ok: false });
  t.match(await session.send('get', signal), { ok: true });
  t.equal(context.timings.get('http.ttfb')?.length, 5);
  t.ok(sessions.length >= 3, 'it connects again where the connection is gone');
});

t.test('requests that overlap are sent one after the other on one connection', async (t) => {
  const { port, sessions } = await startServer(t, createServer());
  const { driver } = await connect(t, `http://127.0.0.1:${port}`);
  const user = fakeUser();
  const names = ['missing', 'add', 'reset', 'get'];
  const ofUser: Session[] = [];
  for (const _ of names) ofUser.push(await driver.connect(user, signal));
  const before = sessions.length;
  const outcomes = await Promise.all(ofUser.map((session, i) => session.send(names[i] as string, signal)));
  matchEach(t, outcomes, [
    { errorKind: 'http_404', status: 404 },
    { ok: true, status: 200, bytesSent: 7 },
    { errorKind: 'stream_reset' },
    { ok: true, status: 200, bytesSent: 0 },
  ]);
  t.equal(sessions.length, before);
  for (const session of ofUser) await session.close();
});

t.test('with TLS', async (t) => {
  const files = { cert: readFileSync(join(FOLDER, 'server.pem')), key: readFileSync(join(FOLDER, 'server.key')) };
  const { port } = await startServer(t, createSecureServer(files));
  const { session } = await connect(t, `https://localhost:${port}`, { tls: { ca: 'ca.pem' } });
  t.match(await session.send('get', signal), { ok: true, status: 200 });
});

t.test('a connection for each request', async (t) => {
  const { port, sessions } = await startServer(t, createServer());
  const { session } = await connect(t, `http://127.0.0.1:${port}`, { connections: 'per-request' });
  for (let i = 0; i < 3; i++) t.match(await session.send('get', signal), { ok: true });
  t.ok(sessions.length >= 3);
});

t.test('cut off, and out of time', async (t) => {
  const { port } = await startServer(t, createServer());
  const { session } = await connect(t, `http://127.0.0.1:${port}`, { timeout: '1s' });
  const cut = new AbortController();
  const sent = session.send('silent', cut.signal);
  cut.abort();
  t.match(await sent, { ok: false, errorKind: 'aborted' });
  t.match(await session.send('silent', signal), { ok: false, errorKind: 'timeout' });
  t.match(await session.send('get', signal), { ok: true });
});

t.test('headers of HTTP/1.1 connections are refused in the plan', async (t) => {
  const headers = { 'Keep-Alive': '5', Upgrade: 'h2c', 'Proxy-Connection': 'close', 'HTTP2-Settings': 'x', te: 'gzip' };
  const check = (http2: boolean, wrong: object) =>
    http.options['~standard'].validate({
      ...{ http2, headers: wrong },
      operations: { get: { path: '/', headers: { te: 'trailers', ...wrong } } },
    });
  const refused = await check(true, headers);
  const places = Object.keys(headers).flatMap((name) => [`headers.${name}`, `operations.get.headers.${name}`]);
  t.strictSame(refused.issues?.map(({ path }) => path?.join('.')).toSorted(), places.toSorted());
  t.match(refused.issues?.[0]?.message, /is not allowed in HTTP\/2: leave it out/);
  t.notOk((await check(false, headers)).issues);
  t.notOk((await check(true, {})).issues);
});

t.test('a request that cannot be made is a failure of its own', async (t) => {
  const { port } = await startServer(t, createServer());
  const operations = { connect: { method: 'CONNECT', path: '/get' }, get: { path: '/get' } };
  const { session } = await connect(t, `http://127.0.0.1:${port}`, { operations });
  for (let i = 0; i < 2; i++) {
    const outcome = await session.send('connect', signal);
    t.match(outcome, {
      ok: false,
      errorKind: 'bad_request',
      message: /^CONNECT \/get: HTTP\/2 cannot carry this request: /,
    });
  }
  t.match(await session.send('get', signal), { ok: true });
});

t.test('a server that speaks HTTP/1.1 only', async (t) => {
  const server = await startRawServer((_request, { socket }) => socket.write(answerOf('')));
  t.teardown(() => server.stop());
  const { session } = await connect(t, server.url, { timeout: '200ms' });
  t.match(await session.send('get', signal), { ok: false });
});

/** A server of frames and a session to it. */
async function framed(t: Test, answer: (request: RawHttp2Request) => void) {
  const server = await startRawHttp2Server(answer);
  t.teardown(() => server.stop());
  const operations = {
    get: { path: '/', checks: { body: { contains: 'ok' } } },
    post: { method: 'POST', path: '/', body: 'x' },
    // More than the server lets through.
    large: { method: 'POST', path: '/', body: 'x'.repeat(200_000) },
  };
  const { session, context } = await connect(t, server.url, { operations });
  return {
    server,
    get: () => session.send('get', signal),
    post: () => session.send('post', signal),
    large: () => session.send('large', signal),
    resent: () => context.timings.get('http.resent')?.length ?? 0,
    connections: () => new Set(server.requests.map(({ connection }) => connection)).size,
  };
}

t.test('a stream that the server resets fails alone', async (t) => {
  const { get, connections, resent } = await framed(t, ({ socket, stream, index }) => {
    if (index === 1) socket.write(resetFrame(stream, INTERNAL_ERROR));
    else if (index === 2) {
      socket.write(Buffer.concat([headFrame(stream), dataFrame(stream, 'ok'), resetFrame(stream, INTERNAL_ERROR)]));
    } else socket.write(okFrames(stream));
  });
  t.match(await get(), { ok: true });
  const message = 'GET /: the server reset the stream (INTERNAL_ERROR)';
  t.match(await get(), { ok: false, errorKind: 'stream_reset', message, status: 0 });
  t.match(await get(), { ok: false, errorKind: 'stream_reset', message, status: 200, bytesReceived: 2 });
  for (let i = 0; i < 3; i++) t.match(await get(), { ok: true });
  t.equal(connections(), 1, 'all on one connection');
  t.equal(resent(), 0);
});

t.test('an answer that is shorter or longer than its length has failed, however its stream ends', async (t) => {
  const head = (stream: number) => headersFrame(stream, { ':status': '200', 'content-length': '4' });
  const answers: ((stream: number) => Buffer[])[] = [
    (stream) => [head(stream), dataFrame(stream, 'ok'), resetFrame(stream, NO_ERROR)],
    (stream) => [head(stream), lastDataFrame(stream, 'ok')],
    (stream) => [head(stream), lastDataFrame(stream, 'ok ok')],
  ];
  const { get } = await framed(t, ({ socket, stream, index }) => {
    const answer = answers[index]?.(stream) ?? [head(stream), lastDataFrame(stream, 'oook')];
    socket.write(Buffer.concat(answer));
  });
  t.match(await get(), {
    errorKind: 'protocol_error',
    message: 'GET /: the answer has 2 body bytes, but its content-length is 4',
    status: 200,
    bytesReceived: 2,
  });
  for (const _ of answers.slice(1))
    t.match(await get(), { ok: false, errorKind: /^(?:protocol_error|stream_reset|connection_closed)$/ });
  t.match(await get(), { ok: true });
});

t.test('an answer that breaks off has failed, also where the server calls that no error', async (t) => {
  const whole = (stream: number) => [headFrame(stream), dataFrame(stream, 'ok'), lastDataFrame(stream, ' ok')];
  const answers: ((stream: number) => Buffer[])[] = [
    (stream) => [headFrame(stream), dataFrame(stream, 'ok'), resetFrame(stream, NO_ERROR)],
    whole,
    // A server that has answered may have no use for the rest of the request (RFC 9113, 8.1).
    (stream) => [...whole(stream), resetFrame(stream, NO_ERROR)],
    (stream) => [headFrame(stream), lastDataFrame(stream, 'ok'), resetFrame(stream, NO_ERROR)],
  ];
  for (const isSplit of [false, true]) {
    const { server, get, post, large } = await framed(t, ({ socket, stream }) => {
      const frames = answers[Math.floor((server.requests.length - 1) / 3)]?.(stream) ?? [];
      if (!isSplit) socket.write(Buffer.concat(frames));
      else for (const [i, frame] of frames.entries()) setTimeout(() => socket.write(frame), 10 * i);
    });
    for (const send of [get, post, large]) {
      t.match(await send(), {
        ok: false,
        errorKind: 'stream_reset',
        message: /: the server reset the stream \(NO_ERROR\)$/,
        status: 200,
        bytesReceived: 2,
      });
    }
    for (const send of [get, post, large, get, post, large, get, post, large]) t.match(await send(), { ok: true });
  }
});

t.test('interim answers are skipped, up to a number that only an attacker sends', async (t) => {
  const early = (stream: number) => headersFrame(stream, { ':status': '103', link: '</a.css>; rel=preload' });
  const { get } = await framed(t, ({ socket, stream, index }) => {
    const many = Array.from({ length: index === 0 ? 100 : 101 }, () => early(stream));
    socket.write(Buffer.concat([...many, okFrames(stream)]));
  });
  t.match(await get(), { ok: true });
  const message = 'GET /: the answer has more than 100 interim ones before it';
  t.match(await get(), { ok: false, errorKind: 'protocol_error', message });
});

t.test('a request that the server has refused to process is sent again, whatever its method', async (t) => {
  const { server, get, post, resent } = await framed(t, ({ socket, stream, connection }) => {
    const isEven = server.requests.filter((request) => request.connection === connection).length > 1;
    socket.write(isEven ? resetFrame(stream, REFUSED_STREAM) : okFrames(stream));
  });
  for (let i = 0; i < 3; i++) {
    t.match(await get(), { ok: true });
    t.match(await post(), { ok: true });
  }
  t.equal(resent(), 5);
  t.equal(server.requests.length, 6 + 5);
});

t.test('a request that is refused twice fails, and was not written', async (t) => {
  const { server, post } = await framed(t, ({ socket, stream }) => socket.write(resetFrame(stream, REFUSED_STREAM)));
  t.match(await post(), { ok: false, errorKind: 'stream_refused', written: false });
  t.equal(server.requests.length, 2);
});

t.test('a server that closes its connections', async (t) => {
  t.test('before it has processed the request: it is sent again', async (t) => {
    for (const code of [NO_ERROR, ENHANCE_YOUR_CALM]) {
      const { post, resent } = await framed(t, ({ socket, stream, index }) => {
        if (index % 2 === 0) socket.write(okFrames(stream));
        else socket.end(goawayFrame(stream - 2, code));
      });
      t.match(await post(), { ok: true });
      t.match(await post(), { ok: true }, `code ${code}`);
      t.equal(resent(), 1);
    }
  });

  t.test('after it has processed the request: its answer counts', async (t) => {
    const { post, connections } = await framed(t, ({ socket, stream }) =>
      socket.end(Buffer.concat([goawayFrame(stream, NO_ERROR), okFrames(stream)])),
    );
    for (let i = 0; i < 3; i++) t.match(await post(), { ok: true });
    t.equal(connections(), 3);
  });

  t.test('with an error, while it may have processed the request', async (t) => {
    const { post } = await framed(t, ({ socket, stream }) => socket.end(goawayFrame(stream, ENHANCE_YOUR_CALM)));
    const message = 'POST /: the server closed the connection (GOAWAY, ENHANCE_YOUR_CALM)';
    for (let i = 0; i < 2; i++)
      t.match(await post(), { ok: false, errorKind: 'connection_closed', message, written: true });
  });

  t.test('without a word: only what may be repeated is sent again', async (t) => {
    const { get, post } = await framed(t, ({ socket, stream, index }) => {
      if (index % 2 === 0) socket.write(okFrames(stream));
      else socket.end();
    });
    t.match(await get(), { ok: true });
    t.match(await get(), { ok: true });
    const message = 'POST /: the server closed the connection before the answer was complete';
    t.match(await post(), { ok: false, errorKind: 'connection_closed', message });
  });
});

t.test('a large answer does not wait for the way of each 64 KiB', async (t) => {
  const { server, get } = await framed(t, ({ socket, stream }) => socket.write(okFrames(stream)));
  for (let i = 0; i < 2; i++) t.match(await get(), { ok: true });
  const window = server.requests[1]?.window ?? 0;
  t.ok(window > 8 << 20, `a server may send ${window} bytes before it hears that they have come`);
});

t.test('a body in frames of one byte is checked', async (t) => {
  const { get } = await framed(t, ({ socket, stream }) => {
    const letters = Array.from({ length: 5000 }, () => dataFrame(stream, '.'));
    socket.write(Buffer.concat([headFrame(stream), ...letters, lastDataFrame(stream, 'ok')]));
  });
  t.match(await get(), { ok: true, bytesReceived: 5002 });
});

t.test('each of several cookies is found', async (t) => {
  const { port } = await startServer(t, createServer());
  const operations = { get: { path: '/get', extract: { first: { cookie: 'a' }, second: { cookie: 'b' } } } };
  const { session, variables } = await connect(t, `http://127.0.0.1:${port}`, { operations });
  t.match(await session.send('get', signal), { ok: true });
  t.strictSame(
    [...variables],
    [
      ['first', '1'],
      ['second', '2'],
    ],
  );
});
