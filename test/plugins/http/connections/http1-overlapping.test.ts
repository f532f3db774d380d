/** Requests to one connection before the one ahead is answered. */
import t from 'tap';
import type { Judge } from '../../../../plugins/http/exchange.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { answerOf, type RawConnection } from '../../raw-server.ts';
import { GET, GET_BYTES, http1Stage, judge, LIMITS, OK, PROBES } from './http1-stage.ts';

t.test('requests that overlap', async (t) => {
  t.test('are sent one after the other, and each has its own outcome', async (t) => {
    const asked: RawConnection[] = [];
    const { server, get, post } = await http1Stage(t, (connection) => asked.push(connection));
    const sent = [get(), post(), get()];
    for (const [index, status] of [404, 200, 503].entries()) {
      while (asked.length <= index) await server.nextRequest();
      t.equal(server.received().length, index + 1, 'none goes before the one ahead is answered');
      asked[index]?.socket.write(answerOf('', status));
    }
    matchEach(t, await Promise.all(sent), [
      { errorKind: 'http_404', status: 404 },
      { ...OK, bytesSent: 2 },
      { errorKind: 'http_503', status: 503 },
    ]);
    t.equal(server.connections(), PROBES + 1);
  });

  t.test('go on, on a new connection, after one that fails', async (t) => {
    const { server, get, post } = await http1Stage(t, ({ socket, index }) =>
      index === PROBES ? socket.destroy() : socket.write(answerOf('')),
    );
    const [first, second] = [post(), get()];
    t.match(await first, { ok: false, errorKind: 'connection_closed' });
    t.match(await second, OK);
    t.equal(server.connections(), PROBES + 2);
  });

  t.test('wait for a connection that opens ahead of them', async (t) => {
    const { server, connection, get, signal } = await http1Stage(t, ({ socket }) => socket.end(answerOf('')));
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
    const { server, connection, get } = await http1Stage(t, () => {});
    const sent = [get(), get()];
    await server.nextRequest();
    connection.close();
    const closed = { ok: false, errorKind: 'aborted', message: 'GET /: the session was closed' };
    matchEach(t, await Promise.all(sent), [closed, closed]);
    t.match(await get(), closed);
    t.equal(server.connections(), PROBES + 1);
  });

  t.test('go before one that is sent by whoever is told of an outcome', async (t) => {
    const { server, connection, signal } = await http1Stage(t, ({ socket }) => socket.write(answerOf('')));
    const ended: string[] = [];
    await new Promise<void>((resolve) => {
      const start = (name: string, then: () => void) =>
        connection.start(judge, GET, GET_BYTES, 0, signal, ({ ok }) => {
          ended.push(`${name} ${ok}`);
          then();
        });
      start('first', () => start('third', resolve));
      start('second', () => {});
    });
    t.strictSame(ended, ['first true', 'second true', 'third true']);
    t.equal(server.received().length, 3);
  });

  t.test('can be cut off while they wait', async (t) => {
    const { server, connection, get } = await http1Stage(t, () => {});
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

t.test('an answer that cannot be examined ends its request, and the connection goes on', async (t) => {
  const { connection, server, signal, get } = await http1Stage(t, ({ socket }) => socket.write(answerOf('')));
  const broken: Judge = {
    ...judge,
    judge: () => {
      throw new RangeError('Maximum call stack size exceeded.');
    },
  };
  t.match(await connection.send(broken, GET, GET_BYTES, 0, signal), {
    ok: false,
    errorKind: 'driver_threw',
    message: 'GET /: the answer could not be examined: Maximum call stack size exceeded.',
  });
  t.match(await get(), OK);
  t.equal(server.connections(), PROBES + 1);
});
