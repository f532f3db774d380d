import { type ConnectionContext, MysqlConnection } from './connection.ts';

/** Connections that virtual users share; those who wait are served in the order in which they came. */
export class ConnectionPool {
  readonly #connections: readonly MysqlConnection[];
  readonly #free: MysqlConnection[];
  readonly #waiting: ((connection: MysqlConnection) => void)[] = [];

  constructor(size: number, context: ConnectionContext) {
    this.#connections = Array.from({ length: size }, () => new MysqlConnection(context));
    this.#free = [...this.#connections];
  }

  /** Opens all connections, so that none is opened in measured time. */
  async open(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.open()));
  }

  /** Takes a connection that nobody uses; undefined when there is none. */
  tryAcquire(): MysqlConnection | undefined {
    return this.#free.pop();
  }

  /** Waits for the next connection that is released; whoever no longer needs it then has to release it too. */
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
