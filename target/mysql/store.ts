import { fileURLToPath } from 'node:url';
import { count, DefaultLogger, type Logger, sql } from 'drizzle-orm';
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import { migrate } from 'drizzle-orm/mysql2/migrator';
import type { RowDataPacket } from 'mysql2';
import { TargetError } from '../error.ts';
import type { Upload, UploadStore } from '../upload-store.ts';
import { storeErrorOf, targetErrorOf } from './errors.ts';
import { limited, MysqlPool, STATEMENT_LIMIT_MS } from './pool.ts';
import { type MysqlColumn, mysqlColumnDifference, testUpload } from './schema.ts';
import { type MysqlAddress, type MysqlSettings, mysqlAddress } from './settings.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));
const MIGRATIONS_TABLE = 'bench_target_migrations';
/** How long a check of the database's health may take. */
const PING_LIMIT_MS = 2000;

/** Opens the database, and brings its table to the newest migration. Throws `TargetError`. */
export async function openMysqlStore(url: string, settings: MysqlSettings): Promise<UploadStore> {
  return withPool(url, settings, async (pool, address) => {
    await limited(checkTable(pool, address), STATEMENT_LIMIT_MS);
    await migrate(drizzle(pool.pool), { migrationsFolder: MIGRATIONS_FOLDER, migrationsTable: MIGRATIONS_TABLE });
    await pool.use((connection) => connection.query('SELECT id FROM test_upload LIMIT 1'));
    const [[row]] = await pool.pool.query<RowDataPacket[]>('SELECT version() AS version');
    return new MysqlStore(pool, address, versionOf(String(row?.version)), settings);
  });
}

/** Drops the table and the record of its migrations; refuses a table that is not that of the upload test. Throws `TargetError`. */
export async function dropMysqlTable(url: string, settings: MysqlSettings): Promise<void> {
  await withPool(url, settings, async (pool, address) => {
    await limited(checkTable(pool, address), STATEMENT_LIMIT_MS);
    await pool.pool.query(`DROP TABLE IF EXISTS test_upload, ${MIGRATIONS_TABLE}`);
    await pool.close();
  });
}

class MysqlStore implements UploadStore {
  readonly description: string;
  readonly version: string;
  /** One multi-row insert on each connection. */
  readonly writers: number;
  readonly #pool: MysqlPool;
  readonly #db: MySql2Database;
  readonly #logger: Logger | undefined;
  readonly #insertByRows = new Map<number, string>();

  constructor(pool: MysqlPool, address: MysqlAddress, version: string, settings: MysqlSettings) {
    this.#pool = pool;
    this.#db = drizzle(pool.pool, { logger: settings.echoSql });
    this.#logger = settings.echoSql ? new DefaultLogger() : undefined;
    this.description = `MySQL ${address.text}`;
    this.version = version;
    this.writers = settings.poolSize + settings.poolOverflow;
  }

  async insert(rows: readonly Upload[]): Promise<void> {
    const statement = this.#insertOf(rows.length);
    const values = rows.flatMap(({ deviceId, testData }) => [deviceId, testData]);
    this.#logger?.logQuery(statement, values);
    await translated(() =>
      this.#pool.use((connection) => connection.query({ sql: statement, values, timeout: STATEMENT_LIMIT_MS })),
    );
  }

  async ping(): Promise<void> {
    await translated(() =>
      limited(
        this.#pool.use((connection) =>
          connection.query({ sql: 'SELECT id FROM test_upload LIMIT 1', timeout: PING_LIMIT_MS }),
        ),
        PING_LIMIT_MS,
      ),
    );
  }

  /** Compares device ids byte by byte: the collation of a table that existed before may ignore case or trailing blanks. */
  async count(prefix: string): Promise<Map<string, number>> {
    const pattern = `${prefix.replaceAll(/[|%_]/g, '|$&')}%`;
    const exactId = sql<Buffer>`CAST(CONVERT(${testUpload.deviceId} USING utf8mb4) AS BINARY)`.as('exact_id');
    const rows = await translated(() =>
      this.#db
        .select({ exactId, rows: count() })
        .from(testUpload)
        .where(sql`${testUpload.deviceId} LIKE ${pattern} ESCAPE '|'`)
        .groupBy(sql`exact_id`),
    );
    const counts = rows.map((row): [string, number] => [String(row.exactId), row.rows]);
    return new Map(counts.filter(([deviceId]) => deviceId.startsWith(prefix)));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** One statement, so one transaction: all rows or none. */
  #insertOf(rowCount: number): string {
    let statement = this.#insertByRows.get(rowCount);
    if (statement === undefined) {
      const rows = Array.from({ length: rowCount }, () => ({
        deviceId: sql.placeholder('device'),
        testData: sql.placeholder('data'),
      }));
      statement = this.#db.insert(testUpload).values(rows).toSQL().sql;
      this.#insertByRows.set(rowCount, statement);
    }
    return statement;
  }
}

async function withPool<T>(
  url: string,
  settings: MysqlSettings,
  work: (pool: MysqlPool, address: MysqlAddress) => Promise<T>,
): Promise<T> {
  const address = mysqlAddress(url, settings);
  const pool = new MysqlPool(address, settings);
  try {
    return await work(pool, address);
  } catch (error) {
    await pool.close();
    throw targetErrorOf(error, address);
  }
}

async function checkTable(pool: MysqlPool, { text }: MysqlAddress): Promise<void> {
  const [rows] = await pool.pool.query<RowDataPacket[]>(
    `SELECT c.column_name AS name, c.data_type AS type, c.column_key AS place,
            coalesce(t.engine, 'none') AS engine
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = database() AND c.table_name = 'test_upload'`,
  );
  const columns = rows.map(
    (row): MysqlColumn => ({
      name: String(row.name),
      type: String(row.type).toLowerCase(),
      primary: row.place === 'PRI',
      engine: String(row.engine),
    }),
  );
  const difference = columns.length === 0 ? undefined : mysqlColumnDifference(columns);
  if (difference === undefined) return;
  throw new TargetError(
    `The table test_upload in ${text} is not that of the upload test (${difference}): rename it, or name another database in --db.`,
  );
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeErrorOf(error);
  }
}

/** `10.11.14-MariaDB-0+deb12u2` as `mariadb 10.11.14`. */
function versionOf(text: string): string {
  return `${/mariadb/i.test(text) ? 'mariadb' : 'mysql'} ${/^[\d.]+/.exec(text)?.[0] ?? text}`;
}
