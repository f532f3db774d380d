import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { errorMessage } from '../../core/error.ts';
import type { MysqlAddress } from '../../core/mysql/address.ts';
import { mysqlConnectionOptions } from '../../core/mysql/connection-options.ts';
import { limitSilence, openConnection } from '../../core/mysql/open-connection.ts';
import { readPlanFile } from '../../core/plan-files.ts';
import { PluginError, type StepContext } from '../../core/plugin.ts';
import { mysqlFailure, stepError } from './failure.ts';

/**
 * The first statement on each connection that writes. A server may have autocommit off for new connections: what it has
 * acknowledged would then be stored nowhere.
 */
export const AUTOCOMMIT = 'SET SESSION autocommit = 1';

/** The connect time limit where neither the URL nor an option sets one. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** How long a statement of a once-per-run step may go without an answer. */
export const STEP_SILENCE_MS = 30_000;
const RETRY_PAUSE_MS = 500;

export interface StepConnectionOptions {
  /** How long to try while the server is away, in milliseconds: it may be restarting. */
  readonly patienceMs: number;
  readonly connectTimeoutMs: number;
  /** How long the server may say nothing before the step is given up, in milliseconds: one that is frozen never answers. */
  readonly silenceMs: number;
  /** Begins a sentence, such as `the table cannot be dropped`. */
  readonly doing: string;
}

/** What mysql2 connects with, for drivers and monitors. @throws {PluginError} for a file of TLS that cannot be read */
export function connectionOptions(address: MysqlAddress, connectTimeoutMs: number): ConnectionOptions {
  try {
    return {
      ...mysqlConnectionOptions(address, connectTimeoutMs, readPlanFile),
      timezone: 'Z',
      // Attributes are not used, and a prepared statement is shorter without them.
      flags: ['-CLIENT_QUERY_ATTRIBUTES'],
    };
  } catch (error) {
    throw new PluginError(errorMessage(error), { cause: error });
  }
}

/**
 * Does work of a once-per-run step on a connection, and closes it after the work. The work is done again when its
 * connection was lost and patience is left, so it has to be repeatable.
 * @throws {PluginError}, also for what the server answers to the work
 */
export async function withConnection<T>(
  address: MysqlAddress,
  { patienceMs, connectTimeoutMs, silenceMs, doing }: StepConnectionOptions,
  signal: StepContext['signal'],
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const options = connectionOptions(address, connectTimeoutMs);
  const endMs = performance.now() + patienceMs;
  for (;;) {
    let connection: Connection | undefined;
    // A server that is frozen answers nothing, also not to what ends the connection in order.
    const destroy = () => connection?.destroy();
    signal.addEventListener('abort', destroy);
    try {
      connection = await openConnection(options);
      signal.throwIfAborted();
      limitSilence(connection, silenceMs);
      await connection.query({ sql: AUTOCOMMIT, timeout: options.connectTimeout ?? connectTimeoutMs });
      const result = await work(connection);
      await connection.end();
      return result;
    } catch (error) {
      destroy();
      signal.throwIfAborted();
      if (!mysqlFailure(error).mayPass || performance.now() >= endMs) throw stepError(error, address, doing);
    } finally {
      signal.removeEventListener('abort', destroy);
    }
    await sleep(RETRY_PAUSE_MS, undefined, { signal });
  }
}
