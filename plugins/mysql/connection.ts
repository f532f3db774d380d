import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ConnectionOptions, PrepareStatementInfo } from 'mysql2';
import { createGuardedConnection } from '../../core/mysql/open-connection.ts';
import type { Timing } from '../../core/plugin.ts';
import { descriptorBudget, outOfDescriptors } from '../net/descriptor-budget.ts';
import { AUTOCOMMIT } from './connect.ts';
import { type MysqlFailure, mysqlFailure } from './failure.ts';
import { PreparedWrite, type StatementCallback } from './prepared-write.ts';
import type { SqlValue, Statement } from './statement.ts';

/** What all connections of a driver in one process share. */
export interface ConnectionContext {
  readonly options: ConnectionOptions;
  /** Whether statements are prepared on the server, or sent as text with the values in it. */
  readonly protocol: 'prepared' | 'text';
  readonly nowUs: () => number;
  readonly connectTiming: Timing;
}

/** Pause before the first retry of a failed connection; each further failure doubles it. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2000;

/** A statement as one connection has prepared it. */
interface PreparedStatement {
  readonly info: PrepareStatementInfo;
  readonly write: PreparedWrite | undefined;
}

/** A connection to the server that reconnects when it was lost: at once the first time, then after growing pauses. */
export class MysqlConnection {
  readonly #context: ConnectionContext;
  #connection: Connection | undefined;
  #opening: Promise<MysqlFailure | undefined> | undefined;
  readonly #prepared = new Map<Statement, PreparedStatement>();
  #failuresInARow = 0;
  #isClosed = false;
  /** The callback of the statement that runs. */
  #end: StatementCallback | undefined;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(context: ConnectionContext) {
    this.#context = context;
  }

  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Connects unless it is connected. @returns why that failed */
  open(): Promise<MysqlFailure | undefined> {
    if (this.#connection !== undefined) return Promise.resolve(undefined);
    this.#opening ??= this.#openAnew().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Runs a statement; the connection has to be open. */
  run(statement: Statement, values: readonly SqlValue[], done: StatementCallback): void {
    const connection = this.#connection as Connection;
    const end: StatementCallback = (error, rows) => {
      if (this.#end !== end) return;
      this.#end = undefined;
      // mysql2 does not emit such an error as an event.
      if ((error as { fatal?: boolean } | null)?.fatal) this.#lost(connection);
      done(error, rows);
    };
    this.#end = end;
    if (this.#context.protocol === 'text' || !statement.isPreparable) {
      keepNoRows(connection.query(statement.sql, [...values], end));
      return;
    }
    const prepared = this.#prepared.get(statement);
    if (prepared !== undefined) {
      execute(prepared, values, end);
      return;
    }
    connection.prepare(statement.sql, (error, info) => {
      if (error !== null) {
        end(error);
        return;
      }
      const made = { info, write: PreparedWrite.of(connection, statement.sql, info) };
      this.#prepared.set(statement, made);
      execute(made, values, end);
    });
  }

  /** Drops the connection with the statement that runs on it, whose callback is then not called. */
  destroy(): void {
    const connection = this.#connection;
    this.#end = undefined;
    this.#forget();
    connection?.destroy();
  }

  /** Bytes sent and received since the last call. */
  takeBytes(): { sent: number; received: number } {
    const stream = (this.#connection as unknown as { stream?: { bytesRead?: number; bytesWritten?: number } })?.stream;
    const read = stream?.bytesRead ?? this.#bytesRead;
    const written = stream?.bytesWritten ?? this.#bytesWritten;
    const bytes = { sent: written - this.#bytesWritten, received: read - this.#bytesRead };
    this.#bytesRead = read;
    this.#bytesWritten = written;
    return bytes;
  }

  close(): void {
    this.#isClosed = true;
    const connection = this.#connection;
    this.#forget();
    connection?.end(() => {});
  }

  async #openAnew(): Promise<MysqlFailure | undefined> {
    if (this.#failuresInARow > 0) {
      await sleep(Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failuresInARow - 1)));
    }
    if (this.#isClosed)
      return { kind: 'aborted', message: 'the run has ended', errno: 0, isRefusal: true, mayPass: false };
    const { options, nowUs, connectTiming } = this.#context;
    if (!descriptorBudget().take()) {
      this.#failuresInARow += 1;
      return mysqlFailure(outOfDescriptors());
    }
    const startedUs = nowUs();
    const connection = createGuardedConnection(options);
    // mysql2 reports a connection that ends while it is idle by these events alone. A running statement hears of it by
    // its callback, after 'end', unless the connection is destroyed before.
    connection.on('error', (error) => this.#failed(connection, error));
    connection.on('end', () => this.#lost(connection));
    const error = await new Promise<Error | null>((resolve) => connection.connect(resolve));
    const connectedUs = nowUs();
    const refusal = error ?? (await autocommitOn(connection, options.connectTimeout));
    if (refusal !== null) {
      this.#failuresInARow += 1;
      connection.destroy();
      descriptorBudget().giveBack();
      return mysqlFailure(refusal);
    }
    connectTiming.recordUs(Math.max(0, connectedUs - startedUs));
    this.#failuresInARow = 0;
    this.#connection = connection;
    if (this.#isClosed) this.close();
    this.takeBytes();
    return undefined;
  }

  /** An answer that breaks the protocol comes as an event, and mysql2 then forgets the statement's callback. */
  #failed(connection: Connection, error: Error): void {
    if (this.#connection !== connection) return;
    this.#lost(connection);
    connection.destroy();
    this.#end?.(error);
  }

  #lost(connection: Connection): void {
    if (this.#connection === connection) this.#forget();
  }

  #forget(): void {
    if (this.#connection !== undefined) descriptorBudget().giveBack();
    this.#connection = undefined;
    this.#prepared.clear();
    this.#bytesRead = 0;
    this.#bytesWritten = 0;
  }
}

function autocommitOn(connection: Connection, timeoutMs: number | undefined): Promise<Error | null> {
  const statement = { sql: AUTOCOMMIT, ...(timeoutMs !== undefined && { timeout: timeoutMs }) };
  return new Promise((resolve) => connection.query(statement, resolve));
}

function execute({ info, write }: PreparedStatement, values: readonly SqlValue[], end: StatementCallback): void {
  if (write?.run(values, end)) return;
  keepNoRows(info.execute(values as never, end));
}

/** The load looks at no rows, and thousands of users may be reading some at the same time. */
function keepNoRows(command: object): void {
  // mysql2 begins a list for each result set (`lib/commands/query.js`).
  Object.defineProperty(command, '_currentRows', NO_ROWS);
}

const NO_ROWS: PropertyDescriptor = { get: () => NO_LIST, set() {} };
const NO_LIST = { push: () => {} };
