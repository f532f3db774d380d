/** Servers that break the protocol when no command waits for them, against all ways in which connections are made. */
import type { Socket } from 'node:net';
import { createPool } from 'mysql2/promise';
import t from 'tap';
import { guardPool, openConnection } from '../../../core/mysql/open-connection.ts';
import { fakeMysql, OK, type Script } from '../../plugins/fake-mysql.ts';

const STRAY = [[0xff], [0xff, 1], [], [0], [0xff, 1, 2, 0x23]].map((bytes) =>
  Buffer.from([bytes.length, 0, 0, 0, ...bytes]),
);
const login = { host: '127.0.0.1', user: 'u', password: 'p', database: 'd', connectTimeout: 2000 };

for (const [i, packet] of STRAY.entries()) {
  t.test(
    `a stray packet ${i}, in one piece with the answer to the login, ends its connection and nothing else`,
    async (t) => {
      const server = await fakeMysql(t, (_reply, _packet, _number, socket) => {
        socket.write(Buffer.concat([Buffer.from([OK.length, 0, 0, 2]), OK, packet, packet]));
      });
      const connection = await openConnection({ ...login, port: server.port });
      await t.rejects(connection.query('SELECT 1'), Error);
      const pool = createPool({ ...login, port: server.port });
      guardPool(pool);
      await t.rejects(pool.query('SELECT 1'), Error);
      await pool.end();
    },
  );

  t.test(`a stray packet ${i}, while the connection is idle`, async (t) => {
    const idle: Script = (reply, _packet, number, socket) => {
      reply(OK);
      if (number === 2) setTimeout(() => socket.write(packet), 5);
    };
    const server = await fakeMysql(t, idle);
    const connection = await openConnection({ ...login, port: server.port });
    const ended = new Promise((resolve) => connection.once('error', resolve));
    await connection.query('SELECT 1');
    t.type(await ended, Error);
    await t.rejects(connection.query('SELECT 1'), Error);
  });
}

for (const [i, packet] of STRAY.entries()) {
  t.test(`a stray packet ${i} after a refusal ends nothing but its connection, also in a pool`, async (t) => {
    const refusal = Buffer.from('\xff\x10\x04#08004Too many connections', 'latin1');
    const server = await fakeMysql(t, (_reply, _packet, _number, socket) => {
      socket.write(Buffer.concat([Buffer.from([refusal.length, 0, 0, 2]), refusal, packet, packet, packet]));
    });
    await t.rejects(openConnection({ ...login, port: server.port }), /Too many connections/);
    const pool = createPool({ ...login, port: server.port });
    guardPool(pool);
    await t.rejects(pool.query('SELECT 1'), /Too many connections/);
    await pool.end();
  });
}

t.test('a connection that is given up is closed, also where the server keeps its side open', async (t) => {
  const server = await fakeMysql(t, (reply) => reply(OK), undefined, { allowHalfOpen: true });
  const connection = await openConnection({ ...login, port: server.port });
  const { stream } = (connection as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  const closed = new Promise((resolve) => stream.once('close', () => resolve(true)));
  connection.destroy();
  t.ok(await closed);
});
