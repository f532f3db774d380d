import { dirname, resolve } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './app.ts';
import { WriteQueue } from './batch.ts';
import { readEnvironment } from './environment.ts';
import { TargetError } from './error.ts';
import { adapterForRuntime, listen } from './listen.ts';
import { RequestMetrics } from './metrics.ts';
import { DEFAULT_MYSQL_SETTINGS, type MysqlSettings } from './mysql/settings.ts';
import { dropSqliteTable, openSqliteStore } from './sqlite.ts';
import { SystemSampler } from './system.ts';
import type { UploadStore } from './upload-store.ts';

export { TargetError } from './error.ts';
export { DEFAULT_MYSQL_SETTINGS, type MysqlSettings } from './mysql/settings.ts';

export interface TargetOptions {
  /** The address to listen on, `127.0.0.1` or `0.0.0.0` for example. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /**
   * The path of a SQLite file, which is created when it is missing; or `mysql://user:password@host:port/database`, with
   * special characters percent-encoded and without options, which are in `mysql`.
   */
  readonly db: string;
  /** How a MySQL server is used. */
  readonly mysql?: MysqlSettings;
}

/** What the target has done since its start. */
export interface Served {
  /** Requests answered, on any route and with any status. */
  readonly requests: number;
  /** Uploads answered with something else than 200. */
  readonly uploadsFailed: number;
  readonly rowsCommitted: number;
}

export interface RunningTarget {
  /** Where clients on this machine reach it. */
  readonly url: string;
  readonly port: number;
  /** The database in words, without secrets. */
  readonly database: string;
  served(): Promise<Served>;
  /** Answers the requests in progress, then closes the connections and the database. May be called more than once. */
  stop(): Promise<void>;
}

/** Bounded, so that a database that hangs costs bounded memory, and later uploads are rejected at once. */
const WRITE_QUEUE = { batchRows: 256, capacity: 8192, lockWaitMs: 5000 } as const;
const UPLOAD_ROUTE = '/api/test/upload';

/**
 * Starts the reference target: an HTTP server that stores uploads in the table `test_upload`.
 * Throws `TargetError` when the port or the database cannot be used.
 */
export async function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const store = await openStore(options.db, options.mysql);
  const requests = new RequestMetrics();
  const queue = new WriteQueue(store, {
    ...WRITE_QUEUE,
    writers: store.writers,
    clock: { nowMs: () => performance.now(), nextTurn, sleep },
  });
  const system = await SystemSampler.start({
    folder: dataFolder(options.db),
    ping: () => store.ping(),
    takeDeepestQueue: () => queue.takeDeepest(),
  });
  let stopping: Promise<void> | undefined;
  const app = createApp(
    { environment: readEnvironment(), store, queue, requests, system, draining: () => stopping !== undefined },
    adapterForRuntime(),
  );
  const release = async (): Promise<void> => {
    system.stop();
    await store.close();
  };
  const listener = await listen(app, options.host, options.port).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  return {
    url: `http://${reachableHost(options.host)}:${listener.port}`,
    port: listener.port,
    database: store.description,
    async served() {
      const routes = await requests.routes();
      const uploads = routes.find(({ route }) => route === UPLOAD_ROUTE);
      return {
        requests: routes.reduce((sum, { count }) => sum + count, 0),
        uploadsFailed: (uploads?.count ?? 0) - (uploads?.countByStatus.get(200) ?? 0),
        rowsCommitted: queue.rowsCommitted,
      };
    },
    stop() {
      stopping ??= listener.stop().then(release);
      return stopping;
    },
  };
}

/** Drops the table `test_upload` of the database named by `--db`, when its columns are those of the upload test. Throws `TargetError`. */
export async function dropTarget(db: string, mysql: MysqlSettings = DEFAULT_MYSQL_SETTINGS): Promise<void> {
  if (isMysql(db)) return (await import('./mysql/store.ts')).dropMysqlTable(db, mysql);
  return dropSqliteTable(sqliteFile(db));
}

/**
 * Opens the database named by `--db`, creates the table `test_upload` where it is missing and checks its columns.
 * Throws `TargetError`.
 */
async function openStore(db: string, mysql: MysqlSettings = DEFAULT_MYSQL_SETTINGS): Promise<UploadStore> {
  if (isMysql(db)) return (await import('./mysql/store.ts')).openMysqlStore(db, mysql);
  return openSqliteStore(sqliteFile(db));
}

/** The folder whose file system is reported: that of a SQLite file; with MySQL, whose files are its server's, the working folder. */
function dataFolder(db: string): string {
  return isMysql(db) ? process.cwd() : dirname(resolve(db));
}

function isMysql(db: string): boolean {
  return /^mysql:\/\//i.test(db);
}

function sqliteFile(db: string): string {
  const scheme = /^([a-z][a-z0-9+]+):\/\//i.exec(db)?.[1];
  if (scheme !== undefined) {
    throw new TargetError(
      `The target knows no database "${scheme}://": give --db the path of a SQLite file, or mysql://user:password@host:port/database.`,
    );
  }
  if (db === '' || db === ':memory:') {
    throw new TargetError('The target needs a database that others can read too: give --db the path of a SQLite file.');
  }
  return resolve(db);
}

function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
