import type { RowDataPacket } from 'mysql2/promise';
import type { MysqlAddress } from '../../core/mysql/address.ts';
import { PluginError } from '../../core/plugin.ts';
import type { StoredRows } from '../../core/stats/reconcile.ts';
import { quoted } from '../mysql/own-table.ts';

/** A server that was killed may still be recovering when the load is over. */
const PATIENCE_MS = 30_000;
/** To count a large table takes long, and the server says nothing meanwhile. A little less than a step may take in all. */
const SILENCE_MS = 240_000;

/**
 * Counts a driver's rows in a table of a MySQL database. Device ids are compared byte by byte, whatever the collation of
 * their column: one that ignores case or trailing blanks would count the rows of several ids as those of one.
 * @param prefix what its device ids begin with, and no other's do
 */
export function rowsOfMysql(address: MysqlAddress, table: string, prefix: string): StoredRows {
  const pattern = `${prefix.replaceAll(/[|%_]/g, '|$&')}%`;
  // LIKE may find more than it should, and uses the index.
  const sql = `SELECT CAST(CONVERT(device_id USING utf8mb4) AS BINARY) AS device, count(*) AS stored FROM ${quoted(table)}
               WHERE device_id LIKE ? ESCAPE '|' GROUP BY device`;
  return {
    source: 'database',
    sourceDescription: `table ${table} of MySQL ${address.text}`,
    async count(signal) {
      // Loaded only here: agents import this file with the upload driver, and have no other use for a MySQL client.
      const { CONNECT_TIMEOUT_MS, withConnection } = await import('../mysql/connect.ts');
      const options = {
        patienceMs: PATIENCE_MS,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        silenceMs: SILENCE_MS,
        doing: 'stored rows cannot be counted',
      };
      return withConnection(address, options, signal, async (connection) => {
        const [rows] = await connection.query<RowDataPacket[]>(sql, [pattern]);
        const counts = rows.map((row): [string, number] => [String(row.device), exactCount(row.stored)]);
        return new Map(counts.filter(([device]) => device.startsWith(prefix)));
      });
    },
  };
}

/** @param stored a number, or a text where the number would not be exact */
export function exactCount(stored: unknown): number {
  const count = typeof stored === 'string' && /^\d+$/.test(stored) ? Number(stored) : stored;
  if (Number.isSafeInteger(count) && (count as number) >= 0) return count as number;
  throw new PluginError(`stored rows cannot be counted: ${JSON.stringify(stored)} is not a count of rows`);
}
