import type { Socket } from 'node:net';
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import { StoreError } from '../error.ts';
import type { MysqlAddress, MysqlSettings } from './settings.ts';

/** Time limit for connecting, where the settings have none; also for a check of an idle connection. */
const CONNECT_LIMIT_MS = 5000;
/** How long the server lets a statement wait for a lock of another connection. */
const LOCK_WAIT_SECONDS = 5;
/** A statement without an answer after this is abandoned, with its connection. */
export const STATEMENT_LIMIT_MS = 15_000;
/** How long the server may take to answer running statements and to close the connections. */
const CLOSE_LIMIT_MS = 5000;
/** How long the pool keeps its idle connections; those beyond `poolSize` it closes within a second. */
const KEEP_IDLE_MS = 3_600_000;

/** Connections to one database: some are kept open, more are opened under load, and dead ones are not used. */
export class MysqlPool {
  readonly pool: Pool;
  readonly #checkAfterMs: number;
  readonly #usedMs = new WeakMap<object, number>();
  /** All open sockets, also those of abandoned connections: the server may not have closed its side yet. */
  readonly #sockets = new Set<Socket>();

  constructor({ host, port, user, password, database }: MysqlAddress, settings: MysqlSettings) {
    this.#checkAfterMs = settings.poolCheckAfterMs;
    this.pool = createPool({
      ...{ host, port, user, password, database },
      charset: 'utf8mb4',
      connectTimeout: CONNECT_LIMIT_MS,
      connectionLimit: settings.poolSize + settings.poolOverflow,
      maxIdle: settings.poolSize,
      idleTimeout: KEEP_IDLE_MS,
      supportBigNumbers: true,
      ...settings.transport,
    });
    settings.guard(this.pool);
    this.pool.on('connection', (made) => {
      const connection = made as unknown as CallbackConnection;
      const { stream } = connection;
      this.#sockets.add(stream);
      stream.once('close', () => this.#sockets.delete(stream));
      // A server may have autocommit off for new connections: an upload that was answered would then be stored nowhere.
      // Without a callback, a failure would be an event without a listener, which ends the process.
      connection.query(
        `SET SESSION autocommit = 1, SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}, SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
        () => {},
      );
    });
  }

  /** Runs work on a live connection. Throws failures of the server and of the network as mysql2 reports them. */
  async use<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.#live();
    try {
      const result = await work(connection);
      this.#usedMs.set(connection.connection, performance.now());
      connection.release();
      return result;
    } catch (error) {
      // After an error that the server has sent, the connection is in order. Otherwise nobody knows its state.
      if ((error as { sqlState?: unknown }).sqlState !== undefined) connection.release();
      else connection.destroy();
      throw error;
    }
  }

  /** Destroys the connections of a server that is frozen or cut off, since it neither answers nor closes them. */
  async close(): Promise<void> {
    const left = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await limited(Promise.all([this.pool.end(), ...left]), CLOSE_LIMIT_MS).catch(() => {});
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Skips connections that died while they were idle: after a restart of the server, all of them. */
  async #live(): Promise<PoolConnection> {
    for (;;) {
      const connection = await this.pool.getConnection();
      const usedMs = this.#usedMs.get(connection.connection);
      const isFresh = usedMs === undefined || performance.now() - usedMs < this.#checkAfterMs;
      if (isFresh) return connection;
      try {
        await limited(connection.ping(), CONNECT_LIMIT_MS);
        return connection;
      } catch {
        connection.destroy();
      }
    }
  }
}

interface CallbackConnection {
  readonly stream: Socket;
  query(sql: string, done: () => void): void;
}

/** @throws {StoreError} `busy` when it takes longer */
export async function limited<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const error = new StoreError('busy', `the database gave no answer within ${limitMs / 1000} s`);
  const timer = setTimeout(() => limit.reject(error), limitMs);
  work.catch(() => {});
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
