/** Servers that break the protocol when no command waits for them, against all ways in which connections are made. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { createPool } from 'mysql2/promise';
import t from 'tap';
import { guardConnection, guardPool, openConnection } from '../../../core/mysql/open-connection.ts';
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

t.test('parts of packets on many connections have a limit together, and go with their connections', (t) => {
  const connect = () => {
    const stream = Object.assign(new EventEmitter(), {
      error: undefined as Error | undefined,
      destroy(error: Error) {
        stream.error = error;
        stream.emit('close');
      },
    });
    const parser = { bufferLength: 0, largePacketParts: [], execute: (_chunk: Buffer) => {} };
    const connection = { stream, packetParser: parser, handlePacket() {}, close() {}, on() {}, authorized: true };
    guardConnection(connection);
    return { stream, parser, receive: () => connection.packetParser.execute(Buffer.alloc(1)) };
  };
  const fill = () =>
    Array.from({ length: 33 }, () => {
      const one = connect();
      one.parser.bufferLength = 16 << 20;
      one.receive();
      return one;
    });
  const errorsOf = (connections: ReturnType<typeof fill>) => connections.map(({ stream }) => stream.error?.message);
  const sentence = 'rows that have come in part have more than 512 MiB, on all connections together';
  const first = fill();
  t.same(errorsOf(first), [...Array.from({ length: 32 }, () => undefined), sentence]);
  for (const { stream } of first) stream.emit('close');
  t.same(errorsOf(fill()).filter(Boolean), [sentence], 'what the others held is free again');
  t.end();
});

t.test('mysql2 keeps the code of five hundred forms of rows, and no more', (t) => {
  const { getParser } = createRequire(import.meta.url)('../../../node_modules/mysql2/lib/parsers/parser_cache.js');
  let compiled = 0;
  const ask = (form: number) =>
    getParser('text', [{ columnType: 3, characterSet: 63, decimals: 0, flags: 0, name: `c${form}` }], {}, {}, () => {
      compiled++;
      return class {};
    });
  for (let form = 0; form < 500; form++) ask(form);
  ask(499);
  t.equal(compiled, 500);
  ask(500);
  ask(0);
  t.equal(compiled, 502, 'the oldest one was forgotten');
  t.end();
});
