import type { Connection } from 'mysql2/promise';
import { randomStream } from '../../core/plan/random.ts';
import { PluginError } from '../../core/plugin.ts';
import type { DataSet } from '../data/data-set.ts';
import { mysqlFailure } from './failure.ts';
import type { MysqlOperation } from './operation.ts';
import type { Statement, StatementScope } from './statement.ts';

/**
 * Runs each operation once and takes it back, so that a slip in it is told before the load.
 * @throws {PluginError} naming the operation
 */
export async function tryOperations(
  connection: Connection,
  operations: Iterable<MysqlOperation>,
  sets: readonly DataSet[],
  runId: string,
): Promise<void> {
  const random = randomStream(0, 0);
  const rows = sets.map((set) => set.next(0, random) ?? []);
  const scope: StatementScope = { vu: 1, iteration: 0, runId, random, rows, device: `${runId}-trial` };
  for (const { name, statements } of operations) {
    await connection.beginTransaction();
    try {
      for (const statement of statements) await tryStatement(connection, statement, scope);
    } catch (error) {
      throw new PluginError(`operation ${name}: ${sentenceOf(error)}`);
    } finally {
      await connection.rollback();
    }
  }
}

async function tryStatement(connection: Connection, statement: Statement, scope: StatementScope): Promise<void> {
  const values = statement.values(scope);
  const prepared = await connection.prepare(statement.sql);
  // mysql2's types do not tell of them.
  const { parameters: wanted } = (prepared as unknown as { statement: { parameters: readonly unknown[] } }).statement;
  if (wanted.length !== values.length) {
    throw new PluginError(
      `the SQL has ${wanted.length} ?, and there are ${values.length} parameters: ${oneLine(statement.sql)}`,
    );
  }
  await prepared.execute(values as never);
}

function sentenceOf(error: unknown): string {
  return error instanceof PluginError ? error.message : `the server answered ${mysqlFailure(error).message}`;
}

function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').slice(0, 200);
}
