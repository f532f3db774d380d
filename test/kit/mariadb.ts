import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { type Connection, createConnection } from 'mysql2/promise';
import type { Test } from 'tap';
import { findServerProgram, PrivateMariadb, type PrivateMariadbOptions } from '../../core/cli/private-mariadb.ts';

/** A server for a test, and nobody else's: it may be killed, locked and filled up. */
export async function privateMariadb(
  t: Pick<Test, 'teardown'>,
  options: PrivateMariadbOptions = {},
): Promise<PrivateMariadb> {
  await haveServerProgram();
  const server = await PrivateMariadb.start(options);
  t.teardown(() => server.stop());
  return server;
}

/** A URL of a database to create tables in: that of BENCH_TEST_MYSQL_URL, or of a private server. */
export async function testDatabase(t: Pick<Test, 'teardown'>): Promise<string> {
  return process.env.BENCH_TEST_MYSQL_URL ?? (await privateMariadb(t)).url;
}

/** A connection for looking at what is there; closed with the test. */
export async function connectTo(t: Pick<Test, 'teardown'>, url: string): Promise<Connection> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  connection.on('error', () => {});
  t.teardown(() => connection.end().catch(() => {}));
  return connection;
}

/** @throws an Error that says which of the ways to a server is open */
async function haveServerProgram(): Promise<void> {
  if (findServerProgram() !== undefined) return;
  try {
    if (process.getuid?.() !== 0) throw new Error('not root');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await promisify(execFile)('apt-get', ['update', '-q'], { env });
    await promisify(execFile)('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'mariadb-server'], { env });
  } catch {
    throw new Error(
      'These tests need a MySQL or MariaDB: install mariadb-server, run them as root on Debian or Ubuntu (it is then ' +
        'installed by apt), or set BENCH_TEST_MYSQL_URL to mysql://user:password@host:port/database.',
    );
  }
}
