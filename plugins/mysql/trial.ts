import type { Connection } from 'mysql2/promise';
import { randomStream } from '../../core/plan/random.ts';
import { PluginError, type StepContext } from '../../core/plugin.ts';
import { oneLine } from '../../core/text/printable.ts';
import type { DataSet } from '../data/data-set.ts';
import { mysqlFailure } from './failure.ts';
import type { MysqlOperation } from './operation.ts';
import { obstacleTo, rollBack, SHOWN_SQL_CHARACTERS, tablesWithoutTransactions } from './rollback.ts';
import type { Statement, StatementScope } from './statement.ts';

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
  for (const operation of operations) {
    const { name, statements } = operation;
    const obstacle = obstacleTo(operation, lasting);
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
      `the SQL has ${wanted.length} ?, and there are ${given} parameters: ${oneLine(statement.sql, SHOWN_SQL_CHARACTERS)}`,
    );
  }
  if (values !== undefined) await prepared.execute(values as never);
}

function reasonOf(error: unknown): string {
  if (error instanceof PluginError) return error.message;
  const { errno, message } = mysqlFailure(error);
  return errno === 0 ? message : `the server answered ${message}`;
}
