import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { z } from 'zod';
import type { MysqlAddress } from '../core/mysql/address.ts';
import { openConnection } from '../core/mysql/open-connection.ts';
import { object } from '../core/plan/fields.ts';
import { defineMonitor, type Monitor, PluginError } from '../core/plugin.ts';
import { addressOf, hostFilesIn, tlsFiles, tlsSchema, urlSchema } from './mysql/address.ts';
import { connectionOptions } from './mysql/connect.ts';
import { mysqlFailure } from './mysql/failure.ts';

/** Status variables that are reported as they are (https://mariadb.com/kb/en/server-status-variables/). */
const GAUGES: Readonly<Record<string, string>> = {
  Threads_running: 'threads_running',
  Threads_connected: 'threads_connected',
  Innodb_row_lock_current_waits: 'row_lock_waiting',
};
/** Counters that are reported as their growth per second. */
const RATES: Readonly<Record<string, string>> = {
  // Counts all statements that change rows, also those outside a transaction, which Com_commit leaves out.
  Handler_commit: 'commits_per_second',
  Innodb_row_lock_waits: 'row_lock_waits_per_second',
  Slow_queries: 'slow_queries_per_second',
  Questions: 'questions_per_second',
  Bytes_received: 'bytes_received_per_second',
  Bytes_sent: 'bytes_sent_per_second',
  Aborted_connects: 'aborted_connects_per_second',
};
const READ_REQUESTS = 'Innodb_buffer_pool_read_requests';
const READS = 'Innodb_buffer_pool_reads';
const ROWS_INSERTED = 'rows_inserted_per_second';
/** MariaDB has only the second one since 10.5; on MySQL that one also counts rows of the server's temporary tables. */
const INSERTED: readonly string[] = ['Innodb_rows_inserted', 'Handler_write'];
const WANTED = [...INSERTED, ...Object.keys(GAUGES), ...Object.keys(RATES), READ_REQUESTS, READS];
/** A sample is due each second. */
const CONNECT_TIMEOUT_MS = 900;

const options = object({
  url: urlSchema
    .optional()
    .describe(`mysql://user:password@host:port/database, the password as \${env:NAME}. Default: the plan's target.`),
  tls: tlsSchema.optional().describe('Encrypt the connection; the URL may say it too, by ssl-mode.'),
});

/** Samples a MySQL or MariaDB server's own counters. */
export default defineMonitor<z.output<typeof options>>({
  name: 'mysql',
  description: 'Samples the counters of a MySQL or MariaDB server each second.',
  options,
  files: ({ url, tls }, target) => tlsFiles(url ?? target, tls),
  hostFiles: ({ url }, target) => hostFilesIn(url ?? target),
  open({ url, tls }, { target, baseDirectory }) {
    if (url === undefined && !/^mysql:/i.test(target)) {
      throw new PluginError('monitor "mysql" needs a url, because the plan has no mysql target');
    }
    const name = url === undefined ? 'target' : 'options.url';
    return new MysqlMonitor(addressOf({ url: url ?? target, name, tls, baseDirectory }));
  },
});

class MysqlMonitor implements Monitor {
  readonly #address: MysqlAddress;
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #isClosed = false;
  /** Counters of the previous sample, and when that was taken. */
  #counters = new Map<string, number>();
  #atMs = 0;

  constructor(address: MysqlAddress) {
    this.#address = address;
  }

  async sample(signal: AbortSignal): Promise<Record<string, number>> {
    const rows = await this.#query(
      `SHOW GLOBAL STATUS WHERE Variable_name IN (${WANTED.map(() => '?')})`,
      WANTED,
      signal,
    );
    const nowMs = performance.now();
    const elapsedS = (nowMs - this.#atMs) / 1000;
    const status = new Map(rows.map((row) => [String(row.Variable_name), Number(row.Value)]));
    const values: Record<string, number> = {};
    for (const [name, metric] of Object.entries(GAUGES)) {
      const value = status.get(name);
      if (value !== undefined) values[metric] = value;
    }
    for (const [name, metric] of Object.entries(RATES)) {
      const growth = this.#growth(name, status);
      if (growth !== undefined) values[metric] = growth / elapsedS;
    }
    const inserted = INSERTED.map((name) => this.#growth(name, status)).find((growth) => growth !== undefined);
    if (inserted !== undefined) values[ROWS_INSERTED] = inserted / elapsedS;
    const [requests, reads] = [this.#growth(READ_REQUESTS, status), this.#growth(READS, status)];
    if (requests !== undefined && reads !== undefined && requests > 0) {
      values.buffer_pool_hit_share = Math.max(0, 1 - reads / requests);
    }
    this.#counters = status;
    this.#atMs = nowMs;
    return values;
  }

  async describe(signal: AbortSignal): Promise<Record<string, string>> {
    const [row] = await this.#query(
      `SELECT version() AS version, @@innodb_flush_log_at_trx_commit AS flush, @@max_connections AS connections,
              @@innodb_buffer_pool_size AS pool`,
      [],
      signal,
    );
    return {
      database: `${this.#address.text}, ${row?.version}`,
      innodb_flush_log_at_trx_commit: String(row?.flush),
      innodb_buffer_pool_bytes: String(row?.pool),
      max_connections: String(row?.connections),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#disconnect();
  }

  /** How much a counter has grown; undefined for the first sample, and after the server has restarted. */
  #growth(name: string, status: ReadonlyMap<string, number>): number | undefined {
    const [value, before] = [status.get(name), this.#counters.get(name)];
    return value === undefined || before === undefined || value < before ? undefined : value - before;
  }

  async #query(sql: string, values: readonly string[], signal: AbortSignal): Promise<RowDataPacket[]> {
    const cut = () => this.#disconnect();
    signal.addEventListener('abort', cut, { once: true });
    try {
      const connection = this.#connection ?? (await this.#open());
      const [rows] = await connection.query<RowDataPacket[]>(sql, [...values]);
      // Whoever speaks the protocol badly may say that it has written something.
      if (!Array.isArray(rows)) throw new Error('no rows');
      return rows;
    } catch (error) {
      this.#disconnect();
      throw new PluginError(`${this.#address.text} cannot be sampled: ${mysqlFailure(error).message}`, {
        cause: error,
      });
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  /** A sample may be given up while its connection is still being made: the next one then waits for the same. */
  #open(): Promise<Connection> {
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<Connection> {
    const connection = await openConnection(connectionOptions(this.#address, CONNECT_TIMEOUT_MS));
    connection.on('error', () => this.#disconnect());
    if (this.#isClosed) connection.destroy();
    else this.#connection = connection;
    return connection;
  }

  /** Drops the connection; the next sample makes a new one. */
  #disconnect(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }
}
