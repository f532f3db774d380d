import { existsSync, renameSync, rmSync } from 'node:fs';
import t from 'tap';
import { dropTarget, TargetError } from '../../target/index.ts';
import { connection, freshDatabase, get, metricsPage, started, upload, uploadCount } from './fixtures/started.ts';

t.test('a row that the database refuses costs no other', async (t) => {
  const { url, db } = await started(t);
  await connection(t, db).execute(
    `CREATE TRIGGER refuse BEFORE INSERT ON test_upload WHEN NEW.device_id = 'poison' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  );
  const ids = Array.from({ length: 40 }, (_, index) => (index === 23 ? 'poison' : `dev_${index}`));
  const answers = await Promise.all(ids.map((id) => upload(url, id)));
  t.strictSame(
    answers.flatMap(({ status }, index) => (status === 200 ? [] : [[ids[index], status]])),
    [['poison', 500]],
  );
  t.match(answers[23]?.body, { code: 500, msg: /^The row was not stored: .*refused/ });
  t.equal((await uploadCount(url)).total, 39);
});

t.test('a moved file: 503 without creating a new one, and recovery once it is back', async (t) => {
  const { url, db } = await started(t);
  t.equal((await upload(url, 'before')).status, 200);
  renameSync(db, `${db}.moved`);
  const refused = await upload(url, 'meanwhile');
  t.match(refused, { status: 503, body: { code: 503, msg: /database file .* is gone/ } });
  t.equal(refused.headers.get('retry-after'), '1');
  t.match(await get(`${url}/health`), { status: 503, body: { code: 503 } });
  t.equal((await get(`${url}/api/test/upload/count`)).status, 503);
  t.notOk(existsSync(db));
  renameSync(`${db}.moved`, db);
  t.equal((await get(`${url}/health`)).status, 200);
  t.equal((await upload(url, 'after')).status, 200);
  t.match((await uploadCount(url)).devices, { before: 1, after: 1 });
});

t.test('a removed file: 503, and a new file in its place is taken', async (t) => {
  const { url, db } = await started(t);
  await upload(url, 'lost');
  rmSync(db);
  t.equal((await get(`${url}/health`)).status, 503);
  t.equal((await upload(url, 'meanwhile')).status, 503);
  await connection(t, db).execute('CREATE TABLE other (id integer)');
  t.equal((await get(`${url}/health`)).status, 200);
  t.equal((await upload(url, 'new')).status, 200);
  t.strictSame(await uploadCount(url), { total: 1, devices: { new: 1 } });
});

t.test('a locked database: 503 from health, while uploads wait and are stored once it is free', async (t) => {
  const { url, db } = await started(t);
  const other = connection(t, db);
  const transaction = await other.transaction('write');
  const waiting = Promise.all([upload(url, 'a'), upload(url, 'b')]);
  t.match(await get(`${url}/health`), { status: 503, body: { msg: /locked by another process/ } });
  t.match(await metricsPage(url), 'bench_target_queue_depth 2');
  await transaction.rollback();
  t.strictSame(
    (await waiting).map(({ status }) => status),
    [200, 200],
  );
  t.equal((await get(`${url}/health`)).status, 200);
  t.equal((await other.execute('SELECT id FROM test_upload')).rows.length, 2);
  t.equal((await uploadCount(url)).total, 2);
});

t.test('dropping the table', async (t) => {
  const db = freshDatabase(t);
  await t.rejects(dropTarget(db), { constructor: TargetError, message: /no database file/ });
  const { url } = await started(t, db);
  const other = connection(t, db);
  await other.execute('CREATE TABLE kept (id integer)');
  await upload(url, 'a');
  await dropTarget(db);
  const tables = await other.execute(`SELECT name FROM sqlite_schema WHERE name IN ('kept', 'test_upload')`);
  t.strictSame(
    tables.rows.map((row) => row.name),
    ['kept'],
  );
  t.match(await get(`${url}/health`), { status: 503, body: { msg: /no such table/ } });
  t.equal((await upload(url, 'b')).status, 503, 'a target without its table says so');
  await dropTarget(db);
});

t.test('a table of the same name that is not ours is not dropped', async (t) => {
  const db = freshDatabase(t);
  const other = connection(t, db);
  await other.execute('CREATE TABLE test_upload (id integer primary key, precious text)');
  await t.rejects(dropTarget(db), { message: /is not that of the upload test \(column device_id is missing\)/ });
  t.equal((await other.execute('SELECT * FROM test_upload')).rows.length, 0);
});
