import { existsSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf, StoreError, TargetError } from './error.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import type { Upload, UploadStore } from './upload-store.ts';

/** How long a check waits for another process to release its lock; it asks every `LOCK_POLL_MS`. */
const LOCK_WAIT_MS = 500;
const LOCK_POLL_MS = 20;

/** Opens or creates the file (an absolute path) with its table. Throws `TargetError`. */
export async function openSqliteStore(file: string): Promise<UploadStore> {
  await checkPath(file);
  try {
    const { connection, version } = await unlocked(() => open(file));
    return new SqliteStore(file, connection, version);
  } catch (error) {
    throw targetErrorOf(error, file);
  }
}

/** Drops the table; refuses when its columns are not those of the upload test. Throws `TargetError`. */
export async function dropSqliteTable(file: string): Promise<void> {
  await checkPath(file);
  if (!existsSync(file)) throw new TargetError(`There is no database file ${file}: nothing was dropped.`);
  try {
    await unlocked(() => drop(file));
  } catch (error) {
    throw targetErrorOf(error, file);
  }
}

class SqliteStore implements UploadStore {
  readonly description: string;
  readonly version: string;
  /** SQLite has one writer. */
  readonly writers = 1;
  readonly #file: string;
  #connection: SqliteConnection | undefined;
  #opening: Promise<SqliteConnection> | undefined;

  constructor(file: string, connection: SqliteConnection, version: string) {
    this.#file = file;
    this.#connection = connection;
    this.description = `SQLite ${file}`;
    this.version = `sqlite ${version}`;
  }

  async insert(rows: readonly Upload[]): Promise<void> {
    const connection = await this.#usable();
    await connection.insert(rows);
    await this.#checkInPlace(connection);
  }

  async ping(): Promise<void> {
    await unlocked(async () => {
      const connection = await this.#usable();
      await this.#checkInPlace(connection);
      await connection.probe();
    });
  }

  async count(prefix: string): Promise<Map<string, number>> {
    const connection = await this.#usable();
    await this.#checkInPlace(connection);
    return connection.count(prefix);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  /** The open connection, or a new one when the file was missing or a lock has spoiled the old one; `busy` while the lock lasts. */
  async #usable(): Promise<SqliteConnection> {
    const connection = this.#connection;
    if (connection?.spoiled) {
      await connection.probe();
      await this.#closeConnection(connection);
      return this.#usable();
    }
    if (connection !== undefined) return connection;
    this.#opening ??= this.#openExisting().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Closes a file that is no longer at its path, so that the next call opens the file that is there then. */
  async #checkInPlace(connection: SqliteConnection): Promise<void> {
    if (connection.inPlace) return;
    await this.#closeConnection(connection);
    throw this.#gone();
  }

  async #closeConnection(connection: SqliteConnection): Promise<void> {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    await connection.close();
  }

  /** Never creates the file: an empty one would hide that rows are lost. */
  async #openExisting(): Promise<SqliteConnection> {
    if (!existsSync(this.#file)) throw this.#gone();
    try {
      this.#connection = (await open(this.#file)).connection;
      return this.#connection;
    } catch (error) {
      throw error instanceof StoreError ? error : new StoreError('unavailable', reasonOf(error), { cause: error });
    }
  }

  #gone(): StoreError {
    return new StoreError('unavailable', `the database file ${this.#file} is gone`);
  }
}

/** Repeats the work while another process holds the lock, for at most `LOCK_WAIT_MS`. */
async function unlocked<T>(work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError && error.kind === 'busy') || waitedMs >= LOCK_WAIT_MS) throw error;
    }
    await delay(LOCK_POLL_MS);
  }
}

async function open(file: string): Promise<{ connection: SqliteConnection; version: string }> {
  const connection = new SqliteConnection(file);
  try {
    const difference = await connection.difference();
    if (difference !== undefined) throw wrongTable(file, difference);
    const version = await connection.prepare();
    await connection.probe();
    return { connection, version };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function drop(file: string): Promise<void> {
  const connection = new SqliteConnection(file);
  try {
    const difference = await connection.difference();
    if (difference !== undefined) throw wrongTable(file, difference);
    await connection.dropTable();
  } finally {
    await connection.close();
  }
}

async function checkPath(file: string): Promise<void> {
  const folder = dirname(file);
  const folderStat = await stat(folder).catch(() => undefined);
  if (!folderStat?.isDirectory()) {
    throw new TargetError(
      `The folder ${folder} of the database file does not exist: create it, or give --db another path.`,
    );
  }
  try {
    await access(folder, constants.W_OK);
  } catch {
    throw new TargetError(
      `The folder ${folder} of the database file is not writable: allow this user to write there, or give --db another path.`,
    );
  }
  if ((await stat(file).catch(() => undefined))?.isDirectory()) {
    throw new TargetError(`The database file ${file} is a folder: give --db the path of a file.`);
  }
}

function wrongTable(file: string, difference: string): TargetError {
  return new TargetError(
    `The table test_upload in ${file} is not that of the upload test (${difference}): rename it, or give --db another path.`,
  );
}

function targetErrorOf(error: unknown, file: string): TargetError {
  if (error instanceof TargetError) return error;
  if (error instanceof StoreError && error.kind === 'busy') {
    return new TargetError(
      `The database file ${file} is locked by another process: stop that one, or give --db another path.`,
      { cause: error },
    );
  }
  const reason = reasonOf(error).replace('the database answered: ', '');
  if (/NOTADB|not a database/i.test(reason)) {
    return new TargetError(`The file ${file} is not a SQLite database: give --db another path.`, { cause: error });
  }
  return new TargetError(
    `The database file ${file} cannot be opened and written (${reason}): give --db another path.`,
    {
      cause: error,
    },
  );
}
