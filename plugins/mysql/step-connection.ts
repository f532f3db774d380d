import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import type { StepContext } from '../../core/plugin.ts';
import { AUTOCOMMIT, connectionOptions, type MysqlAddress } from './address.ts';
import { mysqlFailure, stepError } from './failure.ts';

const CONNECT_LIMIT_MS = 10_000;
const RETRY_PAUSE_MS = 500;

export interface StepConnectionOptions {
  /** How long to try while the server is away, in milliseconds: it may be on its way back. */
  readonly patienceMs: number;
  /** Begins a sentence, such as `the table cannot be dropped`. */
  readonly doing: string;
}

/**
 * A connection for a once-per-run step; closed after the work.
 * @throws PluginError, also for what the server answers to the work
 */
export async function withConnection<T>(
  address: MysqlAddress,
  { patienceMs, doing }: StepConnectionOptions,
  signal: StepContext['signal'],
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    let connection: Connection | undefined;
    try {
      connection = await createConnection(connectionOptions(address, CONNECT_LIMIT_MS));
      // mysql2 tells of a connection that ends while nothing is on it by this event alone.
      connection.on('error', () => {});
      await connection.query(AUTOCOMMIT);
      return await work(connection);
    } catch (error) {
      signal.throwIfAborted();
      const { errno, kind } = mysqlFailure(error);
      const mayPass = errno === 0 || kind === 'too_many_connections' || kind === 'server_shutdown';
      if (!mayPass || performance.now() >= endMs) throw stepError(error, address, doing);
    } finally {
      await connection?.end().catch(() => {});
    }
    await sleep(RETRY_PAUSE_MS, undefined, { signal });
  }
}
