import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client/sqlite3';
import { errorMessage } from '../../core/error.ts';
import type { MysqlAddress } from '../../core/mysql/address.ts';
import { authorsPath, locatePlanFile, planPath } from '../../core/plan-files.ts';
import { NotPreparedError, PluginError, type StepContext } from '../../core/plugin.ts';
import { isDatabaseUrl } from '../../core/secrets/database-url.ts';
import type { SettleOptions, StoredRows } from '../../core/stats/reconcile.ts';
import { parseExactJson } from '../../core/text/exact-json.ts';
import { type ConnectionOptions, addressOf as httpAddressOf } from '../http/settings.ts';
import { addressOf, type TlsOptions } from '../mysql/address.ts';
import { exactCount, rowsOfMysql } from './mysql-rows.ts';
import { textOfTarget } from './target-text.ts';

export const SETTLE: SettleOptions = {
  intervalMs: 200,
  tries: 50,
  pause: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

export interface VerifyOptions {
  readonly db: string;
  /** For connections to a MySQL server. */
  readonly tls?: TlsOptions | undefined;
}

export interface UploadOptions extends ConnectionOptions {
  /** Path of the target's uploads; `<path>/count` counts them. */
  readonly path: string;
  /** The target's database: a SQLite file, or a MySQL URL; undefined to ask the target. */
  readonly verify?: VerifyOptions | undefined;
}

/**
 * The source that counts a driver's stored uploads; keys are device ids.
 * @param driver the driver's name, for messages
 * @param prefix what its device ids begin with, and no other's do
 */
export function storedUploads(
  driver: string,
  options: UploadOptions,
  prefix: string,
  context: StepContext,
): StoredRows {
  if (options.verify === undefined) return rowsOfTarget(driver, options, prefix, context);
  const { verify } = options;
  if (!isDatabaseUrl(verify.db)) return rowsOfSqlite(verify.db, prefix, context);
  return rowsOfMysql(mysqlAddressOf(verify, context), 'test_upload', prefix);
}

/**
 * Logs in to the MySQL database that is to count the uploads. Its table may be missing still: the target makes it.
 * @throws {NotPreparedError} when that is not possible
 */
export async function checkDatabase(verify: VerifyOptions | undefined, context: StepContext): Promise<void> {
  if (verify === undefined || !isDatabaseUrl(verify.db)) return;
  const { CONNECT_TIMEOUT_MS, STEP_SILENCE_MS, withConnection } = await import('../mysql/connect.ts');
  const limits = { patienceMs: 0, connectTimeoutMs: CONNECT_TIMEOUT_MS, silenceMs: STEP_SILENCE_MS };
  const step = { ...limits, doing: 'verify.db cannot be asked' };
  try {
    await withConnection(mysqlAddressOf(verify, context), step, context.signal, async () => {});
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    throw new NotPreparedError(error.message, { cause: error });
  }
}

function mysqlAddressOf({ db, tls }: VerifyOptions, { baseDirectory }: StepContext): MysqlAddress {
  return addressOf({ url: db, name: 'verify.db', tls, baseDirectory });
}

function rowsOfTarget(driver: string, options: UploadOptions, prefix: string, context: StepContext): StoredRows {
  const { path } = options;
  const address = httpAddressOf(options, context, driver);
  const what = `GET ${path}/count`;
  const question = { path: `${path}/count?prefix=${encodeURIComponent(prefix)}`, name: what };
  return {
    source: 'target',
    sourceDescription: what,
    async count(signal) {
      const devices = devicesIn(await textOfTarget(address, options, question, context, signal), what);
      if (typeof devices !== 'object' || devices === null || Array.isArray(devices)) {
        throw new PluginError(
          `${what} must answer {"devices": {id: rows}}; without it, name the database in verify.db`,
        );
      }
      return new Map(Object.entries(devices).map(([device, rows]) => [device, exactCount(rows)]));
    },
  };
}

function devicesIn(text: string, what: string): unknown {
  try {
    return (parseExactJson(text) as { devices?: unknown } | null)?.devices;
  } catch (error) {
    throw new PluginError(`stored rows cannot be counted: ${what} did not answer with JSON`, { cause: error });
  }
}

function rowsOfSqlite(db: string, prefix: string, { baseDirectory }: StepContext): StoredRows {
  const file = databaseFile(db, baseDirectory);
  if (!existsSync(file)) throw new PluginError(`verify.db: there is no SQLite file ${authorsPath(file)}`);
  return {
    source: 'database',
    sourceDescription: `table test_upload of ${authorsPath(file)}`,
    async count() {
      const client = createClient({ url: pathToFileURL(file).href });
      try {
        await client.execute('PRAGMA query_only = ON');
        const { rows } = await client.execute({
          sql: `SELECT device_id, count(*) FROM test_upload
                WHERE substr(device_id, 1, length(?1)) = ?1 GROUP BY device_id`,
          args: [prefix],
        });
        return new Map(rows.map((row) => [String(row[0]), exactCount(row[1])]));
      } catch (error) {
        const reason = errorMessage(error);
        throw new PluginError(`stored rows cannot be counted: ${authorsPath(file)}: ${reason.split('\n', 1)[0]}`, {
          cause: error,
        });
      } finally {
        client.close();
      }
    },
  };
}

/** @throws {PluginError} when plans may not name it here */
function databaseFile(db: string, baseDirectory: string): string {
  try {
    return locatePlanFile(planPath(baseDirectory, db));
  } catch (error) {
    throw new PluginError(`verify.db: ${db}: ${errorMessage(error)}`, { cause: error });
  }
}
