import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { openHttpClient } from '../../../../plugins/http/connections/client.ts';
import { Http1Connection } from '../../../../plugins/http/connections/http1-connection.ts';
import { type Judge, judgeStatus, requestShape } from '../../../../plugins/http/exchange.ts';
import type { ConnectionSettings, HttpSettings } from '../../../../plugins/http/settings.ts';
import { targetAddress } from '../../../../plugins/net/target-address.ts';
import { CONNECTION_SETTINGS } from '../../../kit/connection-settings.ts';
import { type RecordingContext, recordingContext } from '../../../kit/driver-context.ts';
import { answerOf, type RawConnection, type RawServer, startRawServer } from '../../raw-server.ts';

const LIMITS = { answerMs: 1000, connectMs: 1000 };
const SETTINGS: HttpSettings = { limits: LIMITS, connection: CONNECTION_SETTINGS };
const GET = requestShape('GET', '/', LIMITS);
const POST = requestShape('POST', '/', LIMITS);
const GET_BYTES = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
const POST_BYTES = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi';
/** The client's own first connection, which sends nothing. */
const PROBES = 1;
const judge: Judge = {
  judge: (exchange, _answer, shape) => judgeStatus(exchange, shape),
  wantsDetail: () => false,
  isTraced: false,
};

interface Setting {
  readonly server: RawServer;
  readonly connection: Http1Connection;
  readonly context: RecordingContext;
  readonly signal: AbortSignal;
  get(): ReturnType<Http1Connection['send']>;
  post(): ReturnType<Http1Connection['send']>;
  /** The deadlines' clock goes on by so many milliseconds. */
  pass(ms: number): void;
  /** Resolves when the client has seen that the server closed its connection. */
  closed(): Promise<void>;
}

/** A server that answers as told and a connection to it, whose time stands still but for `pass`. */
async function setUp(
  t: Test,
  answer: (connection: RawConnection, request: string) => void,
  settings: Partial<ConnectionSettings> = {},
): Promise<Setting> {
  const server = await startRawServer((request, connection) => answer(connection, request));
  const context = recordingContext(server.url);
  const connectionSettings = { ...CONNECTION_SETTINGS, ...settings };
  const address = targetAddress(server.url, 'test');
  const client = await openHttpClient(address, { limits: LIMITS, connection: connectionSettings }, context);
  const { deadlines } = client.origin;
  deadlines.stop();
  const connection = new Http1Connection(client.origin, () => client.origin.route(0));
  const { signal } = new AbortController();
  await connection.open(LIMITS, signal);
  t.teardown(async () => {
    connection.close();
    client.close();
    await server.stop();
  });
  return {
    server,
    connection,
    context,
    signal,
    get: () => connection.send(judge, GET, GET_BYTES, 0, signal),
    post: () => connection.send(judge, POST, POST_BYTES, 2, signal),
    pass: (ms) => {
      for (let i = 0; i < ms / deadlines.tickMs; i++) deadlines.advance();
    },
    closed: async () => {
      const { socketEnded } = connection;
      await new Promise<void>((resolve) => {
        connection.socketEnded = (socket) => {
          socketEnded.call(connection, socket);
          resolve();
        };
      });
      connection.socketEnded = socketEnded;
    },
  };
}

const OK = { ok: true, errorKind: '', status: 200 };

t.test('one connection takes all requests', async (t) => {
  const { server, get, post } = await setUp(t, ({ socket }) => socket.write(answerOf('abc')));
  t.match(await get(), { ...OK, bytesSent: 0, bytesReceived: 3 });
  t.match(await post(), { ...OK, bytesSent: 2, bytesReceived: 3 });
  t.match(await get(), OK);
  t.equal(server.connections(), PROBES + 1);
  t.strictSame(server.received(), [`${GET_BYTES}`, POST_BYTES, `${GET_BYTES}`]);
});

t.test('a status of an error is one', async (t) => {
  const { server, get } = await setUp(t, ({ socket }) => socket.write(answerOf('', 503)));
  t.match(await get(), { ok: false, errorKind: 'http_503', message: 'GET /: the server answered 503', status: 503 });
  await get();
  t.equal(server.connections(), PROBES + 1, 'the connection is kept');
});

t.test('the server closes the idle connection: the next request connects again, and is no error', async (t) => {
  const { server, get, post, context, closed } = await setUp(t, ({ socket }) => socket.end(answerOf('')));
  const seen = closed();
  t.match(await get(), OK);
  await seen;
  t.match(await post(), OK);
  t.equal(server.connections(), PROBES + 2);
  t.equal(context.timings.get('http.connect')?.length, PROBES + 2, 'and its connecting is timed apart');
});

t.test('a request that the server lets fall', async (t) => {
  /** Answers the first request of each connection, and closes on the second. */
  const answeringOnce = ({ socket, requests }: RawConnection) =>
    requests === 1 ? socket.write(answerOf('')) : socket.destroy();

  for (const [name, idleMs] of [
    ['on a connection that is busy', 0],
    ['on a connection that lay idle', 100],
  ] as const) {
    t.test(`is sent again and counted, ${name}`, async (t) => {
      const { server, context, get, pass } = await setUp(t, answeringOnce);
      for (let i = 0; i < 10; i++) {
        t.match(await get(), OK);
        pass(idleMs);
      }
      t.equal(server.received().length, 10 + 9, 'every second request of a connection is sent twice');
      t.equal(context.timings.get('http.resent')?.length, 9);
    });
  }

  t.test('is sent again after a reset too', async (t) => {
    const { context, get } = await setUp(t, ({ socket, requests }) =>
      requests === 1 ? socket.write(answerOf('')) : socket.resetAndDestroy(),
    );
    for (let i = 0; i < 4; i++) t.match(await get(), OK);
    t.equal(context.timings.get('http.resent')?.length, 3);
  });

  t.test('is lost when twice is not the same as once', async (t) => {
    const { server, post, pass } = await setUp(t, answeringOnce);
    t.match(await post(), OK);
    pass(100);
    t.match(await post(), { ok: false, errorKind: 'connection_closed' });
    t.equal(server.received().length, 2);
  });

  t.test('is sent again once only', async (t) => {
    const { server, get, pass } = await setUp(t, ({ socket, index, requests }) => {
      if (index === PROBES && requests === 1) socket.write(answerOf(''));
      else socket.destroy();
    });
    t.match(await get(), OK);
    pass(100);
    t.match(await get(), { ok: false, errorKind: 'connection_closed', written: true });
    t.equal(server.received().length, 3);
  });

  t.test('is lost when an answer has begun', async (t) => {
    const { get, pass } = await setUp(t, ({ socket, requests }) => {
      if (requests === 1) socket.write(answerOf(''));
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    });
    t.match(await get(), OK);
    pass(100);
    const message = 'GET /: the answer broke off after 3 of 9 body bytes';
    t.match(await get(), { ok: false, errorKind: 'connection_closed', message });
  });
});

t.test('a reset', async (t) => {
  const { get } = await setUp(t, ({ socket }) => socket.resetAndDestroy());
  t.match(await get(), { ok: false, errorKind: 'connection_reset', message: 'GET /: connection reset' });
});

t.test('an outcome stays as it is when its connection breaks afterwards', async (t) => {
  const { server, connection, get } = await setUp(t, ({ socket }) => socket.write(answerOf('')));
  const { socketFailed } = connection;
  const outcome = await get();
  const failed = new Promise<void>((resolve) => {
    connection.socketFailed = (socket, error) => {
      socketFailed.call(connection, socket, error);
      resolve();
    };
  });
  server.reset();
  await failed;
  connection.socketFailed = socketFailed;
  t.match(outcome, { ...OK, message: '' });
  t.match(await get(), OK);
});

t.test('what was seen of a failure is not told of the request after it', async (t) => {
  const { connection, get, signal } = await setUp(t, ({ socket, requests }) =>
    socket.write(answerOf('', requests === 1 ? 503 : 200)),
  );
  const curious: Judge = { ...judge, wantsDetail: () => true };
  const { detail } = { ...(await connection.send(curious, GET, GET_BYTES, 0, signal)) };
  t.match(detail?.received, /503/);
  t.match(await get(), { ...OK, detail: undefined });
});

// Deno drops what has arrived when a write fails.
const losesEarlyAnswers = 'Deno' in globalThis;

t.test('an answer to a request that is still being sent', { skip: losesEarlyAnswers }, async (t) => {
  const server = await answeringServer();
  t.teardown(() => server.stop());
  const client = await openHttpClient(targetAddress(server.url, 'test'), SETTINGS, recordingContext(server.url));
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
  const { get } = await setUp(t, ({ socket, index }) =>
    socket.write(index === PROBES ? 'SMTP ready\r\n' : answerOf('')),
  );
  const message = 'GET /: the answer does not begin with HTTP/1.1';
  t.match(await get(), { ok: false, errorKind: 'protocol_error', message });
  t.match(await get(), OK);
});

t.test('bytes that nobody asked for end the idle connection', async (t) => {
  const { server, get, connection } = await setUp(t, ({ socket }) => socket.write(answerOf('')));
  const { socketData } = connection;
  t.match(await get(), OK);
  const told = new Promise<void>((resolve) => {
    connection.socketData = (socket, length) => {
      socketData.call(connection, socket, length);
      resolve();
    };
  });
  server.broadcast('HTTP/1.1 408 Request Timeout\r\n\r\n');
  await told;
  connection.socketData = socketData;
  t.match(await get(), OK);
  t.equal(server.connections(), PROBES + 2);
});

t.test('connection: close is heeded, and the server closes first', async (t) => {
  const firsts: string[] = [];
  const { server, get } = await setUp(t, ({ socket }) => {
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
  const { server, get, context } = await setUp(t, ({ socket }) => socket.write(answerOf('')), settings);
  for (let i = 0; i < 3; i++) t.match(await get(), OK);
  t.equal(server.connections(), PROBES + 3);
  t.equal(context.timings.get('http.connect')?.length, PROBES + 3);
});

t.test('a server that never closes a finished connection does not keep it', async (t) => {
  const settings = { connections: 'per-request' } as const;
  const { server, get, pass } = await setUp(t, ({ socket }) => socket.write(answerOf('')), settings);
  const gone = server.nextClose();
  t.match(await get(), OK);
  pass(1200);
  await gone;
});

t.test('no answer in time', async (t) => {
  const { get, pass, server } = await setUp(t, ({ socket, index }) => {
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
  const { get, pass, server } = await setUp(t, ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Le'));
  const sent = get();
  await server.nextRequest();
  pass(1200);
  t.match(await sent, { ok: false, errorKind: 'timeout' });
});

t.test('a server that is gone', async (t) => {
  const { server, get, closed } = await setUp(t, ({ socket }) => socket.end(answerOf('')));
  const seen = closed();
  t.match(await get(), OK);
  await seen;
  await server.stop();
  t.match(await get(), { ok: false, errorKind: 'connection_refused', message: 'GET /: connection refused' });
});

t.test('an answer before the request is read', async (t) => {
  const server = await startRawServer(
    () => {},
    ({ socket, index }) => {
      socket.pause();
      if (index > 0) socket.write(answerOf('', 413));
    },
  );
  const context = recordingContext(server.url);
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
  const { get, pass, context } = await setUp(t, ({ socket }) => socket.write(answerOf('')));
  for (let i = 0; i < 3; i++) {
    pass(100);
    await get();
  }
  t.equal(context.timings.get('http.ttfb')?.length, 3, 'each one, after a pause');
  for (let i = 0; i < 80; i++) await get();
  t.equal(context.timings.get('http.ttfb')?.length, 3 + 10, 'one in eight without');
  for (const durations of context.timings.values()) t.ok(durations.every((us) => us >= 0));
});

t.test('requests that overlap', async (t) => {
  t.test('are sent one after the other, and each has its own outcome', async (t) => {
    const asked: RawConnection[] = [];
    const { server, get, post } = await setUp(t, (connection) => asked.push(connection));
    const sent = [get(), post(), get()];
    for (const [index, status] of [404, 200, 503].entries()) {
      while (asked.length <= index) await server.nextRequest();
      t.equal(server.received().length, index + 1, 'none goes before the one ahead is answered');
      asked[index]?.socket.write(answerOf('', status));
    }
    t.match(await Promise.all(sent), [
      { errorKind: 'http_404', status: 404 },
      { ...OK, bytesSent: 2 },
      { errorKind: 'http_503', status: 503 },
    ]);
    t.equal(server.connections(), PROBES + 1);
  });

  t.test('go on, on a new connection, after one that fails', async (t) => {
    const { server, get, post } = await setUp(t, ({ socket, index }) =>
      index === PROBES ? socket.destroy() : socket.write(answerOf('')),
    );
    const [first, second] = [post(), get()];
    t.match(await first, { ok: false, errorKind: 'connection_closed' });
    t.match(await second, OK);
    t.equal(server.connections(), PROBES + 2);
  });

  t.test('wait for a connection that opens ahead of them', async (t) => {
    const { server, connection, get, signal } = await setUp(t, ({ socket }) => socket.end(answerOf('')));
    const closed = server.nextClose();
    await get();
    await closed;
    const opened = connection.open(LIMITS, signal);
    const [first, second] = [get(), get()];
    await opened;
    t.match(await first, OK);
    t.match(await second, OK);
  });

  t.test('end together when the connection is closed, and none can be sent after that', async (t) => {
    const { server, connection, get } = await setUp(t, () => {});
    const sent = [get(), get()];
    await server.nextRequest();
    connection.close();
    const closed = { ok: false, errorKind: 'aborted', message: 'GET /: the session was closed' };
    t.match(await Promise.all(sent), [closed, closed]);
    t.match(await get(), closed);
    t.equal(server.connections(), PROBES + 1);
  });

  t.test('can be cut off while they wait', async (t) => {
    const { server, connection, get } = await setUp(t, () => {});
    const cut = new AbortController();
    const other: Judge = { ...judge };
    const first = get();
    const aborted = connection.send(judge, GET, GET_BYTES, 0, cut.signal);
    const left = connection.send(other, GET, GET_BYTES, 0, new AbortController().signal);
    await server.nextRequest();
    cut.abort();
    t.match(await aborted, { errorKind: 'aborted', message: 'GET /: the run has cut it off' });
    connection.abandon(other);
    t.match(await left, { errorKind: 'aborted', message: 'GET /: the session was closed' });
    t.match(await connection.send(judge, GET, GET_BYTES, 0, cut.signal), { errorKind: 'aborted' });
    connection.abandon(judge);
    t.match(await first, { errorKind: 'aborted' });
    t.equal(server.received().length, 1);
  });
});
