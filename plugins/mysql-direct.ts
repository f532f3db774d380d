import type { MysqlAddress } from '../core/mysql/address.ts';
import {
  type Driver,
  type DriverContext,
  type DriverUse,
  defineDriver,
  NotPreparedError,
  PluginError,
  type StepContext,
} from '../core/plugin.ts';
import { dealAllHere } from '../core/script/dealt-indices.ts';
import { reconcileWhenSettled } from '../core/stats/reconcile.ts';
import { openDataSets } from './data/data-option.ts';
import { addressOf, hostFilesIn, tlsFiles, urlProblem } from './mysql/address.ts';
import {
  CONNECT_TIMEOUT_MS,
  connectionOptions,
  STEP_SILENCE_MS,
  type StepConnectionOptions,
  withConnection,
} from './mysql/connect.ts';
import { MysqlConnection } from './mysql/connection.ts';
import { ConnectionPool } from './mysql/connection-pool.ts';
import { compileOperations, operationInfos } from './mysql/operation.ts';
import { type MysqlOptions, mysqlOptions, READS } from './mysql/options.ts';
import { createTable, dropTable, runTable } from './mysql/own-table.ts';
import { MysqlSession, type SessionContext } from './mysql/session.ts';
import { tryOperations } from './mysql/trial.ts';
import { AbortFanout } from './net/abort-fanout.ts';
import { DeadlineWheel } from './net/deadline-wheel.ts';
import { rowsOfMysql } from './verify/mysql-rows.ts';
import { SETTLE } from './verify/stored-uploads.ts';

const NAME = 'mysql-direct';
const DEVICE_DIGITS = 5;
/** At the end of a run the server may be restarting. */
const CLEANUP_PATIENCE_MS = 30_000;

/** SQL on a MySQL or MariaDB server: what the database does without a service in front of it. */
export default defineDriver<MysqlOptions>({
  name: NAME,
  description: 'Runs SQL on a MySQL or MariaDB server and proves that every acknowledged insert is stored.',
  limitsOperations: true,
  options: mysqlOptions,
  operations: operationInfos,

  targetProblem: ({ url }, target) => (url === undefined ? urlProblem(target) : undefined),

  files: ({ url, tls, data }, target) => [
    ...Object.values(data).map(({ file }) => file),
    ...tlsFiles(url ?? target, tls),
  ],
  hostFiles: ({ url }, target) => hostFilesIn(url ?? target),

  clash(use, earlier) {
    const { url, table } = use.options;
    if (url !== earlier.options.url || table !== earlier.options.table) return undefined;
    // Without a name, each driver would make the run's own table.
    if (table !== undefined && (onlyReads(use) || onlyReads(earlier))) return undefined;
    const message =
      table === undefined
        ? `another ${NAME} driver makes the run's own table of the same database too: give each driver a table of its own, or one that only reads the table that the other names`
        : `another ${NAME} driver uses the same table of the same database, and each would count the other's rows: give each driver a table of its own`;
    return { path: ['table'], message };
  },

  writes: (use) => !onlyReads(use),

  async open(options, context): Promise<Driver> {
    const shared = await sessionContext(options, context);
    await shared.pool?.open();
    return {
      async connect(user, _signal, sendable) {
        const device = `${deviceStart(context.runId)}${String(user.index + 1).padStart(DEVICE_DIGITS, '0')}`;
        const session = new MysqlSession(shared, user, device, context.tally(device), sendable);
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
    const address = databaseAddress(options, context);
    const table = runTable(options.table, context.runId);
    const data = await openDataSets(options.data, context.baseDirectory, dealAllHere);
    const operations = compileOperations(options, table.name, data);
    // The built-in operations fit a table of the run's own; one that somebody else has made may have other columns.
    const hasOwn = Object.keys(options.operations).length > 0;
    const tried = [...operations.values()].filter(
      ({ name }) => !(table.isNamed && hasOwn) || Object.hasOwn(options.operations, name),
    );
    let isConnected = false;
    const step = stepOptions(options, address, 0, 'the database cannot be prepared');
    const prepared = withConnection(address, step, context.signal, async (connection) => {
      isConnected = true;
      await createTable(connection, table, options.rows, context);
      await tryOperations(connection, tried, [...data.values()], context);
    });
    await prepared.catch((error: unknown) => {
      if (isConnected || !(error instanceof PluginError)) throw error;
      throw new NotPreparedError(error.message, { cause: error });
    });
  },

  async verify(options, context) {
    const { name } = runTable(options.table, context.runId);
    const stored = rowsOfMysql(databaseAddress(options, context), name, deviceStart(context.runId));
    context.progress(`comparing acknowledged inserts with stored rows (${stored.sourceDescription})`);
    return reconcileWhenSettled(context.writes, stored, SETTLE, context.signal);
  },

  async cleanup(options, context) {
    const address = databaseAddress(options, context);
    const table = runTable(options.table, context.runId);
    const step = stepOptions(options, address, CLEANUP_PATIENCE_MS, `the table ${table.name} cannot be dropped`);
    await withConnection(address, step, context.signal, async (connection) => {
      if (await dropTable(connection, table, context.runId)) context.progress(`the table ${table.name} is dropped`);
    });
  },
});

function onlyReads({ operations }: Pick<DriverUse, 'operations'>): boolean {
  return [...operations].every((name) => READS.some((read) => read === name));
}

/** The prefix of all device ids of a run. */
function deviceStart(runId: string): string {
  return `${runId}-device-`;
}

function databaseAddress(options: MysqlOptions, context: Pick<StepContext, 'target' | 'baseDirectory'>): MysqlAddress {
  const url = options.url ?? context.target;
  if (url === '') {
    throw new PluginError(
      `driver "${NAME}" needs a database: give the plan a target such as mysql://user:\${env:DB_PASSWORD}@127.0.0.1:3306/database`,
    );
  }
  const name = options.url === undefined ? 'target' : 'options.url';
  const address = addressOf({ url, name, tls: options.tls, baseDirectory: context.baseDirectory });
  if (options.connectTimeout !== undefined && address.connectTimeoutMs !== undefined) {
    throw new PluginError(`${name}: it has a connectTimeout, and so has the driver: leave one of them out`);
  }
  return address;
}

function connectTimeoutMs({ connectTimeout }: MysqlOptions, address: MysqlAddress): number {
  return connectTimeout === undefined ? (address.connectTimeoutMs ?? CONNECT_TIMEOUT_MS) : connectTimeout / 1000;
}

function stepOptions(
  options: MysqlOptions,
  address: MysqlAddress,
  patienceMs: number,
  doing: string,
): StepConnectionOptions {
  // The trial runs the plan's own statements, which may take as long as they may in the load.
  const silenceMs = Math.max(STEP_SILENCE_MS, options.timeout / 1000);
  return { patienceMs, connectTimeoutMs: connectTimeoutMs(options, address), silenceMs, doing };
}

/** @throws {PluginError} when the server cannot be reached */
async function sessionContext(options: MysqlOptions, context: DriverContext): Promise<SessionContext> {
  const address = databaseAddress(options, context);
  const data = await openDataSets(options.data, context.baseDirectory, context.deal);
  const timeoutMs = options.timeout / 1000;
  const deadlines = new DeadlineWheel();
  const connection = {
    options: connectionOptions(address, connectTimeoutMs(options, address)),
    protocol: options.protocol,
    nowUs: context.nowUs,
    connectTiming: context.timing('mysql.connect'),
  };
  const probe = new MysqlConnection(connection);
  const failure = await probe.open();
  probe.close();
  if (failure !== undefined) {
    throw new PluginError(`the MySQL server at ${address.place} cannot be used: ${failure.message}`);
  }
  deadlines.start();
  return {
    ...connection,
    runId: context.runId,
    operations: compileOperations(options, runTable(options.table, context.runId).name, data),
    sets: [...data.values()],
    pool: options.connections === 'per-user' ? undefined : new ConnectionPool(options.connections.pool, connection),
    poolTiming: context.timing('mysql.pool_wait'),
    deadlines,
    timeoutMs,
    aborts: new AbortFanout(),
  };
}
