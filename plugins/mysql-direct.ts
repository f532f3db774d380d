import {
  type Driver,
  type DriverContext,
  type DriverUse,
  defineDriver,
  PluginError,
  type StepContext,
} from '../core/plugin.ts';
import { reconcile, reconcileWhenSettled } from '../core/stats/reconcile.ts';
import { openDataSets } from './data/data-option.ts';
import { connectionOptions, type MysqlAddress, mysqlAddress } from './mysql/address.ts';
import { MysqlConnection } from './mysql/connection.ts';
import { ConnectionPool } from './mysql/connection-pool.ts';
import { compileOperations, operationInfos } from './mysql/operation.ts';
import { type MysqlOptions, mysqlOptions, READS } from './mysql/options.ts';
import { createTable, dropTable, runTable } from './mysql/own-table.ts';
import { MysqlSession, type SessionContext } from './mysql/session.ts';
import { withConnection } from './mysql/step-connection.ts';
import { tryOperations } from './mysql/trial.ts';
import { AbortFanout } from './net/abort-fanout.ts';
import { DeadlineWheel } from './net/deadline-wheel.ts';
import { rowsOfMysql } from './verify/mysql-rows.ts';
import { SETTLE } from './verify/stored-uploads.ts';

const NAME = 'mysql-direct';
const DEVICE_DIGITS = 5;
/** At the end of a run the server may be on its way back. */
const CLEANUP_PATIENCE_MS = 30_000;

/** SQL on a MySQL or MariaDB server: what the database does without a service in front of it. */
export default defineDriver<MysqlOptions>({
  name: NAME,
  description: 'Runs SQL on a MySQL or MariaDB server and proves that every acknowledged insert is stored.',
  options: mysqlOptions,
  operations: operationInfos,

  clash(use, earlier) {
    const { url, table } = use.options;
    if (url !== earlier.options.url || table !== earlier.options.table) return undefined;
    // A table without a name is made by each for itself, and made only once.
    if (table !== undefined && (onlyReads(use) || onlyReads(earlier))) return undefined;
    const message =
      table === undefined
        ? `another ${NAME} driver makes the run's own table of the same database too: give each driver a table of its own, or one that only reads the table that the other names`
        : `another ${NAME} driver uses the same table of the same database, and each would count the other's rows: give each driver a table of its own`;
    return { path: ['table'], message };
  },

  async open(options, context): Promise<Driver> {
    const shared = await sessionContext(options, context);
    await shared.pool?.open();
    return {
      async connect(user) {
        const device = `${deviceStart(context.runId)}${String(user.index + 1).padStart(DEVICE_DIGITS, '0')}`;
        const session = new MysqlSession(shared, user, device, context.tally(device));
        await session.open();
        return session;
      },
      close() {
        shared.pool?.close();
        shared.deadlines.stop();
      },
    };
  },

  async prepare(options, context) {
    const address = addressOf(options, context);
    const table = runTable(options.table, context.runId);
    const data = openDataSets(options.data, context.baseDirectory);
    const operations = compileOperations(options, table.name, data);
    const step = { patienceMs: 0, doing: 'the database cannot be prepared' };
    await withConnection(address, step, context.signal, async (connection) => {
      await createTable(connection, table, options.rows, context);
      // A table of somebody else's need not have the columns of the built-in operations.
      const hasOwn = Object.keys(options.operations).length > 0;
      const tried = [...operations.values()].filter(
        ({ name }) => !(table.isNamed && hasOwn) || Object.hasOwn(options.operations, name),
      );
      await tryOperations(connection, tried, [...data.values()], context.runId);
    });
  },

  async verify(options, context) {
    const { name } = runTable(options.table, context.runId);
    const stored = rowsOfMysql(addressOf(options, context), name, deviceStart(context.runId));
    // Rows of the run in this table are then another driver's.
    if (onlyReads(context)) return reconcile(context.writes, new Map(), stored, true);
    context.progress(`comparing acknowledged inserts with stored rows (${stored.sourceDescription})`);
    return reconcileWhenSettled(context.writes, stored, SETTLE, context.signal);
  },

  async cleanup(options, context) {
    const table = runTable(options.table, context.runId);
    const step = { patienceMs: CLEANUP_PATIENCE_MS, doing: `the table ${table.name} cannot be dropped` };
    await withConnection(addressOf(options, context), step, context.signal, async (connection) => {
      if (await dropTable(connection, table, context.runId)) context.progress(`the table ${table.name} is dropped`);
    });
  },
});

function onlyReads({ operations }: Pick<DriverUse, 'operations'>): boolean {
  return [...operations].every((name) => READS.some((read) => read === name));
}

/** What all device ids of a run begin with. */
function deviceStart(runId: string): string {
  return `${runId}-device-`;
}

function addressOf(options: MysqlOptions, context: Pick<StepContext, 'target' | 'baseDirectory'>): MysqlAddress {
  const url = options.url ?? context.target;
  if (url === '') {
    throw new PluginError(
      `driver "${NAME}" needs a database: give the plan a target such as mysql://user:\${env:DB_PASSWORD}@127.0.0.1:3306/database`,
    );
  }
  const name = options.url === undefined ? 'target' : 'options.url';
  return mysqlAddress({ url, name, tls: options.tls, baseDirectory: context.baseDirectory });
}

/** @throws {PluginError} when the server cannot be reached */
async function sessionContext(options: MysqlOptions, context: DriverContext): Promise<SessionContext> {
  const address = addressOf(options, context);
  const data = openDataSets(options.data, context.baseDirectory);
  const [timeoutMs, connectTimeoutMs] = [options.timeout / 1000, options.connectTimeout / 1000];
  const deadlines = new DeadlineWheel(timeoutMs);
  const connection = {
    options: connectionOptions(address, connectTimeoutMs),
    protocol: options.protocol,
    nowUs: context.nowUs,
    connectTiming: context.timing('mysql.connect'),
  };
  const probe = new MysqlConnection(connection);
  const failure = await probe.open();
  probe.close();
  if (failure !== undefined) {
    throw new PluginError(`the MySQL server at ${address.host}:${address.port} cannot be used: ${failure.message}`);
  }
  deadlines.start();
  return {
    ...connection,
    runId: context.runId,
    operations: compileOperations(options, runTable(options.table, context.runId).name, data),
    sets: [...data.values()],
    pool: options.connections === 'per-user' ? undefined : new ConnectionPool(options.connections, connection),
    poolTiming: context.timing('mysql.pool_wait'),
    deadlines,
    timeoutTicks: deadlines.ticks(timeoutMs),
    timeoutMs,
    aborts: new AbortFanout(),
  };
}
