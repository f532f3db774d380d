import { dirname, resolve } from 'node:path';
import { TargetError } from './error.ts';
import { DEFAULT_MYSQL_SETTINGS, type MysqlSettings } from './mysql/settings.ts';
import { dropSqliteTable, openSqliteStore } from './sqlite.ts';
import type { UploadStore } from './upload-store.ts';

/**
 * Opens the database named by `--db`, creates the table `test_upload` where it is missing and checks its columns.
 * Throws `TargetError`.
 */
export async function openStore(db: string, mysql: MysqlSettings = DEFAULT_MYSQL_SETTINGS): Promise<UploadStore> {
  if (isMysql(db)) return (await import('./mysql/store.ts')).openMysqlStore(db, mysql);
  return openSqliteStore(sqliteFile(db));
}

/** Drops the table `test_upload` of the database named by `--db`. Throws `TargetError`. */
export async function dropTable(db: string, mysql: MysqlSettings = DEFAULT_MYSQL_SETTINGS): Promise<void> {
  if (isMysql(db)) return (await import('./mysql/store.ts')).dropMysqlTable(db, mysql);
  return dropSqliteTable(sqliteFile(db));
}

/** The folder whose file system is reported: that of a SQLite file; with MySQL, whose files are its server's, the working folder. */
export function dataFolder(db: string): string {
  return isMysql(db) ? process.cwd() : dirname(resolve(db));
}

function isMysql(db: string): boolean {
  return /^mysql:\/\//i.test(db);
}

function sqliteFile(db: string): string {
  const scheme = /^([a-z][a-z0-9+]+):\/\//i.exec(db)?.[1];
  if (scheme !== undefined) {
    throw new TargetError(
      `The target knows no database "${scheme}://": give --db the path of a SQLite file, or mysql://user:password@host:port/database.`,
    );
  }
  if (db === '' || db === ':memory:') {
    throw new TargetError('The target needs a database that others can read too: give --db the path of a SQLite file.');
  }
  return resolve(db);
}
