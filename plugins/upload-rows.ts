import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { isDatabaseUrl } from '../core/plan/database-url.ts';
import { PluginError, type StepContext } from '../core/plugin.ts';
import type { SettleOptions, StoredRows } from '../core/stats/reconcile.ts';
import { mysqlAddress } from './mysql/address.ts';
import { rowsOfMysql } from './mysql/stored-rows.ts';
import type { TlsOptions } from './mysql/tls.ts';

export const SETTLE: SettleOptions = {
  intervalMs: 200,
  tries: 50,
  pause: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

export interface VerifyOptions {
  readonly db: string;
  /** To a MySQL server. */
  readonly tls?: TlsOptions | undefined;
}

/**
 * Where a run's uploads are counted: keys are device ids.
 * @param path of the target's uploads; `<path>/count` counts them
 * @param verify the target's database: a SQLite file, or a MySQL URL; undefined to ask the target
 */
export function storedUploads(path: string, verify: VerifyOptions | undefined, context: StepContext): StoredRows {
  if (verify === undefined) return rowsOfTarget(path, context);
  const { db, tls } = verify;
  if (!isDatabaseUrl(db)) return rowsOfSqlite(db, context);
  const address = mysqlAddress({ url: db, name: 'verify.db', tls, baseDirectory: context.baseDirectory });
  return rowsOfMysql(address, 'test_upload', context);
}

function rowsOfTarget(path: string, { target, runId }: StepContext): StoredRows {
  const url = `${target.replace(/\/+$/, '')}${path}/count?prefix=${encodeURIComponent(`${runId}-`)}`;
  const what = `GET ${path}/count`;
  return {
    source: 'target',
    sourceDescription: what,
    async count(signal) {
      const { devices } = await fetchJson(url, what, signal);
      if (typeof devices !== 'object' || devices === null) {
        throw new PluginError(
          `${what} must answer {"devices": {id: rows}}; without it, name the database in verify.db`,
        );
      }
      return new Map(Object.entries(devices as Record<string, number>));
    },
  };
}

async function fetchJson(url: string, what: string, signal: AbortSignal): Promise<{ devices?: unknown }> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new PluginError(`stored rows cannot be counted: ${what} cannot be reached at ${new URL(url).origin}`);
  }
  const text = await response.text();
  if (!response.ok) throw new PluginError(`stored rows cannot be counted: ${what} answered ${response.status}`);
  try {
    return JSON.parse(text) as { devices?: unknown };
  } catch {
    throw new PluginError(`stored rows cannot be counted: ${what} answered no JSON`);
  }
}

function rowsOfSqlite(db: string, { runId, baseDirectory }: StepContext): StoredRows {
  const file = resolve(baseDirectory, db);
  if (!existsSync(file)) throw new PluginError(`verify.db: there is no SQLite file ${file}`);
  const prefix = `${runId}-`;
  return {
    source: 'database',
    sourceDescription: `table test_upload of ${file}`,
    async count() {
      const client = createClient({ url: pathToFileURL(file).href });
      try {
        await client.execute('PRAGMA query_only = ON');
        const { rows } = await client.execute({
          sql: `SELECT device_id, count(*) FROM test_upload
                WHERE substr(device_id, 1, length(?1)) = ?1 GROUP BY device_id`,
          args: [prefix],
        });
        return new Map(rows.map((row) => [String(row[0]), Number(row[1])]));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new PluginError(`stored rows cannot be counted: ${file}: ${reason.split('\n', 1)[0]}`);
      } finally {
        client.close();
      }
    },
  };
}
