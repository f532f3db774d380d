/** Servers that break the protocol when no command waits for them, against all ways in which connections are made. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { createPool } from 'mysql2/promise';
import t from 'tap';
import {
  ANSWER_LIMITS,
  type AnswerLimits,
  guardConnection,
  guardPool,
  openConnection,
} from '../../../core/mysql/open-connection.ts';
import { EOF, fakeMysql, OK, type Script } from '../../plugins/fake-mysql.ts';

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

t.test('whatever ends a statement, who waits for it is told, and no file is sent', async (t) => {
  const column = Buffer.from('\x03def\0\x01t\x01t\x01a\x01a\x0c\x21\0\x0a\0\0\0\xfd\0\0\0\0\0', 'latin1');
  const prepared = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const wantsFile = [Buffer.from('\xfb/etc/\npasswd', 'latin1')];
  const file = /^the server asks for the file "\/etc\/ passwd" of this host \(LOAD DATA LOCAL\), and bench sends none$/;
  const cases: [kind: 'query' | 'execute', answer: Buffer[], said: RegExp][] = [
    ['query', wantsFile, file],
    ['execute', wantsFile, file],
    ['query', [Buffer.from([1]), column, OK], /^Expected EOF packet$/],
    ['execute', [Buffer.from([1]), column, OK], /^Expected EOF packet$/],
  ];
  for (const [kind, answer, message] of cases) {
    const server = await fakeMysql(t, (reply, packet) => {
      if (packet[0] === 0x16) reply(prepared);
      else if (packet[0] === 0x03 || packet[0] === 0x17) for (const payload of answer) reply(payload);
      else reply(OK);
    });
    const connection = await openConnection({ ...login, port: server.port });
    await t.rejects(
      kind === 'query' ? connection.query('SELECT 1') : connection.execute('SELECT 1'),
      { message },
      kind,
    );
    t.notMatch(server.received().toString('latin1'), /root/);
    connection.destroy();
  }
});

t.test('result sets and descriptions of a prepared statement without end are not kept', async (t) => {
  const more = Buffer.from([0, 0, 0, 8, 0, 0, 0]);
  const preparing = Buffer.from([0, 1, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0]);
  const cases: [answer: Buffer[], limits: Partial<AnswerLimits>, said: RegExp][] = [
    [Array.from({ length: 11 }, () => more), { values: 640 }, /^the answer has more than 10 results$/],
    [[preparing, EOF], {}, /^the answer has more than 4096 columns$/],
  ];
  for (const [answer, limits, message] of cases) {
    const server = await fakeMysql(t, (reply, _packet, number) => {
      for (const payload of number === 1 ? [OK] : answer) reply(payload);
    });
    const connection = await openConnection({ ...login, port: server.port }, { ...ANSWER_LIMITS, ...limits });
    const asked = answer[0] === preparing ? connection.execute('SELECT 1') : connection.query('SELECT 1');
    await t.rejects(asked, { message });
    connection.destroy();
  }
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
