/** What becomes of requests whose connection the server closes or resets. */
import t from 'tap';
import { answerOf, type RawConnection } from '../../raw-server.ts';
import { http1Stage, OK, PROBES } from './http1-stage.ts';

t.test('a request that the server lets fall', async (t) => {
  /** Answers the first request of each connection, and closes on the second. */
  const answeringOnce = ({ socket, requests }: RawConnection) =>
    requests === 1 ? socket.write(answerOf('')) : socket.destroy();

  for (const [name, idleMs] of [
    ['on a connection that is busy', 0],
    ['on a connection that lay idle', 100],
  ] as const) {
    t.test(`is sent again and counted, ${name}`, async (t) => {
      const { server, context, get, pass } = await http1Stage(t, answeringOnce);
      for (let i = 0; i < 10; i++) {
        t.match(await get(), OK);
        pass(idleMs);
      }
      t.equal(server.received().length, 10 + 9, 'every second request of a connection is sent twice');
      t.equal(context.timings.get('http.resent')?.length, 9);
    });
  }

  t.test('is sent again after a reset too', async (t) => {
    const { context, get } = await http1Stage(t, ({ socket, requests }) =>
      requests === 1 ? socket.write(answerOf('')) : socket.resetAndDestroy(),
    );
    for (let i = 0; i < 4; i++) t.match(await get(), OK);
    t.equal(context.timings.get('http.resent')?.length, 3);
  });

  t.test('is lost when twice is not the same as once', async (t) => {
    const { server, post, pass } = await http1Stage(t, answeringOnce);
    t.match(await post(), OK);
    pass(100);
    t.match(await post(), { ok: false, errorKind: 'connection_closed' });
    t.equal(server.received().length, 2);
  });

  t.test('is sent again once only', async (t) => {
    const { server, get, pass } = await http1Stage(t, ({ socket, index, requests }) => {
      if (index === PROBES && requests === 1) socket.write(answerOf(''));
      else socket.destroy();
    });
    t.match(await get(), OK);
    pass(100);
    t.match(await get(), { ok: false, errorKind: 'connection_closed', written: true });
    t.equal(server.received().length, 3);
  });

  t.test('is lost when an answer has begun', async (t) => {
    const { get, pass } = await http1Stage(t, ({ socket, requests }) => {
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
  const { get } = await http1Stage(t, ({ socket }) => socket.resetAndDestroy());
  t.match(await get(), { ok: false, errorKind: 'connection_reset', message: 'GET /: connection reset' });
});

t.test('an outcome stays as it is when its connection breaks afterwards', async (t) => {
  const { server, connection, get } = await http1Stage(t, ({ socket }) => socket.write(answerOf('')));
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

t.test('the server closes the idle connection: the next request connects again, and is no error', async (t) => {
  const { server, get, post, context, closed } = await http1Stage(t, ({ socket }) => socket.end(answerOf('')));
  const seen = closed();
  t.match(await get(), OK);
  await seen;
  t.match(await post(), OK);
  t.equal(server.connections(), PROBES + 2);
  t.equal(context.timings.get('http.connect')?.length, PROBES + 2, 'and its connecting is timed apart');
});

t.test('bytes that nobody asked for end the idle connection', async (t) => {
  const { server, get, connection } = await http1Stage(t, ({ socket }) => socket.write(answerOf('')));
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

t.test('a server that is gone', async (t) => {
  const { server, get, closed } = await http1Stage(t, ({ socket }) => socket.end(answerOf('')));
  const seen = closed();
  t.match(await get(), OK);
  await seen;
  await server.stop();
  t.match(await get(), { ok: false, errorKind: 'connection_refused', message: 'GET /: connection refused' });
});
