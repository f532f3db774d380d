import type { Socket } from 'node:net';
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import { StoreError } from '../error.ts';
import type { MysqlAddress, MysqlSettings } from './settings.ts';

/** Time limit for connecting, where the settings have none; also for a check of an idle connection. */
const CONNECT_LIMIT_MS = 5000;
/** A lock of another connection is waited for so long, by the server. */
const LOCK_WAIT_SECONDS = 5;
/** A statement that has no answer after this is given up, with its connection. */
export const STATEMENT_LIMIT_MS = 15_000;
/** The server gets so long to answer what it was asked, and to take leave. */
const CLOSE_LIMIT_MS = 5000;
/** The pool closes connections beyond those that it keeps within a second; those stay for this long. */
const KEEP_IDLE_MS = 3_600_000;

/** Connections to one database: some are kept, more are made under load, and none is used that may be dead. */
export class MysqlPool {
  readonly pool: Pool;
  readonly #checkAfterMs: number;
  readonly #usedMs = new WeakMap<object, number>();
  /** Open ones, also of connections that were given up: the server may not have closed its side yet. */
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
    this.pool.on('connection', (made) => {
      const connection = made as unknown as CallbackConnection;
      const { stream } = connection;
      this.#sockets.add(stream);
      stream.once('close', () => this.#sockets.delete(stream));
      // A server may have autocommit off for new connections: an upload that was answered would be stored nowhere.
      // It has a callback: without one a failure would be an event that nobody hears, which ends the process.
      connection.query(
        `SET SESSION autocommit = 1, SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}, SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
        () => {},
      );
    });
  }

  /** Runs work on a live connection. What the server or the network did to it is thrown as mysql2 tells it. */
  async use<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.#live();
    try {
      const result = await work(connection);
      this.#usedMs.set(connection.connection, performance.now());
      connection.release();
      return result;
    } catch (error) {
      // The server has answered with a refusal: the connection is in order. Otherwise nobody knows what is on it.
      if ((error as { sqlState?: unknown }).sqlState !== undefined) connection.release();
      else connection.destroy();
      throw error;
    }
  }

  /** A server that is frozen or cut off answers nothing and closes nothing: its connections are then cut. */
  async close(): Promise<void> {
    const left = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await limited(Promise.all([this.pool.end(), ...left]), CLOSE_LIMIT_MS).catch(() => {});
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Skips connections that died while nobody used them: after a restart of the server, all of them. */
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
