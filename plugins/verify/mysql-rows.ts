import type { RowDataPacket } from 'mysql2/promise';
import type { StoredRows } from '../../core/stats/reconcile.ts';
import type { MysqlAddress } from '../mysql/address.ts';
import { quoted } from '../mysql/own-table.ts';

/** A server that was killed may still be recovering when the load is over. */
const PATIENCE_MS = 30_000;

/**
 * Counts a driver's rows in a table of a MySQL database.
 * @param prefix what its device ids begin with, and no other's do
 */
export function rowsOfMysql(address: MysqlAddress, table: string, prefix: string): StoredRows {
  const pattern = `${prefix.replaceAll(/[|%_]/g, '|$&')}%`;
  const sql = `SELECT device_id AS device, count(*) AS stored FROM ${quoted(table)}
               WHERE device_id LIKE ? ESCAPE '|' GROUP BY device_id`;
  return {
    source: 'database',
    sourceDescription: `table ${table} of MySQL ${address.text}`,
    async count(signal) {
      // Not before: the upload driver has no other use for a MySQL client, in agents none at all.
      const { withConnection } = await import('../mysql/step-connection.ts');
      const options = { patienceMs: PATIENCE_MS, doing: 'stored rows cannot be counted' };
      return withConnection(address, options, signal, async (connection) => {
        const [rows] = await connection.query<RowDataPacket[]>(sql, [pattern]);
        const counts = rows.map((row): [string, number] => [String(row.device), Number(row.stored)]);
        return new Map(counts.filter(([device]) => device.startsWith(prefix)));
      });
    },
  };
}
