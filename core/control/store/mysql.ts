import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import { migrate } from 'drizzle-orm/mysql2/migrator';
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import { systemClock } from '../../clock.ts';
import type { MysqlAddress } from '../../mysql/address.ts';
import { mysqlConnectionOptions } from '../../mysql/connection-options.ts';
import { guardPool } from '../../mysql/open-connection.ts';
import type { DatabaseUrl } from '../../secrets/database-url.ts';
import { withTimeout } from '../../timeout.ts';
import { type Queries, type RunToAdd, type StoreDatabase, StoreError, type Tables } from './database.ts';
import { HostLock, lockOf, OWNERS_RETURN_WITHIN_MS } from './host-lock.ts';
import { isCutOff, mysqlCauseOf, openingError, storeAddress } from './mysql-address.ts';
import { mysqlBaselines, mysqlMonitorSamples, mysqlRuns, mysqlWindows } from './mysql-schema.ts';
import { newestMigration, refuseNewerTables } from './newer-tables.ts';
import { isGoneHere, type Owner } from './owner.ts';
import type { windows } from './schema.ts';

const CONNECTIONS = 4;
const CONNECT_LIMIT_MS = 5000;
/** Work without an answer after this is given up, and its connection closed. */
const ANSWER_LIMIT_MS = 15_000;
const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations/mysql', import.meta.url));
const MIGRATIONS_TABLE = 'bench_control_migrations';
const MIGRATION_LOCK_SECONDS = 30;
/** Control reads back what it has written, such as all samples of a long run's monitors. */
const ANSWER_LIMITS = { bytes: 512 << 20, values: 16_000_000 };

/**
 * Opens the database, and brings its tables to the newest migration.
 * @throws {StoreError} when it cannot be used; never with the password
 */
export async function openMysql(url: DatabaseUrl): Promise<StoreDatabase> {
  const address = storeAddress(url);
  const options = connectionOptions(address);
  const pool = createPool({ ...options, connectionLimit: CONNECTIONS });
  guardPool(pool, ANSWER_LIMITS);
  pool.on('connection', (connection) => {
    // A server may have autocommit off for new connections, and would then forget what is written. Later statements wait for
    // this one. Without the callback a failure would be an event without a listener, which ends the process.
    (connection as unknown as CallbackConnection).query('SET SESSION autocommit = 1', () => {});
  });
  const hostLock = new HostLock(options, address.database);
  try {
    await migrateAlone(pool, address);
    await hostLock.acquire();
    return new MysqlDatabase(pool, hostLock, address);
  } catch (error) {
    hostLock.close();
    await pool.end().catch(() => {});
    throw openingError(error, address);
  }
}

function connectionOptions(address: MysqlAddress) {
  try {
    return mysqlConnectionOptions(address, CONNECT_LIMIT_MS);
  } catch (error) {
    throw openingError(error, address);
  }
}

const MIGRATED_ELSEWHERE = `the store cannot be opened: another control has been changing its tables for more than ${MIGRATION_LOCK_SECONDS} s; start this one again once that is done`;

/** Brings the tables up to date. Two controls that start at the same time do it one after the other. */
async function migrateAlone(pool: Pool, { database }: MysqlAddress): Promise<void> {
  const connection = await pool.getConnection();
  const lock = lockOf(database, { host: 'migrations', pid: 0 });
  try {
    // A server may let in whoever comes, and then say nothing.
    await answeredInTime(connection.query('SELECT 1'), CONNECT_LIMIT_MS);
    const wait = `SELECT GET_LOCK(?, ${MIGRATION_LOCK_SECONDS}) AS got`;
    const [[answer]] = await connection.query<RowDataPacket[]>(wait, [lock]);
    if (answer?.got !== 1) throw new StoreError(MIGRATED_ELSEWHERE);
    await migrate(drizzle(connection), { migrationsFolder: MIGRATIONS_FOLDER, migrationsTable: MIGRATIONS_TABLE });
    const [[row]] = await connection.query<RowDataPacket[]>(newestMigration(MIGRATIONS_TABLE));
    refuseNewerTables(MIGRATIONS_FOLDER, row?.newest);
    await connection.query('SELECT RELEASE_LOCK(?)', [lock]);
  } finally {
    connection.destroy();
  }
}

class MysqlDatabase implements StoreDatabase {
  readonly name: string;
  // Queries are built alike for both databases, see Queries.
  readonly tables = {
    runs: mysqlRuns,
    windows: mysqlWindows,
    monitorSamples: mysqlMonitorSamples,
    baselines: mysqlBaselines,
  } as unknown as Tables;
  readonly ownersReturnWithinMs = OWNERS_RETURN_WITHIN_MS;
  readonly #database: string;
  readonly #pool: Pool;
  readonly #hostLock: HostLock;

  constructor(pool: Pool, hostLock: HostLock, address: MysqlAddress) {
    this.#pool = pool;
    this.#hostLock = hostLock;
    this.name = address.text;
    this.#database = address.database;
  }

  use<Result>(work: (queries: Queries) => PromiseLike<Result>): Promise<Result> {
    return this.#onConnection(async (connection) => work(queriesOn(drizzle(connection))));
  }

  atomically(work: (queries: Queries) => readonly PromiseLike<unknown>[]): Promise<void> {
    return this.#onConnection((connection) =>
      drizzle(connection).transaction(async (transaction) => {
        for (const statement of work(queriesOn(transaction))) await statement;
      }),
    );
  }

  async addRun(row: RunToAdd): Promise<void> {
    await this.#onConnection(async (connection) => {
      const insert = drizzle(connection).insert(mysqlRuns).values(row);
      await insert.onDuplicateKeyUpdate({ set: { id: sql`id` } });
    });
  }

  async addWindows(rows: readonly (typeof windows.$inferInsert)[]): Promise<void> {
    await this.#onConnection(async (connection) => {
      const insert = drizzle(connection)
        .insert(mysqlWindows)
        .values([...rows]);
      await insert.onDuplicateKeyUpdate({ set: { seq: sql`seq` } });
    });
  }

  async isActive(owner: Owner): Promise<boolean> {
    if (isGoneHere(owner)) return false;
    return this.#onConnection(async (connection) => {
      const lock = lockOf(this.#database, owner);
      const [[row]] = await connection.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS holder', [lock]);
      return row !== undefined && row.holder !== null;
    });
  }

  causeOf(error: unknown): string {
    return mysqlCauseOf(error);
  }

  async close(): Promise<void> {
    this.#hostLock.close();
    await this.#pool.end().catch(() => {});
  }

  /** Runs the work again, once, when its connection turns out to be dead: all of it may safely be done twice. */
  async #onConnection<Result>(work: (connection: PoolConnection) => Promise<Result>): Promise<Result> {
    try {
      return await this.#once(work);
    } catch (error) {
      if (!isCutOff(error)) throw error;
      return this.#once(work);
    }
  }

  async #once<Result>(work: (connection: PoolConnection) => Promise<Result>): Promise<Result> {
    const connection = await this.#pool.getConnection();
    let answered = false;
    try {
      const result = await answeredInTime(work(connection));
      answered = true;
      return result;
    } catch (error) {
      // The server has answered with an error: the connection itself is fine.
      answered = (error as { cause?: { sqlState?: unknown } }).cause?.sqlState !== undefined;
      throw error;
    } finally {
      if (answered) connection.release();
      else connection.destroy();
    }
  }
}

/** The connection that mysql2 passes to the listeners of a pool. */
interface CallbackConnection {
  query(sql: string, done: () => void): void;
}

/** Limits the time of the work: mysql2 never settles a query whose connection was destroyed. */
function answeredInTime<Result>(work: Promise<Result>, limitMs = ANSWER_LIMIT_MS): Promise<Result> {
  const late = `the database gave no answer within ${limitMs / 1000} s`;
  return withTimeout(systemClock, limitMs * 1000, late, () => work);
}

function queriesOn(database: Pick<MySql2Database, 'select' | 'insert' | 'update' | 'delete'>): Queries {
  return database as unknown as Queries;
}
