import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import t from 'tap';
import { startTarget, TargetError } from '../../target/index.ts';
import { connection, freshDatabase, started, upload, uploadCount } from './fixtures/started.ts';

async function messageOf(db: string, port = 0, host = '127.0.0.1'): Promise<string> {
  try {
    await (await startTarget({ host, port, db })).stop();
  } catch (error) {
    if (error instanceof TargetError) return error.message;
    throw error;
  }
  return 'started';
}

t.test('a port in use', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const db = freshDatabase(t);
  t.match(await messageOf(db, port), new RegExp(`^Port ${port} on 127.0.0.1 is in use: .* --port`));
  t.equal(await messageOf(db), 'started', 'the database is free again');
  t.match(await messageOf(db, 70_000), /no port 70000/);
  t.match(await messageOf(db, 1.5), /no port 1\.5/);
});

t.test('an address of another machine', async (t) => {
  t.match(await messageOf(freshDatabase(t), 0, '192.0.2.1'), /no address 192\.0\.2\.1: give --host/);
});

t.test('a path that cannot be a database file', async (t) => {
  const db = freshDatabase(t);
  t.match(
    await messageOf(join(dirname(db), 'missing', 'a.db')),
    /^The folder .*missing of the database file does not exist/,
  );
  mkdirSync(db);
  t.match(await messageOf(db), /is a folder: give --db the path of a file/);
  if (process.platform === 'linux') {
    t.match(
      await messageOf('/proc/bench.db'),
      /^The (database file|folder) .* (cannot be opened and written|not writable)/,
    );
  }
});

t.test('a file that is no SQLite database is left as it is', async (t) => {
  const db = freshDatabase(t);
  const text = 'a diary, not a database\n'.repeat(100);
  writeFileSync(db, text);
  t.match(await messageOf(db), /is not a SQLite database: give --db another path/);
  t.equal(readFileSync(db, 'utf8'), text);
  t.strictSame(readdirSync(dirname(db)), ['test.db']);
});

t.test('databases that the target does not know', async (t) => {
  t.match(
    await messageOf('mysql://root:secret@127.0.0.1:9/x'),
    /^The MySQL server at 127\.0\.0\.1:9 cannot be used: it refuses connections\. Start it, or give --db another URL\.$/,
  );
  t.notMatch(await messageOf('mysql://root:secret@127.0.0.1:9/x'), /secret/);
  t.match(await messageOf('postgres://127.0.0.1/x'), /knows no database "postgres:\/\/"/);
  t.match(await messageOf(':memory:'), /path of a SQLite file/);
  t.match(await messageOf(''), /path of a SQLite file/);
});

const columns = (test_data = 'real NOT NULL', rest = ', upload_time datetime NOT NULL') =>
  `CREATE TABLE test_upload (id integer PRIMARY KEY, device_id varchar(50) NOT NULL, test_data ${test_data}${rest})`;
const wrongTables: readonly [sql: string, clause: string][] = [
  [columns('text NOT NULL'), 'column test_data is text, not real'],
  [columns('real'), 'column test_data allows null'],
  [columns('real NOT NULL', ''), 'column upload_time is missing'],
  [columns('real NOT NULL', ', upload_time datetime NOT NULL, note text'), 'column note does not belong there'],
  [columns().replace(' PRIMARY KEY', ''), 'column id is not the primary key'],
];
t.test('a table with other columns names the column', async (t) => {
  for (const [sql, clause] of wrongTables) {
    const db = freshDatabase(t);
    await connection(t, db).execute(sql);
    t.match(await messageOf(db), `test_upload in ${db} is not that of the upload test (${clause}): rename it`);
  }
});

t.test('a table made by the Python of the documented test is taken', async (t) => {
  const db = freshDatabase(t);
  await connection(t, db).execute(
    'CREATE TABLE test_upload (id INTEGER NOT NULL, device_id VARCHAR(50) NOT NULL, test_data FLOAT NOT NULL, upload_time DATETIME NOT NULL, PRIMARY KEY (id))',
  );
  const { url } = await started(t, db);
  t.equal((await upload(url, 'a')).status, 200);
});

t.test('stop leaves the database file alone in its folder, and its rows stay for the next start', async (t) => {
  const db = freshDatabase(t);
  const first = await started(t, db);
  await upload(first.url, 'a');
  await Promise.all([first.stop(), first.stop()]);
  t.strictSame(readdirSync(dirname(db)), ['test.db']);
  await t.rejects(fetch(first.url), 'the port is closed');
  const second = await started(t, db);
  t.equal((await uploadCount(second.url)).total, 1);
  t.equal((await second.served()).rowsCommitted, 0, 'counts begin anew');
});

t.test('the table is that of the documented test', async (t) => {
  const { db } = await started(t);
  const info = await connection(t, db).execute('PRAGMA table_info(test_upload)');
  t.strictSame(
    info.rows.map(({ name, type, notnull, dflt_value, pk }) => [name, type, notnull, dflt_value, pk]),
    [
      ['id', 'INTEGER', 0, null, 1],
      ['device_id', 'varchar(50)', 1, null, 0],
      ['test_data', 'REAL', 1, null, 0],
      ['upload_time', 'datetime', 1, 'CURRENT_TIMESTAMP', 0],
    ],
  );
});
