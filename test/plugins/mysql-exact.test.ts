// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
/** What goes to the server, and what is read back, is exact; what could not be is refused. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import t from 'tap';
import httpUpload from '../../plugins/http-upload.ts';
import { storedUploads } from '../../plugins/verify/stored-uploads.ts';
import { matchEach } from '../kit/match-each.ts';
import { testDatabase } from '../kit/programs/mariadb.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const database = await testDatabase(t);
const { admin } = database;
process.env.TEST_MYSQL_URL = database.url;
const url = '${env:TEST_MYSQL_URL}';
const never = new AbortController().signal;
const PAST = '9007199254740993';

async function refusal(parameter: unknown): Promise<string> {
  try {
    const operations = { own: { sql: 'SELECT ?', parameters: [parameter] } };
    await (await mysqlStage({ url, operations }, 'refused')).prepare();
    return 'it was accepted';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await (await mysqlStage({ url }, 'refused')).cleanup();
  }
}

t.test('integers beyond 2^53 arrive as they are, from the plan and from data files', async (t) => {
  const folder = t.testdir();
  writeFileSync(`${folder}/ids.csv`, `id\n${PAST}\n`);
  await admin.query('CREATE TABLE big (id BIGINT UNSIGNED, amount DECIMAL(30,2), name VARCHAR(40))');
  for (const protocol of ['prepared', 'text'] as const) {
    const insert = 'INSERT INTO big VALUES (?, ?, ?)';
    const amount = { value: '12345678901234567890.12', type: 'decimal' };
    const stage = await mysqlStage(
      {
        url,
        protocol,
        data: { ids: { file: 'ids.csv' } },
        operations: {
          written: { sql: insert, parameters: [{ value: '18446744073709551615', type: 'integer' }, amount, PAST] },
          read: { sql: insert, parameters: [{ value: '${ids.id}', type: 'integer' }, amount, '${ids.id}'] },
          text: { sql: insert, parameters: ['${ids.id}', amount, PAST] },
        },
      },
      `big-${protocol}`,
      folder,
    );
    await stage.prepare();
    const driver = await stage.open();
    const user = await connectUser(driver);
    for (const operation of ['written', 'read', 'text']) t.match(await user.send(operation, never), { ok: true });
    await user.close();
    await driver.close();
    await stage.cleanup();
    const [rows] = await admin.query('SELECT CAST(id AS CHAR) AS id, CAST(amount AS CHAR) AS amount, name FROM big');
    t.strictSame(
      (rows as { id: string }[]).map((row) => ({ ...row })),
      ['18446744073709551615', PAST, PAST].map((id) => ({ id, amount: amount.value, name: PAST })),
      protocol,
    );
    await admin.query('DELETE FROM big');
  }
});

t.test('integers that are no longer exact are refused', async (t) => {
  const beyond =
    /parameters\[0\](\.value)?: the number is beyond 9007199254740991, where digits get lost: write it in quotes/;
  t.match(await refusal(Number(PAST)), beyond);
  t.match(await refusal({ value: Number(PAST), type: 'integer' }), beyond);
  t.match(await refusal({ value: PAST, type: 'number' }), /"9007199254740993" is not exact as a floating-point number/);
  t.equal(await refusal(2 ** 53 - 1), 'it was accepted');
  t.equal(await refusal({ value: '1e300', type: 'number' }), 'it was accepted', 'what was meant as floating point');
});

t.test('device ids are counted byte by byte, whatever the collation of their column', async (t) => {
  for (const type of [
    'VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    'VARCHAR(50) CHARACTER SET latin1',
    'VARBINARY(50)',
  ]) {
    await admin.query(`DROP TABLE IF EXISTS folded;
      CREATE TABLE folded (id BIGINT AUTO_INCREMENT PRIMARY KEY, device_id ${type}, test_data DOUBLE,
        upload_time DATETIME DEFAULT CURRENT_TIMESTAMP);
      INSERT INTO folded (device_id, test_data) VALUES
        ('FOLDED-DEVICE-00001', 1), ('folded-device-00001', 1), ('folded-device-00001 ', 1), ('folded-device-00001\\0', 1)`);
    const stage = await mysqlStage({ url, table: 'folded' }, 'folded');
    stage.writes.set('folded-device-00001', { acknowledged: 1, unknown: 0 });
    t.match(await stage.verify(), { acknowledged: 1, stored: 3, lost: 0, extra: 2, keys: 3 }, type);
  }
  await admin.query('DROP TABLE folded');
});

t.test('what a target counts has to be counts', async (t) => {
  let body = '';
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const checked = await httpUpload.options['~standard'].validate({ path: '/upload' });
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const context = { runId: 'r', target, baseDirectory: '.', signal: never, progress: () => {} };
  const stored = storedUploads('http-upload', checked.value, 'r-', context);
  const count = async (text: string) => {
    body = text;
    return stored.count(never);
  };
  t.strictSame(
    await count('{"devices": {"r-1": 3, "r-2": "4", "__proto__": 1}}'),
    new Map([
      ['r-1', 3],
      ['r-2', 4],
      ['__proto__', 1],
    ]),
  );
  for (const bad of [PAST, '-1', '1.5', 'true', 'null', '"many"', '[1]']) {
    await t.rejects(
      count(`{"devices": {"r-1": ${bad}}}`),
      /stored rows cannot be counted: .* is not a count of rows/,
      bad,
    );
  }
  await t.rejects(count('{"devices": [1]}'), /must answer \{"devices": \{id: rows\}\}/);
  await t.rejects(count('null'), /must answer \{"devices"/);
  await t.rejects(count('<html>'), /did not answer with JSON/);
  await t.rejects(
    count(`{"devices": {${'"a": 1, '.repeat(2_000_001)}"b": 1}}`),
    /answered with more than 2,000,000 values/,
  );
});

t.test('the trial of an operation leaves nothing, also where nothing can be rolled back', async (t) => {
  await admin.query(`CREATE TABLE lasting (n INT) ENGINE=MyISAM; CREATE TABLE \`Aria table\` (n INT) ENGINE=Aria;
    CREATE TABLE fine (n INT) ENGINE=InnoDB; CREATE VIEW behind AS SELECT * FROM lasting;
    CREATE PROCEDURE commits() BEGIN INSERT INTO fine VALUES (1); COMMIT; END`);
  const stage = await mysqlStage(
    {
      url,
      operations: {
        myisam: { sql: 'INSERT INTO lasting VALUES (?)', parameters: [1] },
        aria: { transaction: [{ sql: 'INSERT INTO fine VALUES (1)' }, { sql: 'UPDATE `Aria table` SET n = 1' }] },
        reads: { sql: 'SELECT * FROM lasting' },
        ddl: { sql: 'CREATE TABLE made (n INT)' },
        call: { sql: 'CALL commits()' },
        innodb: { sql: 'INSERT INTO fine VALUES (2)' },
      },
    },
    'trial',
  );
  await admin.query('INSERT INTO `Aria table` VALUES (7)');
  await stage.prepare();
  const told = (name: string) => stage.told.find((text) => text.startsWith(`operation ${name} `));
  t.match(
    told('myisam'),
    /is checked, but not tried before the load: the table lasting \(MyISAM\) has no transactions/,
  );
  t.match(told('aria'), /the table Aria table \(Aria\) has no transactions/);
  t.match(told('ddl'), /a statement of this kind cannot be rolled back \(CREATE TABLE made/);
  t.match(told('call'), /a statement of this kind cannot be rolled back/);
  t.equal(told('innodb'), undefined);
  t.equal(told('reads'), undefined);
  const [rows] = await admin.query(
    `SELECT n FROM lasting UNION ALL SELECT n FROM fine UNION ALL SELECT n FROM \`Aria table\``,
  );
  matchEach(t, rows, [{ n: 7 }]);
  t.matchOnly((await admin.query("SHOW TABLES LIKE 'made'"))[0], []);
  await stage.cleanup();

  const wrong = await mysqlStage({ url, operations: { own: { sql: 'INSERT INTO lasting (m) VALUES (1)' } } }, 'trial');
  await t.rejects(wrong.prepare(), /operation own: the server answered 1054/, 'it is checked all the same');
  await wrong.cleanup();
  const hidden = await mysqlStage({ url, operations: { own: { sql: 'INSERT INTO behind VALUES (5)' } } }, 'trial');
  await t.rejects(
    hidden.prepare(),
    /operation own: it was tried once before the load, and its changes are still there/,
  );
  await hidden.cleanup();
});
