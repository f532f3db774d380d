import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { openHttpClient } from '../../../../plugins/http/connections/client.ts';
import { Http1Connection } from '../../../../plugins/http/connections/http1-connection.ts';
import type { Judge } from '../../../../plugins/http/exchange.ts';
import type { HttpSettings } from '../../../../plugins/http/settings.ts';
import { targetAddress } from '../../../../plugins/net/target-address.ts';
import { fakeContext } from '../../../../testing/fake-context.ts';
import { CONNECTION_SETTINGS } from '../../../kit/connection-settings.ts';
import { answerOf, startRawServer } from '../../raw-server.ts';
import { GET, GET_BYTES, http1Stage, judge, LIMITS, OK, POST, POST_BYTES, PROBES } from './http1-stage.ts';

const SETTINGS: HttpSettings = { limits: LIMITS, connection: CONNECTION_SETTINGS };

t.test('one connection takes all requests', async (t) => {
  const { server, get, post } = await http1Stage(t, ({ socket }) => socket.write(answerOf('abc')));
  t.match(await get(), { ...OK, bytesSent: 0, bytesReceived: 3 });
  t.match(await post(), { ...OK, bytesSent: 2, bytesReceived: 3 });
  t.match(await get(), OK);
  t.equal(server.connections(), PROBES + 1);
  t.strictSame(server.received(), [`${GET_BYTES}`, POST_BYTES, `${GET_BYTES}`]);
});

t.test('a status of an error is one', async (t) => {
  const { server, get } = await http1Stage(t, ({ socket }) => socket.write(answerOf('', 503)));
  t.match(await get(), { ok: false, errorKind: 'http_503', message: 'GET /: the server answered 503', status: 503 });
  await get();
  t.equal(server.connections(), PROBES + 1, 'the connection is kept');
});

t.test('what was seen of a failure is not told of the request after it', async (t) => {
  const { connection, get, signal } = await http1Stage(t, ({ socket, requests }) =>
    socket.write(answerOf('', requests === 1 ? 503 : 200)),
  );
  const curious: Judge = { ...judge, wantsDetail: () => true };
  const { detail } = { ...(await connection.send(curious, GET, GET_BYTES, 0, signal)) };
  t.match(detail?.received, /503/);
  t.match(await get(), { ...OK, detail: undefined });
});

t.test('an answer to a request that is still being sent', async (t) => {
  const server = await answeringServer();
  t.teardown(() => server.stop());
  const client = await openHttpClient(targetAddress(server.url, 'test'), SETTINGS, fakeContext({ target: server.url }));
  const connection = new Http1Connection(client.origin, () => client.origin.route(0));
  t.teardown(() => {
    connection.close();
    client.close();
  });
  const body = Buffer.alloc(8_000_000, 'x');
  const request = Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
  const { signal } = new AbortController();
  for (let i = 0; i < 40; i++) {
    t.match(await connection.send(judge, POST, request, body.length, signal), { errorKind: 'http_413', status: 413 });
  }
});

/** A process that answers 413 as soon as a request begins, and resets the connection. */
async function answeringServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const script = `
    const answer = 'HTTP/1.1 413 Content Too Large\\r\\nContent-Length: 3\\r\\n\\r\\nbig';
    const server = require('node:net').createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.pause() && socket.write(answer, () => socket.resetAndDestroy()));
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn('node', ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

t.test('garbage, and the connection after it', async (t) => {
  const { get } = await http1Stage(t, ({ socket, index }) =>
    socket.write(index === PROBES ? 'SMTP ready\r\n' : answerOf('')),
  );
  const message = 'GET /: the answer does not begin with HTTP/1.1';
  t.match(await get(), { ok: false, errorKind: 'protocol_error', message });
  t.match(await get(), OK);
});

t.test('connection: close is heeded, and the server closes first', async (t) => {
  const firsts: string[] = [];
  const { server, get } = await http1Stage(t, ({ socket }) => {
    socket.write(answerOf('', 200, 'Connection: close\r\n'));
    socket.once('end', () => firsts.push('client'));
    setImmediate(() => {
      firsts.push('server');
      socket.end();
    });
  });
  t.match(await get(), OK);
  t.match(await get(), OK);
  t.equal(server.connections(), PROBES + 2);
  t.equal(firsts[0], 'server');
});

t.test('a new connection for each request', async (t) => {
  const settings = { connections: 'per-request' } as const;
  const { server, get, context } = await http1Stage(t, ({ socket }) => socket.write(answerOf('')), settings);
  for (let i = 0; i < 3; i++) t.match(await get(), OK);
  t.equal(server.connections(), PROBES + 3);
  t.equal(context.timings.get('http.connect')?.length, PROBES + 3);
});

t.test('a server that never closes a finished connection does not keep it', async (t) => {
  const settings = { connections: 'per-request' } as const;
  const { server, get, pass } = await http1Stage(t, ({ socket }) => socket.write(answerOf('')), settings);
  const gone = server.nextClose();
  t.match(await get(), OK);
  pass(1200);
  await gone;
});

t.test('no answer in time', async (t) => {
  const { get, pass, server } = await http1Stage(t, ({ socket, index }) => {
    if (index > PROBES) socket.write(answerOf(''));
  });
  const sent = get();
  await server.nextRequest();
  pass(900);
  let settled = false;
  void sent.then(() => {
    settled = true;
  });
  await null;
  t.equal(settled, false, 'not before its time');
  pass(300);
  t.match(await sent, { ok: false, errorKind: 'timeout', message: 'GET /: no complete answer within 1000 ms' });
  t.match(await get(), OK, 'the one after it has a new connection');
});

t.test('half an answer in time', async (t) => {
  const { get, pass, server } = await http1Stage(t, ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Le'));
  const sent = get();
  await server.nextRequest();
  pass(1200);
  t.match(await sent, { ok: false, errorKind: 'timeout' });
});

t.test('an answer before the request is read', async (t) => {
  const server = await startRawServer(
    () => {},
    ({ socket, index }) => {
      socket.pause();
      if (index > 0) socket.write(answerOf('', 413));
    },
  );
  const context = fakeContext({ target: server.url });
  const client = await openHttpClient(targetAddress(server.url, 'test'), SETTINGS, context);
  const connection = new Http1Connection(client.origin, () => client.origin.route(0));
  t.teardown(async () => {
    connection.close();
    client.close();
    await server.stop();
  });
  const { signal } = new AbortController();
  const body = 'x'.repeat(20_000_000);
  const request = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (let i = 0; i < 2; i++) {
    t.match(await connection.send(judge, POST, request, body.length, signal), { ok: false, errorKind: 'http_413' });
  }
  t.equal(server.connections(), PROBES + 2, 'what is left of the request spoils that connection only');
});

t.test('the first byte and the connecting are timed', async (t) => {
  const { get, pass, context } = await http1Stage(t, ({ socket }) => socket.write(answerOf('')));
  for (let i = 0; i < 3; i++) {
    pass(100);
    await get();
  }
  t.equal(context.timings.get('http.ttfb')?.length, 3, 'each one, after a pause');
  for (let i = 0; i < 80; i++) await get();
  t.equal(context.timings.get('http.ttfb')?.length, 3 + 10, 'one in eight without');
  for (const durations of context.timings.values()) t.ok(durations.every((us) => us >= 0));
});
