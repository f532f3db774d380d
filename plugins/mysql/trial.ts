import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { randomStream } from '../../core/plan/random.ts';
import { PluginError, type StepContext } from '../../core/plugin.ts';
import type { DataSet } from '../data/data-set.ts';
import { mysqlFailure } from './failure.ts';
import type { MysqlOperation } from './operation.ts';
import type { Statement, StatementScope } from './statement.ts';

/** Statements that a transaction can take back, if their tables can; others end the transaction, or may do anything. */
const REVERSIBLE =
  /^[\s(]*(select|with|values|table|show|explain|describe|desc|set\s+(session|@)|do|insert|update|delete|replace)\b/i;
/** Warning after a rollback: "Some non-transactional changed tables couldn't be rolled back". */
const NOT_ROLLED_BACK = 1196;

/**
 * Prepares each statement, runs each operation once and rolls it back, so that a mistake in it is reported before the
 * load. What could not be rolled back is only prepared, which finds all mistakes but those of its values.
 * @throws {PluginError} naming the operation
 */
export async function tryOperations(
  connection: Connection,
  operations: Iterable<MysqlOperation>,
  sets: readonly DataSet[],
  { runId, progress }: Pick<StepContext, 'runId' | 'progress'>,
): Promise<void> {
  const random = randomStream(0, 0);
  const rows = sets.map((set) => set.take(0, random) ?? []);
  const scope: StatementScope = {
    vu: 1,
    iteration: 0,
    runId,
    random,
    rows,
    variables: new Map(),
    device: `${runId}-trial`,
  };
  const lasting = await tablesWithoutTransactions(connection);
  for (const { name, statements, reads } of operations) {
    const obstacle =
      reads.length > 0
        ? 'its parameters are known only while the load runs'
        : statements.map(({ sql }) => obstacleTo(sql, lasting)).find((reason) => reason !== undefined);
    if (obstacle !== undefined) {
      progress(`operation ${name} is checked, but not tried before the load: ${obstacle}`);
    }
    await connection.beginTransaction();
    try {
      for (const statement of statements) await tryStatement(connection, statement, scope, obstacle === undefined);
    } catch (error) {
      // A connection that is lost has been rolled back by the server.
      await connection.rollback().catch(() => {});
      throw new PluginError(`operation ${name}: ${reasonOf(error)}`, { cause: error });
    }
    if (!(await rollBack(connection))) {
      throw new PluginError(
        `operation ${name}: it was tried once before the load, and its changes are still there, because it writes into a table that has no transactions, through a view or a trigger: change the engine of that table to InnoDB`,
      );
    }
  }
}

async function tryStatement(
  connection: Connection,
  statement: Statement,
  scope: StatementScope,
  mayRun: boolean,
): Promise<void> {
  const values = mayRun ? statement.values(scope) : undefined;
  const given = values?.length ?? statement.parameters;
  const prepared = await connection.prepare(statement.sql);
  // mysql2's types do not have the parameters.
  const { parameters: wanted } = (prepared as unknown as { statement: { parameters: readonly unknown[] } }).statement;
  if (wanted.length !== given) {
    throw new PluginError(
      `the SQL has ${wanted.length} ?, and there are ${given} parameters: ${oneLine(statement.sql)}`,
    );
  }
  if (values !== undefined) await prepared.execute(values as never);
}

/** @returns whether the server has taken everything back */
async function rollBack(connection: Connection): Promise<boolean> {
  const [{ warningStatus }] = await connection.query<ResultSetHeader>('ROLLBACK');
  if (warningStatus === 0) return true;
  const [warnings] = await connection.query<RowDataPacket[]>('SHOW WARNINGS');
  return warnings.every(({ Code }) => Number(Code) !== NOT_ROLLED_BACK);
}

interface LastingTable {
  readonly name: string;
  readonly engine: string;
}

/** The tables that keep every change at once, such as those of MyISAM and Aria. */
async function tablesWithoutTransactions(connection: Connection): Promise<LastingTable[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT t.table_name AS name, t.engine AS engine
     FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine
     WHERE t.table_type = 'BASE TABLE' AND coalesce(e.transactions, 'NO') <> 'YES'
       AND t.table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')`,
  );
  return rows.map(({ name, engine }) => ({ name: String(name), engine: String(engine) }));
}

/** Why a statement could not be rolled back, as a clause; undefined when nothing speaks against it. */
function obstacleTo(sql: string, lasting: readonly LastingTable[]): string | undefined {
  const [, keyword = ''] = REVERSIBLE.exec(sql) ?? [];
  if (keyword === '') return `a statement of this kind cannot be rolled back (${oneLine(sql)})`;
  if (!/^(with|insert|update|delete|replace)$/i.test(keyword)) return undefined;
  const words = new Set(sql.toLowerCase().match(/`[^`]+`|[\p{L}\p{N}_$]+/gu));
  const written = lasting.find(({ name }) => words.has(name.toLowerCase()) || words.has(`\`${name.toLowerCase()}\``));
  return written && `the table ${written.name} (${written.engine}) has no transactions, and could not be restored`;
}

function reasonOf(error: unknown): string {
  return error instanceof PluginError ? error.message : `the server answered ${mysqlFailure(error).message}`;
}

function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').slice(0, 200);
}
