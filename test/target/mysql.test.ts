import t from 'tap';
import { dropTarget, startTarget } from '../../target/index.ts';
import { matchEach } from '../kit/match-each.ts';
import { privateMariadb, testDatabase } from '../kit/programs/mariadb.ts';
import { get, metricsPage, started, upload, uploadCount } from './fixtures/started.ts';

t.setTimeout(400_000);

const database = await testDatabase(t);
const { admin, host, name } = database;
const at = (account: string) => `mysql://${account}@${host}/${name}`;

async function refusal(db: string): Promise<string> {
  try {
    const target = await startTarget({ host: '127.0.0.1', port: 0, db });
    await target.stop();
    return 'it started';
  } catch (error) {
    return (error as Error).message;
  }
}

t.test('an upload is committed before it is answered, and counted per device, exactly', async (t) => {
  const { url, database: description } = await started(t, database.url);
  t.equal(description, `MySQL ${database.user}@${host}/${name}`);
  for (const [index, deviceId] of ['dev_1', 'dev_1', 'DEV_1', 'dev%', 'gerät|1', '😀'].entries()) {
    t.match(await upload(url, deviceId, index + 0.25), { status: 200, body: { code: 200, msg: 'ok' } });
    const [rows] = await admin.query('SELECT device_id, test_data FROM test_upload ORDER BY id DESC LIMIT 1');
    matchEach(t, rows, [{ device_id: deviceId, test_data: index + 0.25 }]);
  }
  const count = (prefix: string) => uploadCount(url, prefix);
  t.strictSame(await count('dev_'), { total: 2, devices: { dev_1: 2 } });
  t.strictSame(await count('dev%'), { total: 1, devices: { 'dev%': 1 } });
  t.strictSame(await count('gerät|'), { total: 1, devices: { 'gerät|1': 1 } });
  const answers = await Promise.all(Array.from({ length: 600 }, (_, i) => upload(url, `many_${i % 7}`, i)));
  t.ok(answers.every(({ status }) => status === 200));
  t.match(await count('many_'), { total: 600 });
  t.match(await metricsPage(url), /database="mariadb \d[\s\S]*bench_target_queue_depth /);
  const [[table]] = (await admin.query("SHOW TABLE STATUS LIKE 'test_upload'")) as unknown as [[{ Engine: string }]];
  t.equal(table.Engine, 'InnoDB');
});

t.test('a table that is there is used when it fits, and left alone when it does not', async (t) => {
  await dropTarget(database.url);
  await admin.query(`CREATE TABLE test_upload (id INT AUTO_INCREMENT PRIMARY KEY, device_id VARCHAR(50) NOT NULL,
    test_data FLOAT NOT NULL, upload_time DATETIME DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB CHARSET=utf8mb4`);
  const { url } = await started(t, database.url);
  t.equal((await upload(url, 'documented')).status, 200);
  await admin.query('ALTER TABLE test_upload MODIFY device_id VARCHAR(50) COLLATE utf8mb4_general_ci NOT NULL');
  for (const device of ['folded', 'FOLDED', 'folded ']) t.equal((await upload(url, device)).status, 200);
  t.strictSame(
    await uploadCount(url, 'folded'),
    { total: 2, devices: { folded: 1, 'folded ': 1 } },
    'its collation does not join device ids',
  );
  await dropTarget(database.url);
  t.strictSame((await admin.query('SHOW TABLES'))[0], [], 'nothing is left, not even of the migrations');
  await admin.query('CREATE TABLE test_upload (id INT PRIMARY KEY, name TEXT)');
  t.match(
    await refusal(database.url),
    /^The table test_upload in .* is not that of the upload test \(column device_id is missing\)/,
  );
  await t.rejects(dropTarget(database.url), /is not that of the upload test/);
  await admin.query('DROP TABLE test_upload');
});

t.test('a server, database, user or right that is missing is said in a sentence', async (t) => {
  const password = 'p@ss:w/o?r#d%';
  const user = await database.addUser('weak', password, 'SELECT');
  const weak = at(`${user}:${encodeURIComponent(password)}`);
  t.match(
    await refusal(weak),
    /^The user \S+_weak lacks a right on the MySQL database bench_test_\w+ \(CREATE .*GRANT SELECT, INSERT/,
  );
  const { url } = await started(t, database.url);
  t.equal((await get(`${url}/health`)).status, 200);
  await t.rejects(dropTarget(weak), /^The user \S+_weak lacks a right .*\(DROP .*GRANT SELECT, INSERT, CREATE, DROP/);
  t.match(await refusal(at(`${user}:no`)), /rejects the login of \S+_weak: check the user and the password/);
  t.match(
    await refusal(database.adminUrl.replace(/\w+$/, 'nowhere')),
    /has no database nowhere: create it \(CREATE DATABASE/,
  );
  t.match(
    await refusal('mysql://u:secret@nowhere.invalid/x'),
    /its host name does not exist|the name server gives no answer/,
  );
  t.match(
    await refusal('mysql://u:secret@127.0.0.1:1/x'),
    /^The MySQL server at 127\.0\.0\.1:1 cannot be used: it refuses/,
  );
  t.match(await refusal('mysql://127.0.0.1/x'), /names no user: write it like/);
  for (const db of [weak, 'mysql://u:secret@127.0.0.1:1/x']) t.notMatch(await refusal(db), /secret|p@ss|p%40ss/);
});

t.test('a row that MySQL refuses fails alone', async (t) => {
  const { url } = await started(t, database.url);
  await admin.query('ALTER TABLE test_upload ADD CONSTRAINT small CHECK (test_data < 100)');
  const answers = await Promise.all([1, 2, 300, 4].map((value) => upload(url, 'checked', value)));
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 200, 500, 200],
  );
  t.match(answers[2]?.body, { msg: /^The row was not stored: the database answered: .*small/ });
});

t.test('without the server: 503; and with it again: 200', async (t) => {
  const server = await privateMariadb(t);
  const { url } = await started(t, server.url);
  await server.kill();
  t.match(await get(`${url}/health`), { status: 503, body: { msg: /^The database cannot be used now: .*\.$/ } });
  t.match(await upload(url, 'lost'), { status: 503 });
  await server.restart();
  t.match(await get(`${url}/health`), { status: 200 });
  t.match(await upload(url, 'found'), { status: 200 });
});
