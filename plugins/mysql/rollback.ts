/** What a server takes back of an operation, and what it does not. */
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { oneLine } from '../../core/text/printable.ts';
import type { MysqlOperation } from './operation.ts';

/** Statements that a transaction can take back, if their tables can; others end the transaction, or may do anything. */
const REVERSIBLE =
  /^[\s(]*(select|with|values|table|show|explain|describe|desc|set\s+(session|@)|do|insert|update|delete|replace)\b/i;
/** Warning after a rollback: "Some non-transactional changed tables couldn't be rolled back". */
const NOT_ROLLED_BACK = 1196;
/** How much of a statement a message shows. */
export const SHOWN_SQL_CHARACTERS = 200;

interface LastingTable {
  readonly name: string;
  readonly engine: string;
}

/** The tables that keep every change at once, such as those of MyISAM and Aria. */
export async function tablesWithoutTransactions(connection: Connection): Promise<LastingTable[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT t.table_name AS name, t.engine AS engine
     FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine
     WHERE t.table_type = 'BASE TABLE' AND coalesce(e.transactions, 'NO') <> 'YES'
       AND t.table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')`,
  );
  return rows.map(({ name, engine }) => ({ name: String(name), engine: String(engine) }));
}

/** Why an operation cannot be tried and taken back, as a clause; undefined when nothing speaks against it. */
export function obstacleTo(
  { statements, reads }: MysqlOperation,
  lasting: readonly LastingTable[],
): string | undefined {
  if (reads.length > 0) return 'its parameters are known only while the load runs';
  return statements.map(({ sql }) => obstacleIn(sql, lasting)).find((reason) => reason !== undefined);
}

function obstacleIn(sql: string, lasting: readonly LastingTable[]): string | undefined {
  const [, keyword = ''] = REVERSIBLE.exec(sql) ?? [];
  if (keyword === '') return `a statement of this kind cannot be rolled back (${oneLine(sql, SHOWN_SQL_CHARACTERS)})`;
  if (!/^(with|insert|update|delete|replace)$/i.test(keyword)) return undefined;
  const words = new Set(sql.toLowerCase().match(/`[^`]+`|[\p{L}\p{N}_$]+/gu));
  const written = lasting.find(({ name }) => words.has(name.toLowerCase()) || words.has(`\`${name.toLowerCase()}\``));
  return written && `the table ${written.name} (${written.engine}) has no transactions, and could not be restored`;
}

/** @returns whether the server has taken everything back */
export async function rollBack(connection: Connection): Promise<boolean> {
  const [{ warningStatus }] = await connection.query<ResultSetHeader>('ROLLBACK');
  if (warningStatus === 0) return true;
  const [warnings] = await connection.query<RowDataPacket[]>('SHOW WARNINGS');
  return warnings.every(({ Code }) => Number(Code) !== NOT_ROLLED_BACK);
}
