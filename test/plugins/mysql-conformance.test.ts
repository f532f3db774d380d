// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in plans
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import t from 'tap';
import mysqlDirect from '../../plugins/mysql-direct.ts';
import { type TestTarget, testDriver } from '../../testing/driver-contract.ts';
import { privateMariadb } from '../kit/programs/mariadb.ts';

t.setTimeout(400_000);

/** That of the kit's runs. */
const TABLE = 'bench_run1';
const server = await privateMariadb(t);
const log = join(server.folder, 'general.log');
const { url } = server;
let isRunning = true;

async function admin(): Promise<Connection> {
  const connection = await createConnection({ uri: server.adminUrl, multipleStatements: true });
  connection.on('error', () => {});
  return connection;
}

/** The server with an empty table, and a log of what it is asked; stopping it is killing it. */
async function target(): Promise<TestTarget> {
  if (!isRunning) await server.restart();
  isRunning = true;
  const connection = await admin();
  await connection.query(`DROP TABLE IF EXISTS ${TABLE}; CREATE TABLE ${TABLE} (id BIGINT AUTO_INCREMENT PRIMARY KEY,
    device_id VARCHAR(50), test_data DOUBLE, upload_time DATETIME DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB;
    SET GLOBAL general_log_file = '${log}', GLOBAL log_output = 'FILE', GLOBAL general_log = ON`);
  await connection.end();
  return {
    url,
    received: () =>
      existsSync(log)
        ? [...readFileSync(log, 'utf8').matchAll(/ (?:Execute|Query)\t(.*bench_run1.*)/g)].map(
            ([, sql]) => sql as string,
          )
        : [],
    async stop() {
      isRunning = false;
      await server.kill();
    },
  };
}

/** A table that is locked. */
async function silentTarget(): Promise<TestTarget> {
  const { received } = await target();
  const connection = await admin();
  await connection.query(`LOCK TABLES ${TABLE} WRITE`);
  return { url, received, stop: () => connection.end() };
}

const badOptions = {
  protocol: 'binary',
  connections: 20,
  timeout: '0s',
  table: '',
  rows: -1,
  url: 'mysql://u:secret@127.0.0.1/x',
  tls: { cert: 'client.pem' },
  operations: { mine: { sql: 'SELECT ${vu}' } },
};

for (const options of [{}, { connections: { pool: 1 } }, { protocol: 'text' }]) {
  await t.test(`mysql-direct ${JSON.stringify(options)}`, (t) =>
    testDriver((name, body) => t.test(name, body), { plugin: mysqlDirect, options, badOptions, target, silentTarget }),
  );
}
