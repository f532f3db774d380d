// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
import { once } from 'node:events';
import process from 'node:process';
import { createConnection } from 'mysql2';
import t from 'tap';
import { addressOf } from '../../plugins/mysql/address.ts';
import { connectionOptions } from '../../plugins/mysql/connect.ts';
import { PreparedWrite } from '../../plugins/mysql/prepared-write.ts';
import type { SqlValue } from '../../plugins/mysql/statement.ts';
import { matchEach } from '../kit/match-each.ts';
import { testDatabase } from '../kit/programs/mariadb.ts';
import fc from '../kit/property.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const database = await testDatabase(t);
const { admin } = database;
process.env.TEST_MYSQL_URL = database.url;
const url = '${env:TEST_MYSQL_URL}';
const never = new AbortController().signal;

const COLUMNS = 9;
const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  // Around the lengths that are written in one byte, and in three.
  fc.integer({ min: 245, max: 260 }).map((length) => 'é'.repeat(length / 2)),
  fc.integer({ min: 245, max: 70_000 }).map((length) => 'x'.repeat(length)),
  fc.boolean(),
  fc.constant(Buffer.from([0, 39, 92])),
);

t.test('a prepared write brings the values that it was given, whatever they are', async (t) => {
  const columns = Array.from({ length: COLUMNS }, (_, i) => `v${i}`);
  await admin.query(
    `CREATE TABLE given (id INT PRIMARY KEY, ${columns.map((name) => `${name} LONGTEXT`).join(', ')}) CHARSET=utf8mb4;
     CREATE TABLE plain LIKE given`,
  );
  const connection = createConnection(
    connectionOptions(addressOf({ url: database.url, name: 'url', baseDirectory: '.' }), 5000),
  );
  t.teardown(() => connection.end());
  await once(connection, 'connect');
  const prepare = (table: string) => {
    const sql = `INSERT INTO ${table} VALUES (?${', ?'.repeat(COLUMNS)})`;
    return new Promise<Parameters<typeof PreparedWrite.of>[2]>((resolve, reject) => {
      connection.prepare(sql, (error, info) => (error ? reject(error) : resolve(info)));
    });
  };
  const [given, plain] = [await prepare('given'), await prepare('plain')];
  const write = PreparedWrite.of(connection, 'INSERT', given);
  if (write === undefined) throw new Error('it is a write');
  let id = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: COLUMNS, maxLength: COLUMNS }), async (values) => {
      const row = [++id, ...values];
      await new Promise<void>((resolve, reject) => {
        const done = (error: unknown) => (error ? reject(error) : resolve());
        const others = values.some((one) => typeof one === 'boolean' || Buffer.isBuffer(one));
        const isSent = write.run(row, done);
        if (!isSent && (others || values.some((one) => typeof one === 'string' && one.length > 60_000))) {
          given.execute(row, done);
        } else if (!isSent) reject(new Error('it is not sent'));
      });
      await new Promise<void>((resolve, reject) => {
        plain.execute(row, (error) => (error ? reject(error) : resolve()));
      });
    }),
    { numRuns: 60 },
  );
  const same = columns.map((name) => `given.${name} <=> plain.${name}`).join(' AND ');
  const [[count]] = (await admin.query(
    `SELECT count(*) AS total, sum(${same}) AS same FROM given JOIN plain USING (id)`,
  )) as unknown as [[{ total: number; same: string }]];
  t.equal(count.total, id);
  t.equal(Number(count.same), id, "as mysql2's own command brings them");
});

t.test('what answers with rows is left to mysql2', async (t) => {
  await admin.query('CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END');
  const stage = await mysqlStage(
    {
      url,
      operations: {
        call: { sql: 'CALL two()' },
        returning: {
          sql: 'INSERT INTO ${table} (device_id, test_data) VALUES (?, ?) RETURNING id',
          parameters: ['a', 1],
        },
      },
    },
    'rows',
  );
  await stage.prepare();
  const driver = await stage.open();
  const user = await connectUser(driver);
  for (const operation of ['call', 'returning', 'call', 'insert', 'returning']) {
    t.match(await user.send(operation, never), { ok: true }, operation);
  }
  await user.close();
  await driver.close();
  await stage.cleanup();
});

t.test('two users that lock the same rows in opposite order: one of them meets a deadlock, and goes on', async (t) => {
  await admin.query(
    'CREATE TABLE locked (id INT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO locked VALUES (1, 0), (2, 0)',
  );
  const lock = (id: number) => ({ sql: 'UPDATE locked SET n = n + 1 WHERE id = ?', parameters: [id] });
  // It lets the other one take its first row.
  const pause = { sql: 'DO SLEEP(0.3)' };
  const stage = await mysqlStage(
    {
      url,
      operations: {
        upwards: { transaction: [lock(1), pause, lock(2)] },
        downwards: { transaction: [lock(2), pause, lock(1)] },
      },
    },
    'deadlock',
  );
  await stage.prepare();
  const driver = await stage.open();
  const [up, down] = [await connectUser(driver, 0), await connectUser(driver, 1)];
  const outcomes = await Promise.all([
    Promise.resolve(up.send('upwards', never)),
    Promise.resolve(down.send('downwards', never)),
  ]);
  const failed = outcomes.filter(({ ok }) => !ok);
  matchEach(t, failed, [{ errorKind: 'deadlock', status: 1213, message: /^1213: Deadlock found/ }]);
  t.equal(failed.length, 1, 'the other one is through');
  matchEach(t, (await admin.query('SELECT n FROM locked'))[0], [{ n: 1 }, { n: 1 }], 'half a transaction is not there');
  t.match(await up.send('upwards', never), { ok: true });
  t.match(await down.send('downwards', never), { ok: true });
  for (const user of [up, down]) await user.close();
  await driver.close();
  await stage.cleanup();
});
