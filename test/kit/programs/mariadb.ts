import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { type Connection, createConnection } from 'mysql2/promise';
import root, { type Test } from 'tap';
import {
  findMariadb,
  PrivateMariadb,
  type PrivateMariadbOptions,
} from '../../../core/cli/processes/private-mariadb.ts';
import { programByApt } from './apt.ts';

const NEEDED =
  'These tests need MariaDB: install mariadb-server, or run them as root on Debian or Ubuntu (apt then installs it). ' +
  'Many take another server by BENCH_TEST_MYSQL_URL=mysql://user:password@host:port/database.';

/** A server for one test alone: the test may kill it, lock it and fill its disk. */
export async function privateMariadb(
  t: Pick<Test, 'teardown'>,
  options: PrivateMariadbOptions = {},
): Promise<PrivateMariadb> {
  await programByApt('mariadb-server', findMariadb, NEEDED);
  const server = await PrivateMariadb.start(options);
  t.teardown(() => server.stop());
  return server;
}

let shared: Promise<PrivateMariadb> | undefined;

/** A server for all test files of this process, until it ends. */
function sharedMariadb(): Promise<PrivateMariadb> {
  shared ??= privateMariadb(root);
  return shared;
}

/** A database for one test, with the users that the test makes; all are dropped at its end. */
export interface TestDatabase {
  readonly name: string;
  /** `host:port`. */
  readonly host: string;
  /** URL with the password of a user who has all rights on this database. */
  readonly url: string;
  readonly user: string;
  /** URL of the user who has made the database. */
  readonly adminUrl: string;
  readonly admin: Connection;
  /** @returns the name of a new user with these rights on the database, such as `SELECT, INSERT` */
  addUser(suffix: string, password: string, rights: string): Promise<string>;
}

/**
 * Makes a database on the server of BENCH_TEST_MYSQL_URL, whose user has to be allowed to make databases and users;
 * without that variable, on a server that the tests of this process share.
 */
export async function testDatabase(t: Pick<Test, 'teardown'>): Promise<TestDatabase> {
  const given = process.env.BENCH_TEST_MYSQL_URL;
  const adminUrl = new URL(given ?? (await sharedMariadb()).adminUrl);
  const admin = await connectTo(t, adminUrl.href);
  const name = `bench_test_${randomBytes(4).toString('hex')}`;
  const users: string[] = [];
  t.teardown(async () => {
    await admin.query(`DROP DATABASE IF EXISTS ${name}`);
    for (const user of users) await admin.query('DROP USER IF EXISTS ?', [user]);
  });
  const addUser = async (suffix: string, password: string, rights: string): Promise<string> => {
    const user = `${name}_${suffix}`;
    users.push(user);
    await admin.query(`CREATE USER ? IDENTIFIED BY ?; GRANT ${rights} ON ${name}.* TO ?`, [user, password, user]);
    return user;
  };
  const password = randomBytes(12).toString('hex');
  await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4; USE ${name}`);
  const user = await addUser('any', password, 'ALL');
  adminUrl.pathname = `/${name}`;
  const { host } = adminUrl;
  return {
    name,
    host,
    url: `mysql://${user}:${password}@${host}/${name}`,
    user,
    adminUrl: adminUrl.href,
    admin,
    addUser,
  };
}

/** A connection for looking into the database; closed at the end of the test. */
export async function connectTo(t: Pick<Test, 'teardown'>, url: string): Promise<Connection> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  connection.on('error', () => {});
  t.teardown(() => connection.end().catch(() => {}));
  return connection;
}
