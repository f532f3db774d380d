// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import t from 'tap';
import { matchEach } from '../kit/match-each.ts';
import { testDatabase } from '../kit/programs/mariadb.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const database = await testDatabase(t);
const { admin } = database;
process.env.TEST_MYSQL_URL = database.url;
const url = '${env:TEST_MYSQL_URL}';
const never = new AbortController().signal;

async function tables(): Promise<string[]> {
  const [rows] = await admin.query('SHOW TABLES');
  return (rows as Record<string, string>[]).map((row) => Object.values(row)[0] as string);
}

for (const protocol of ['prepared', 'text'] as const) {
  for (const connections of ['per-user', { pool: 2 }] as const) {
    t.test(`inserts and selects: ${protocol}, connections ${JSON.stringify(connections)}`, async (t) => {
      const stage = await mysqlStage({ url, protocol, connections, rows: 1500 }, `ab-${protocol}`);
      await stage.prepare();
      t.matchOnly(stage.told, [/is made$/, /^1500 of 1500 rows loaded/]);
      const driver = await stage.open();
      const users = await Promise.all([0, 1, 2, 3].map((index) => connectUser(driver, index)));
      for (const operation of ['insert', 'select-device', 'select-range', 'insert']) {
        const outcomes = await Promise.all(users.map((user) => user.send(operation, never)));
        for (const outcome of outcomes) {
          t.match(outcome, { ok: true, errorKind: '', bytesSent: Number, bytesReceived: Number });
          t.ok(outcome.bytesSent > 0 && outcome.bytesReceived > 0);
        }
      }
      for (const user of users) await user.close();
      await driver.close();
      t.match(await stage.verify(), { source: 'database', acknowledged: 8, stored: 8, lost: 0, extra: 0, keys: 4 });
      t.ok((stage.timings.get('mysql.connect') ?? []).length >= 2, 'connecting is timed apart');
      await stage.cleanup();
      await stage.cleanup();
      t.strictSame(await tables(), [], 'nothing is left');
    });
  }
}

t.test("SQL of one's own, with typed parameters, data files and transactions", async (t) => {
  const folder = t.testdir();
  writeFileSync(`${folder}/devices.csv`, 'id,name\n7,"Zoë, 1"\n8,plain\n');
  const columns = 'SET n = ?, t = ?, d = ?, b = ?, w = ?, x = ?';
  const stage = await mysqlStage(
    {
      url,
      data: { devices: { file: 'devices.csv', order: 'user' } },
      operations: {
        typed: {
          sql: `INSERT INTO typed ${columns}`,
          parameters: [
            { value: '${devices.id}', type: 'integer' },
            '${devices.name} ${vu}',
            { value: '12.340', type: 'decimal' },
            { value: 'true', type: 'boolean' },
            { value: '2026-01-31 12:00:00', type: 'datetime' },
            { value: '00ff', type: 'binary' },
          ],
        },
        both: {
          transaction: [
            {
              sql: 'INSERT INTO ${table} (device_id, test_data) VALUES (?, ?)',
              parameters: ['${runId}', '${random(1, 1)}'],
            },
            { sql: 'UPDATE typed SET n = n + 1 WHERE n = ?', parameters: [7] },
          ],
        },
        fails: {
          transaction: [{ sql: 'UPDATE typed SET n = 99' }, { sql: 'INSERT INTO unlucky VALUES (?)', parameters: [1] }],
        },
      },
    },
    'own',
    folder,
  );
  await admin.query(`CREATE TABLE typed (n INT, t TEXT, d DECIMAL(9,3), b TINYINT, w DATETIME, x BLOB);
    CREATE TABLE unlucky (n INT UNIQUE)`);
  await stage.prepare();
  t.strictSame((await admin.query('SELECT * FROM typed'))[0], [], 'the trial is taken back');
  await admin.query('INSERT INTO unlucky VALUES (1)');
  const driver = await stage.open();
  const user = await connectUser(driver);
  t.match(await user.send('typed', never), { ok: true });
  matchEach(
    t,
    (await admin.query("SELECT n, t, d, b, DATE_FORMAT(w, '%Y-%m-%d %T') AS w, HEX(x) AS x FROM typed"))[0],
    [{ n: 7, t: 'Zoë, 1 1', d: '12.340', b: 1, w: '2026-01-31 12:00:00', x: '00FF' }],
  );
  t.match(await user.send('both', never), { ok: true });
  t.match(await user.send('fails', never), { ok: false, errorKind: 'duplicate_key', status: 1062, detail: undefined });
  const watched = await connectUser(driver, 1, ['duplicate_key']);
  const { detail } = await watched.send('fails', never);
  t.match(detail?.sent, /INSERT INTO/i, 'the statements');
  t.match(detail?.received, /^ERROR \(23000\) 1062: Duplicate entry/);
  await watched.close();
  matchEach(t, (await admin.query('SELECT n FROM typed'))[0], [{ n: 8 }], 'the failed transaction is rolled back');
  await user.close();
  await driver.close();
  await stage.cleanup();
  await admin.query('DROP TABLE typed, unlucky');
});

t.test('slips are told before the load', async (t) => {
  const refusal = async (options: Record<string, unknown>) => {
    try {
      const stage = await mysqlStage({ url, ...options }, 'slip');
      await stage.prepare();
      return 'it was prepared';
    } catch (error) {
      await (await mysqlStage({ url }, 'slip')).cleanup();
      return (error as Error).message;
    }
  };
  const own = (sql: string, parameters: unknown[] = []) => ({ operations: { mine: { sql, parameters } } });
  t.match(await refusal(own('SELEC 1')), /^operation mine: the server answered 1064: /);
  t.match(await refusal(own('SELECT * FROM nowhere')), /^operation mine: the server answered 1146: /);
  t.match(
    await refusal(own('SELECT ?, ?', [1])),
    /^operation mine: the SQL has 2 \?, and there are 1 parameters: SELECT/,
  );
  t.match(await refusal(own('SELECT ${vu}')), /values do not go into the SQL, but into parameters/);
  t.match(
    await refusal(own('SELECT ?', [{ value: 'x', type: 'integer' }])),
    /parameters\[0\]: "x" is not a whole number/,
  );
  t.match(await refusal(own('SELECT ?', ['${rnd(1)}'])), /unknown placeholder \$\{rnd\(1\)\}/);
  t.match(await refusal({ url: 'mysql://u:secret@127.0.0.1/x' }), /^(?!.*secret).*options\.url: contains a password/s);
  t.match(await refusal({ url: '${env:NO_SUCH_VARIABLE}' }), /\$\{env:NO_SUCH_VARIABLE\} has no value/);
  t.match(await refusal({ url: 'postgres://u@127.0.0.1/x' }), /must begin with mysql:\/\//);
  process.env.TEST_WRONG = `mysql://${database.user}:wrong-secret@${database.host}/${database.name}`;
  t.match(
    await refusal({ url: '${env:TEST_WRONG}' }),
    /^(?!.*wrong-secret).*rejects the login of \S+_any: check the user and the pass/,
  );
  process.env.TEST_WRONG = database.adminUrl.replace(/\w+$/, 'nowhere');
  t.match(await refusal({ url: '${env:TEST_WRONG}' }), /has no database nowhere: create it/);
  process.env.TEST_WRONG = 'mysql://bench:x@nowhere.invalid/bench';
  t.match(
    await refusal({ url: '${env:TEST_WRONG}' }),
    /nowhere\.invalid:3306 cannot be used: (the host name does not exist|the name server does not answer)\. Start it/,
  );
  process.env.TEST_WRONG = 'mysql://bench:x@127.0.0.1:1/bench';
  t.match(await refusal({ url: '${env:TEST_WRONG}' }), /127\.0\.0\.1:1 cannot be used: connection refused\. Start it/);
  t.strictSame(await tables(), []);
});

t.test('rights that are missing are told before the load', async (t) => {
  const reader = await database.addUser('reader', 'r', 'SELECT');
  process.env.TEST_READER = `mysql://${reader}:r@${database.host}/${database.name}`;
  const stage = await mysqlStage({ url: '${env:TEST_READER}' }, 'rights');
  await t.rejects(stage.prepare(), /_reader lacks a right \(1142: CREATE .*\): GRANT SELECT, INSERT, CREATE, DROP/);
  await admin.query(`GRANT CREATE, INSERT, INDEX ON ${database.name}.* TO ${reader}`);
  await t.rejects(
    stage.prepare(),
    /bench_rights could be made but not dropped, and is still there, empty: .*GRANT DROP/,
  );
  await admin.query('DROP TABLE bench_rights');
});

t.test('a table that the run has not made is not touched, unless it is named; and never dropped', async (t) => {
  await admin.query(
    'CREATE TABLE bench_theirs (device_id VARCHAR(50), test_data DOUBLE); INSERT INTO bench_theirs VALUES (1, 1)',
  );
  const stranger = await mysqlStage({ url }, 'theirs');
  await t.rejects(
    stranger.prepare(),
    /bench_theirs already exists and was not made by this run, so it is left alone: name it/,
  );
  await stranger.cleanup();
  t.strictSame(await tables(), ['bench_theirs']);
  const named = await mysqlStage({ url, table: 'bench_theirs' }, 'named');
  await t.rejects(named.prepare(), /operation select-device: .*1054/, 'its columns are looked at too');
  await named.cleanup();
  t.strictSame(await tables(), ['bench_theirs']);
  await admin.query('DROP TABLE bench_theirs');
});

t.test('failures have kinds: deadlock, lock wait, time-out, cut off, gone', async (t) => {
  const stage = await mysqlStage(
    {
      url,
      timeout: '2s',
      operations: {
        wait: { transaction: [{ sql: 'SET SESSION innodb_lock_wait_timeout = 0' }, { sql: 'UPDATE held SET n = 2' }] },
        sleep: { sql: 'SELECT SLEEP(?)', parameters: [{ value: '${iteration}', type: 'integer' }] },
      },
    },
    'kinds',
  );
  await admin.query('CREATE TABLE held (n INT) ENGINE=InnoDB; INSERT INTO held VALUES (1)');
  await stage.prepare();
  const driver = await stage.open();
  const user = await connectUser(driver);
  await admin.query('BEGIN; UPDATE held SET n = 3');
  t.match(await user.send('wait', never), { ok: false, errorKind: 'lock_wait_timeout', status: 1205 });
  await admin.query('ROLLBACK; LOCK TABLES bench_kinds WRITE');
  t.match(await user.send('insert', never), { ok: false, errorKind: 'timeout' });
  const cut = new AbortController();
  const waiting = user.send('insert', cut.signal);
  cut.abort();
  t.match(await waiting, { ok: false, errorKind: 'aborted' });
  t.match(stage.writes.get('kinds-device-00001'), { acknowledged: 0 });
  await admin.query('UNLOCK TABLES');
  t.match(await user.send('insert', never), { ok: true }, 'on a new connection');
  t.match(stage.writes.get('kinds-device-00001'), { acknowledged: 1 });
  const [[{ id }]] = (await admin.query(
    'SELECT id FROM information_schema.processlist WHERE user = ? ORDER BY id DESC LIMIT 1',
    [database.user],
  )) as unknown as [[{ id: number }]];
  const slept = user.send('sleep', never);
  await admin.query(`KILL ${id}`);
  t.match(await slept, { ok: false, errorKind: /^(killed|gone_away|timeout)$/ });
  t.match(await user.send('insert', never), { ok: true });
  t.match(await stage.verify(), { acknowledged: 2, lost: 0, extra: 0 });
  await user.close();
  await driver.close();
  await stage.cleanup();
  await admin.query('DROP TABLE held');
});

t.test('a driver that only reads leaves the table to the one that writes into it', async (t) => {
  const writer = await mysqlStage({ url, table: 'shared' }, 'shared');
  const reader = await mysqlStage({ url, table: 'shared', connections: { pool: 1 } }, 'shared');
  await writer.prepare();
  await reader.prepare();
  for (const [stage, operation] of [
    [writer, 'insert'],
    [reader, 'select-device'],
  ] as const) {
    const driver = await stage.open();
    const user = await connectUser(driver);
    t.match(await user.send(operation, never), { ok: true });
    await user.close();
    await driver.close();
  }
  t.match(await writer.verify(), { acknowledged: 1, stored: 1, lost: 0, extra: 0 });
  await writer.cleanup();
  await reader.cleanup();
  t.strictSame(await tables(), [], 'nothing is left');
});
