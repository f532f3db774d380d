// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
/** Servers that would fill the memory, hold up the event loop, or end the process of whoever asks them. */
import type { Socket } from 'node:net';
import process from 'node:process';
import t from 'tap';
import { RunStore } from '../../core/control/store/run-store.ts';
import { guardPool } from '../../core/mysql/open-connection.ts';
import { addressOf } from '../../plugins/mysql/address.ts';
import { connectionOptions, withConnection } from '../../plugins/mysql/connect.ts';
import { MysqlConnection } from '../../plugins/mysql/connection.ts';
import { plainStatement } from '../../plugins/mysql/statement.ts';
import mysqlMonitor from '../../plugins/mysql-monitor.ts';
import { startTarget } from '../../target/index.ts';
import { DEFAULT_MYSQL_SETTINGS } from '../../target/mysql/settings.ts';
import fc from '../kit/property.ts';
import { anyPacket, EOF, fakeMysql, headerOf, OK, type Script, switchTo } from './fake-mysql.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const never = new AbortController().signal;

async function stageOn(port: number, options: Record<string, unknown> = {}) {
  process.env.TEST_URL = `mysql://u:p@127.0.0.1:${port}/bench`;
  return mysqlStage({ url: '${env:TEST_URL}', ...options }, 'hostile');
}

/** How an answer with so many columns begins, all described alike. */
function columns(count: number): Buffer[] {
  const header = count < 251 ? Buffer.from([count]) : Buffer.from([0xfc, count & 0xff, count >> 8]);
  const column = Buffer.from('\x03def\0\x01t\x01t\x01a\x01a\x0c\x21\0\x0a\0\0\0\xfd\0\0\0\0\0', 'latin1');
  return [header, ...Array.from({ length: count }, () => column), EOF];
}

/** Answers what comes as this packet of a client with these rows, again and again. */
function endlessRows(count: number, row: Buffer, from = 3): Script {
  return (reply, _packet, number, socket) => {
    if (number < from) return reply(OK);
    const head = columns(count);
    for (const packet of head) reply(packet);
    // As many as there are numbers of packets, so that all pieces are alike.
    const piece = Buffer.concat(
      Array.from({ length: 4096 }, (_, i) => Buffer.concat([headerOf(row, (head.length + 1 + i) & 0xff), row])),
    );
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  };
}

t.test('rows without end, in few bytes: a step, a monitor and an operation end, with a sentence', async (t) => {
  const cases: [count: number, row: Buffer, message: RegExp][] = [
    [1, Buffer.from([0xfb]), /the answer has more than 2,000,000 rows$/],
    [1000, Buffer.alloc(1000, 0xfb), /the answer has more than 4,000 rows of 1000 columns$/],
    [4097, Buffer.from([0xfb]), /the answer has more than 4096 columns$/],
  ];
  for (const [count, row, message] of cases) {
    const server = await fakeMysql(t, endlessRows(count, row));
    const url = `mysql://u:p@127.0.0.1:${server.port}/bench`;
    const address = addressOf({ url, name: 'url', baseDirectory: '.' });
    const options = { patienceMs: 0, connectTimeoutMs: 5000, silenceMs: 5000, doing: 'it cannot be done' };
    await t.rejects(
      withConnection(address, options, never, (connection) => connection.query('SELECT 1')),
      { name: 'PluginError', message },
    );
    const watched = await fakeMysql(t, endlessRows(count, row, 2));
    const watchedUrl = `mysql://u:p@127.0.0.1:${watched.port}/bench`;
    const monitor = await mysqlMonitor.open({ url: watchedUrl }, { target: '', baseDirectory: '.' });
    await t.rejects(Promise.resolve(monitor.sample(never)), { message });
    await monitor.close();
    const stage = await stageOn(server.port, { timeout: '60s', protocol: 'text' });
    const driver = await stage.open();
    const user = await connectUser(driver);
    t.match(await user.send('insert', never), { ok: false, errorKind: 'answer_too_large', message });
    await user.close();
    await driver.close();
  }
});

t.test('the load keeps no rows, however many an answer has', async (t) => {
  const server = await fakeMysql(t, (reply, _packet, number) => {
    if (number < 3) return reply(OK);
    for (const packet of [...columns(1), ...Array.from({ length: 1000 }, () => Buffer.from([1, 0x61])), EOF])
      reply(packet);
  });
  const address = addressOf({ url: `mysql://u:p@127.0.0.1:${server.port}/bench`, name: 'url', baseDirectory: '.' });
  const options = connectionOptions(address, 5000);
  const timing = { recordUs: () => {} };
  const connection = new MysqlConnection({ options, protocol: 'text', nowUs: () => 0, connectTiming: timing });
  t.equal(await connection.open(), undefined);
  const [error, rows] = await new Promise<[unknown, unknown]>((resolve) => {
    connection.run(plainStatement('SELECT 1'), [], (...outcome) => resolve([outcome[0], outcome[1]]));
  });
  t.equal(error, null);
  t.notOk(Array.isArray(rows), 'no list of rows');
  connection.close();
});

t.test('a login without end costs some packets', async (t) => {
  let asked = 0;
  const server = await fakeMysql(t, (reply, _packet, number) => {
    if (number > 1) return;
    for (let i = 0; i < 1000; i++) reply(switchTo('client_ed25519'));
  });
  const counting = await fakeMysql(t, (reply) => {
    asked += 1;
    reply(switchTo('client_ed25519'));
  });
  const said = /cannot be used: it does not come to the end of the login/;
  await t.rejects((await stageOn(server.port)).prepare(), said);
  await t.rejects((await stageOn(counting.port)).prepare(), said);
  t.ok(asked <= 65, `${asked} answers`);
  const url = `mysql://u:p@127.0.0.1:${server.port}/bench`;
  await t.rejects(RunStore.open(url), said);
});

t.test('whatever a server answers, a store, a target and a monitor end with a sentence', async (t) => {
  const asked = fc.asyncProperty(
    fc.array(anyPacket(), { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 0, max: 3 }),
    async (packets, from) => {
      const answer = (socket: Socket) => {
        for (const { payload, lengthBy, sequence } of packets) {
          socket.write(Buffer.from([Math.max(0, payload.length + lengthBy), 0, 0, sequence, ...payload]));
        }
        setTimeout(() => socket.destroy(), 10);
      };
      const server = await fakeMysql(t, (reply, _packet, number, socket) => {
        if (number < from) reply(OK);
        else answer(socket);
      });
      const url = `mysql://u:p@127.0.0.1:${server.port}/bench`;
      const monitor = await mysqlMonitor.open({ url }, { target: '', baseDirectory: '.' });
      const mysql = { ...DEFAULT_MYSQL_SETTINGS, guard: guardPool };
      const said = await Promise.all(
        [
          RunStore.open(url),
          startTarget({ host: '127.0.0.1', port: 0, db: url, mysql }),
          Promise.resolve(monitor.sample(never)),
        ].map((ending: Promise<unknown>) => ending.then(String, (error: Error) => error.message)),
      );
      await monitor.close();
      for (const message of said) t.notMatch(message, /is not a function|Cannot read|should not reach|not iterable/i);
    },
  );
  const said: unknown[] = [];
  const { warn, trace, error } = console;
  console.warn = console.trace = console.error = (...words) => said.push(words);
  t.teardown(() => Object.assign(console, { warn, trace, error }));
  await fc.assert(asked, { numRuns: 40 });
  t.strictSame(said, [], 'and mysql2 says nothing on the console');
});
