import type { Connection, RowDataPacket } from 'mysql2/promise';
import { PluginError, type StepContext } from '../../core/plugin.ts';
import { mysqlFailure } from './failure.ts';

/** https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html */
export const MAX_TABLE_NAME_CHARACTERS = 64;
const OWNED = 'bench run ';
const ROWS_OF_AN_INSERT = 1000;
const PROGRESS_EVERY_ROWS = 100_000;
/** Number of devices that the loaded rows belong to. */
export const LOADED_DEVICES = 100;

/** The table that the built-in operations use: one of the run, or one that the plan names. */
export interface RunTable {
  readonly name: string;
  readonly isNamed: boolean;
}

/** @param named the name in the plan */
export function runTable(named: string | undefined, runId: string): RunTable {
  return named === undefined ? { name: `bench_${runId}`, isNamed: false } : { name: named, isNamed: true };
}

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function loadedDevice(number: number): string {
  return `loaded-${String(number).padStart(5, '0')}`;
}

/**
 * Creates the table where it is missing, marked with the run's id, and loads rows into it.
 * @throws {PluginError} for a table that somebody else has made and the plan does not name; otherwise what mysql2 throws
 */
export async function createTable(
  connection: Connection,
  { name, isNamed }: RunTable,
  rows: number,
  { runId, progress, signal }: StepContext,
): Promise<void> {
  const owner = await ownerOf(connection, name);
  if (owner !== undefined) {
    if (!isNamed) {
      throw new PluginError(
        `the table ${name} already exists and was not made by this run, so it is left alone: name it in options.table to use it`,
      );
    }
    progress(`using the existing table ${name}, which will be kept`);
    if (rows > 0)
      throw new PluginError(`options.rows: rows are loaded only into a table that the run makes, not into ${name}`);
    return;
  }
  const create = `CREATE TABLE ${quoted(name)} (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    device_id varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    test_data double NOT NULL,
    upload_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    INDEX device_id (device_id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='${OWNED}${runId}'`;
  await connection.query(create);
  // A user who may not drop tables learns it before the load, and not after it.
  await connection.query(`DROP TABLE ${quoted(name)}`).catch((error: unknown) => {
    if (mysqlFailure(error).kind !== 'access_denied') throw error;
    throw new PluginError(
      `the table ${name} could be made but not dropped, and is still there, empty: ${mysqlFailure(error).message}. GRANT DROP to that user`,
      { cause: error },
    );
  });
  await connection.query(create);
  progress(`the table ${name} is made`);
  for (let loaded = 0; loaded < rows; ) {
    signal.throwIfAborted();
    const count = Math.min(ROWS_OF_AN_INSERT, rows - loaded);
    const values = Array.from({ length: count }, (_, i) => [
      loadedDevice(((loaded + i) % LOADED_DEVICES) + 1),
      ((loaded + i) % 100_001) / 100,
    ]);
    await connection.query(`INSERT INTO ${quoted(name)} (device_id, test_data) VALUES ?`, [values]);
    loaded += count;
    if (loaded % PROGRESS_EVERY_ROWS === 0 || loaded === rows)
      progress(`${loaded} of ${rows} rows loaded into ${name}`);
  }
}

/** Drops the table if this run has made it. @returns whether it was dropped */
export async function dropTable(connection: Connection, { name }: RunTable, runId: string): Promise<boolean> {
  if ((await ownerOf(connection, name)) !== runId) return false;
  await connection.query(`DROP TABLE ${quoted(name)}`);
  return true;
}

/** The id of the run that has made a table, or '' when no run has; undefined when there is no such table. */
async function ownerOf(connection: Connection, name: string): Promise<string | undefined> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    'SELECT table_comment AS comment FROM information_schema.tables WHERE table_schema = database() AND table_name = ?',
    [name],
  );
  if (row === undefined) return undefined;
  const comment = String(row.comment);
  return comment.startsWith(OWNED) ? comment.slice(OWNED.length) : '';
}
