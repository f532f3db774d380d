// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
/** Servers that freeze, talk nonsense, or refuse to write. */
import { createServer } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { RunStore } from '../../core/control/store/run-store.ts';
import { addressOf } from '../../plugins/mysql/address.ts';
import { connectionOptions, withConnection } from '../../plugins/mysql/connect.ts';
import { MysqlConnection } from '../../plugins/mysql/connection.ts';
import mysqlMonitor from '../../plugins/mysql-monitor.ts';
import { descriptorBudget } from '../../plugins/net/descriptor-budget.ts';
import { startTarget } from '../../target/index.ts';
import { connectTo, privateMariadb } from '../kit/programs/mariadb.ts';
import fc from '../kit/property.ts';
import { anyPacket, EOF, fakeMysql, headerOf, OK, type Script } from './fake-mysql.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const never = new AbortController().signal;

async function stageOn(port: number, { connectTimeout = '20s', ...options }: Record<string, unknown> = {}) {
  process.env.TEST_URL = `mysql://u:p@127.0.0.1:${port}/bench?connectTimeout=${connectTimeout}`;
  return mysqlStage({ url: '${env:TEST_URL}', ...options }, 'broken');
}

/** Lets every client in, answers its first statements, and then nothing. */
function frozenAfter(statements: number): Script {
  return (reply, packet, number) => {
    if (packet[0] === 0x01 && packet.length === 1) return;
    if (number <= 1 + statements) reply(OK);
  };
}

t.test('a server that freezes after the login', async (t) => {
  const frozen = await fakeMysql(t, frozenAfter(0));
  const stage = await stageOn(frozen.port, { connectTimeout: '300ms' });
  await t.rejects(stage.prepare(), { message: /did not answer within the connect time limit/ });
  await t.rejects(stage.open(), { message: /did not answer within the connect time limit/ });
  const url = `mysql://u:p@127.0.0.1:${frozen.port}/bench`;
  await Promise.all([
    t.rejects(RunStore.open(url), { message: /cannot be opened: the database gave no answer within 5 s$/ }),
    t.rejects(startTarget({ host: '127.0.0.1', port: 0, db: url }), {
      message: /cannot be used: the database gave no answer within 15 s\.$/,
    }),
  ]);
});

t.test(
  'a connection takes one of the descriptors that are left, and gives it back, whatever becomes of it',
  async (t) => {
    const server = await fakeMysql(t, (reply) => reply(OK));
    const refusing = await fakeMysql(t, (_reply, _packet, _number, socket) => socket.destroy());
    const connectionTo = (port: number) => {
      const address = addressOf({ url: `mysql://u:p@127.0.0.1:${port}/bench`, name: 'url', baseDirectory: '.' });
      const options = connectionOptions(address, 5000);
      return new MysqlConnection({ options, protocol: 'text', nowUs: () => 0, connectTiming: { recordUs: () => {} } });
    };
    const budget = descriptorBudget();
    let held = 0;
    t.intercept(budget, 'take', { value: () => held < 1 && ++held > 0 });
    t.intercept(budget, 'giveBack', { value: () => held-- });
    const connection = connectionTo(server.port);
    t.equal(await connection.open(), undefined);
    t.equal(held, 1);
    t.match(await connectionTo(server.port).open(), { kind: 'too_many_open_files', mayPass: true });
    connection.destroy();
    connection.close();
    t.equal(held, 0);
    t.match(await connectionTo(refusing.port).open(), { kind: /gone_away|connection_reset/ });
    t.equal(held, 0, 'a login that failed');
    const closing = connectionTo(server.port);
    const opening = closing.open();
    closing.close();
    await opening;
    t.equal(held, 0, 'closed while it was opened');
  },
);

t.test('a server that freezes later: a step that is stopped leaves no connection open', async (t) => {
  let isClosed = false;
  const frozen = await fakeMysql(t, (reply, packet, number, socket) => {
    socket.once('close', () => {
      isClosed = true;
    });
    frozenAfter(1)(reply, packet, number, socket);
  });
  const url = `mysql://u:p@127.0.0.1:${frozen.port}/bench`;
  const address = addressOf({ url, name: 'url', baseDirectory: '.' });
  const stop = new AbortController();
  const options = { patienceMs: 60_000, connectTimeoutMs: 20_000, silenceMs: 60_000, doing: 'it cannot be done' };
  let isAsked = false;
  void withConnection(address, options, stop.signal, async (connection) => {
    isAsked = true;
    await connection.query('SELECT 1');
  }).catch(() => {});
  while (!isAsked) await sleep(5);
  stop.abort();
  while (!isClosed) await sleep(5);
  t.pass('it is closed');
});

t.test('a server that freezes in a step: the step ends with a sentence', async (t) => {
  const frozen = await fakeMysql(t, frozenAfter(1));
  const url = `mysql://u:p@127.0.0.1:${frozen.port}/bench`;
  const address = addressOf({ url, name: 'url', baseDirectory: '.' });
  const options = { patienceMs: 60_000, connectTimeoutMs: 5000, silenceMs: 200, doing: 'it cannot be done' };
  await t.rejects(
    withConnection(address, options, never, (connection) => connection.query('SELECT 1')),
    {
      name: 'PluginError',
      message: `it cannot be done: the MySQL server at 127.0.0.1:${frozen.port} cannot be used: the server has not answered for 0.2 s: it is frozen or overloaded, or waits for a lock that another connection holds (SHOW PROCESSLIST tells)`,
    },
  );
});

t.test(
  'a server that freezes during the load: operations end at their time limit, in both ways to connect',
  async (t) => {
    for (const connections of ['per-user', { pool: 2 }] as const) {
      const frozen = await fakeMysql(t, frozenAfter(1));
      const stage = await stageOn(frozen.port, { connections, timeout: '300ms' });
      const driver = await stage.open();
      const users = await Promise.all([0, 1, 2].map((index) => connectUser(driver, index)));
      const outcomes = await Promise.all(users.map((user) => user.send('insert', never)));
      t.ok(
        outcomes.every(({ ok, errorKind }) => !ok && errorKind === 'timeout'),
        JSON.stringify(outcomes),
      );
      for (const user of users) await user.close();
      await driver.close();
    }
  },
);

t.test('a monitor whose samples are given up has one connection under way, however slow the server is', async (t) => {
  let connections = 0;
  const slow = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  t.teardown(() => slow.close());
  const { port } = slow.address() as { port: number };
  const url = `mysql://u:p@127.0.0.1:${port}/bench?connectTimeout=400ms`;
  const monitor = await mysqlMonitor.open({ url }, { target: '', baseDirectory: '.' });
  const samples = [1, 2, 3].map(() => {
    const giveUp = new AbortController();
    const sample = Promise.resolve(monitor.sample(giveUp.signal));
    giveUp.abort();
    return sample.then(
      () => 'sampled',
      (error: Error) => error.message,
    );
  });
  for (const message of await Promise.all(samples)) t.match(message, /cannot be sampled: .* did not answer within/);
  t.equal(connections, 1);
  await monitor.close();
});

t.test('what does not speak the protocol is called so', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3 and a line that is long enough to be a packet of its own\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const stage = await stageOn((server.address() as { port: number }).port);
  await t.rejects(
    stage.prepare(),
    /the server closed the connection|does not speak the MySQL protocol: check host and port$/,
  );
  const nonsense = await fakeMysql(t, (reply) => reply(Buffer.from([9, 9, 9])));
  await t.rejects((await stageOn(nonsense.port)).prepare(), /does not speak the MySQL protocol: check host and port$/);
  const url = `mysql://u:p@127.0.0.1:${nonsense.port}/bench`;
  await t.rejects(RunStore.open(url), /does not speak the MySQL protocol: check host and port in --store$/);
  await t.rejects(startTarget({ host: '127.0.0.1', port: 0, db: url }), {
    message: /does not speak the MySQL protocol: check host and port in --db\.$/,
  });
});

t.test('whatever a server answers, an operation ends, with a failure in our words', async (t) => {
  const packet = anyPacket();
  const answer = fc.array(packet, { minLength: 1, maxLength: 3 });
  let script: Script = () => {};
  const server = await fakeMysql(t, (...packet) => script(...packet));
  const said: unknown[] = [];
  const { warn, trace, error } = console;
  console.warn = console.trace = console.error = (...words) => said.push(words);
  t.teardown(() => Object.assign(console, { warn, trace, error }));
  await fc.assert(
    fc.asyncProperty(
      answer,
      fc.integer({ min: 1, max: 4 }),
      fc.array(packet, { maxLength: 2 }),
      async (packets, from, stray) => {
        script = (reply, _packet, number, socket) => {
          if (number < from) reply(OK);
          else for (const { payload } of packets) reply(Buffer.from(payload));
          for (const { payload, lengthBy, sequence } of stray) {
            const length = Math.max(0, payload.length + lengthBy);
            socket.write(Buffer.from([length, 0, 0, sequence, ...payload]));
          }
        };
        const stage = await stageOn(server.port, { timeout: '300ms', connectTimeout: '300ms' });
        const message = await stage.open().then(
          async (driver) => {
            const user = await connectUser(driver);
            const outcome = await user.send('insert', never);
            await user.close();
            await driver.close();
            return outcome.message;
          },
          (thrown: Error) => thrown.message,
        );
        t.notMatch(message, /undefined|Cannot read|ERR_|should not reach|Encoding/i);
      },
    ),
    { numRuns: 60 },
  );
  t.strictSame(said, [], 'and mysql2 says nothing on the console');
});

t.test('packets out of order are no answer, unless the server tells an error by itself', async (t) => {
  const said: unknown[] = [];
  t.intercept(console, 'error', { value: (...words: unknown[]) => said.push(words) });
  const timedOut = Buffer.concat([Buffer.from([0xff, 0xbf, 0x0f]), Buffer.from('#HY000The client was disconnected')]);
  for (const [payload, errorKind] of [
    [OK, 'protocol_error'],
    [timedOut, 'er_client_interaction_timeout'],
  ] as const) {
    const server = await fakeMysql(t, (reply, _packet, number, socket) => {
      if (number < 3) reply(OK);
      else socket.write(Buffer.concat([headerOf(payload, 7), payload]));
    });
    const stage = await stageOn(server.port, { timeout: '60s', protocol: 'text' });
    const driver = await stage.open();
    const user = await connectUser(driver);
    t.match(await user.send('insert', never), { ok: false, errorKind });
    await user.close();
    await driver.close();
  }
  t.strictSame(said, []);
});

t.test('an answer without end: the operation fails before it takes much memory', async (t) => {
  const row = Buffer.alloc(1 << 20, 0x61);
  // A text of 1 MiB, as the value of a row; and parts of a packet without end.
  row.set([0xfd, 0xfc, 0xff, 0x0f]);
  for (const payload of [row, Buffer.alloc((1 << 24) - 1)]) {
    const server = await fakeMysql(t, (reply, _packet, number, socket) => {
      if (number < 3) return reply(OK);
      let sequence = 3;
      const more = () => {
        while (!socket.destroyed) {
          socket.write(headerOf(payload, ++sequence));
          if (!socket.write(payload)) return;
        }
      };
      socket.on('drain', more);
      reply(Buffer.from([1]));
      // In utf8mb4: mysql2 makes a text in utf8mb3 of one character after the other.
      reply(Buffer.from('\x03def\0\x01t\x01t\x01a\x01a\x0c\x2d\0\x0a\0\0\0\xfd\0\0\0\0\0', 'latin1'));
      reply(EOF);
      more();
    });
    const stage = await stageOn(server.port, { timeout: '60s', protocol: 'text' });
    const driver = await stage.open();
    const user = await connectUser(driver);
    t.match(await user.send('insert', never), {
      ok: false,
      errorKind: 'answer_too_large',
      message: 'the answer has more than 64 MiB',
    });
    await user.close();
    await driver.close();
  }
});

t.test('an answer that breaks off in the middle of its columns ends the operation at once', async (t) => {
  const server = await fakeMysql(t, (reply, _packet, number) => {
    reply(number < 3 ? OK : Buffer.from([1]));
    if (number < 3) return;
    reply(Buffer.from('\x03def\0\x01t\x01t\x01a\x01a\x0c\x21\0\x0a\0\0\0\xfd\0\0\0\0\0', 'latin1'));
    reply(OK);
  });
  const stage = await stageOn(server.port, { timeout: '60s', protocol: 'text' });
  const driver = await stage.open();
  const user = await connectUser(driver);
  t.match(await user.send('insert', never), { ok: false, errorKind: 'protocol_error' });
  await user.close();
  await driver.close();
});

t.test('a server that is read-only', async (t) => {
  const server = await privateMariadb(t);
  const admin = await connectTo(t, server.adminUrl);
  process.env.TEST_URL = server.url;
  const stage = await mysqlStage({ url: '${env:TEST_URL}' }, 'readonly');
  await stage.prepare();
  const driver = await stage.open();
  const user = await connectUser(driver);
  t.match(await user.send('insert', never), { ok: true });
  const target = await startTarget({ host: '127.0.0.1', port: 0, db: server.url });
  t.teardown(() => target.stop());
  const upload = () =>
    fetch(`${target.url}/api/test/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"device_id": "a", "test_data": 1}',
    });
  t.equal((await upload()).status, 200);
  await admin.query('SET GLOBAL read_only = ON');
  t.match(await user.send('insert', never), { ok: false, errorKind: 'read_only', status: 1290 });
  const refused = await upload();
  t.equal(refused.status, 503);
  t.match(await refused.json(), { msg: /^The database cannot be used now: the database answered: .*--read-only/ });
  const other = await mysqlStage({ url: '${env:TEST_URL}' }, 'other');
  await t.rejects(other.prepare(), /answered 1290: .*read-only/);
  await admin.query('SET GLOBAL read_only = OFF');
  t.match(await user.send('insert', never), { ok: true });
  t.equal((await upload()).status, 200);
  t.match(await stage.verify(), { acknowledged: 2, stored: 2, lost: 0, extra: 0 });
  await user.close();
  await driver.close();
  await stage.cleanup();
});
