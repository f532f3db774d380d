/** Servers that nobody would want to meet at the address of a plan. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { guard } from '../../../plugins/postgres/client.ts';

const PASSWORD = 'a-password-of-the-plan';

/** A message of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
const CLEARTEXT_WANTED = message('R', Buffer.from([0, 0, 0, 3]));
const LOGGED_IN = Buffer.concat([message('R', Buffer.from([0, 0, 0, 0])), message('Z', Buffer.from('I'))]);

/** @param answer to the first message of a connection @returns all that came, and a guarded client that has not connected yet */
async function stage(t: Test, answer: (socket: Socket) => void, socketFile?: string) {
  let received = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
    });
  });
  server.listen(
    socketFile === undefined ? { port: 0, host: '127.0.0.1' } : { path: join(socketFile, '.s.PGSQL.5432') },
  );
  await once(server, 'listening');
  const place =
    socketFile === undefined
      ? { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
      : { host: socketFile, port: 5432 };
  const client = new pg.Client({ user: 'bench', database: 'x', password: PASSWORD, ...place });
  client.on('error', () => {});
  guard(client);
  t.teardown(() => {
    server.close();
    return client.end().catch(() => {});
  });
  return { client, received: () => received };
}

t.test('no password goes out in clear text where others can read it', async (t) => {
  const { client, received } = await stage(t, (socket) => socket.write(CLEARTEXT_WANTED));
  await t.rejects(client.connect(), {
    name: 'PluginError',
    message: /^the server asks for the password in clear text/,
  });
  t.match(received(), /bench/, 'the name of the user came');
  t.notMatch(received(), PASSWORD);
});

t.test('over a socket file it does', async (t) => {
  // The path of a socket has at most 107 characters.
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { client, received } = await stage(
    t,
    (socket) => {
      socket.write(CLEARTEXT_WANTED);
      socket.once('data', () => socket.write(LOGGED_IN));
    },
    folder,
  );
  await client.connect();
  t.match(received(), PASSWORD);
});

t.test('an answer without end is not kept in memory', async (t) => {
  const endless = (socket: Socket) => {
    const head = Buffer.alloc(5);
    head.write('E', 'latin1');
    head.writeUInt32BE(0x7fffffff, 1);
    socket.write(head);
    const piece = Buffer.alloc(1 << 20, 'x');
    const more = () => {
      while (socket.writable && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  };
  const tooLong = { name: 'PluginError', message: 'the server answered with more than 64 MiB' };
  const atOnce = await stage(t, endless);
  await t.rejects(atOnce.client.connect(), tooLong);
  const later = await stage(t, (socket) => {
    socket.write(LOGGED_IN);
    socket.once('data', () => endless(socket));
  });
  await later.client.connect();
  await t.rejects(later.client.query('SELECT 1'), tooLong);
});

/** A client that is logged in, and a server that answers its first statement with these messages. */
async function answered(t: Test, ...answer: Buffer[]) {
  const staged = await stage(t, (socket) => {
    socket.write(LOGGED_IN);
    socket.once('data', () => socket.write(Buffer.concat(answer)));
  });
  await staged.client.connect();
  return staged.client;
}

/** The description of an answer with so many columns (RowDescription). */
function columns(count: number): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(count);
  const named = (i: number) => Buffer.concat([Buffer.from(`c${i}\0`), Buffer.alloc(18)]);
  return message('T', Buffer.concat([head, ...Array.from({ length: count }, (_, i) => named(i))]));
}

t.test('rows without end are not kept, however few bytes they take', async (t) => {
  const row = message('D', Buffer.from([0, 0]));
  const rows = Buffer.concat(Array.from({ length: 2_000_001 }, () => row));
  const client = await answered(t, columns(1), rows);
  await t.rejects(client.query('SELECT 1'), {
    name: 'PluginError',
    message: 'the server answered with more than 2000000 rows',
  });
  const wide = await answered(t, columns(1000), Buffer.concat(Array.from({ length: 4001 }, () => row)));
  await t.rejects(wide.query('SELECT 1'), { message: 'the server answered with more than 4000 rows' });
  const wider = await answered(t, columns(2000), row);
  await t.rejects(wider.query('SELECT 1'), { message: 'the server answered with more than 1664 columns' });
});

t.test('the password is proved once', async (t) => {
  let nonce = '';
  const saslWanted = message('R', Buffer.concat([Buffer.from([0, 0, 0, 10]), Buffer.from('SCRAM-SHA-256\0\0')]));
  const { client } = await stage(t, (socket) => {
    socket.once('data', (bytes: Buffer) => {
      nonce = /r=([^\0]+)/.exec(bytes.toString('latin1'))?.[1] ?? '';
      const body = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from(`r=${nonce}x,s=c2FsdA==,i=100000`)]);
      socket.write(Buffer.concat(Array.from({ length: 100 }, () => message('R', body))));
    });
    socket.write(saslWanted);
  });
  await t.rejects(client.connect(), {
    name: 'PluginError',
    message: 'the server asks for the proof of the password more than once',
  });
});
