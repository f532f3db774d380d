import { type ConnectionContext, MysqlConnection } from './connection.ts';

/** Connections that virtual users share: whoever comes first is served first. */
export class ConnectionPool {
  readonly #connections: readonly MysqlConnection[];
  readonly #free: MysqlConnection[];
  readonly #waiting: ((connection: MysqlConnection) => void)[] = [];

  constructor(size: number, context: ConnectionContext) {
    this.#connections = Array.from({ length: size }, () => new MysqlConnection(context));
    this.#free = [...this.#connections];
  }

  /** Makes all connections, so that none is made in measured time. */
  async open(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.open()));
  }

  /** A connection that nobody uses, when there is one. */
  tryAcquire(): MysqlConnection | undefined {
    return this.#free.pop();
  }

  /** The next connection that is given back; whoever no longer wants it gives it back too. */
  acquire(): Promise<MysqlConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(connection: MysqlConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
