import { createHash } from 'node:crypto';
import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2/promise';
import { openConnection } from '../../mysql/open-connection.ts';
import { type Owner, thisProcess } from './owner.ts';

/** After this many seconds without a query the server releases the lock of a host that has vanished. */
const IDLE_LIMIT_SECONDS = 30;
/** How often the lock is checked, which also keeps the connection from being idle. */
const CHECK_INTERVAL_MS = 5000;

/** Name of an owner's lock; MySQL allows 64 characters. */
export function lockOf(database: string, { host, pid }: Owner): string {
  return `bench-${createHash('sha256')
    .update(JSON.stringify([database, host, pid]))
    .digest('hex')
    .slice(0, 40)}`;
}

/**
 * Shows controls on other hosts that this process is alive: it holds a named lock of the MySQL server on a connection of its
 * own, and the server releases the lock when the process ends, however that happens.
 */
export class HostLock {
  readonly #options: ConnectionOptions;
  readonly #lock: string;
  #connection: Connection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions, database: string) {
    this.#options = options;
    this.#lock = lockOf(database, thisProcess());
  }

  /** Takes the lock. @throws what mysql2 throws */
  async acquire(): Promise<void> {
    const connection = await openConnection(this.#options);
    this.#connection = connection;
    await connection.query(`SET SESSION wait_timeout = ${IDLE_LIMIT_SECONDS}`);
    // An earlier process with the same id may still be about to end.
    await connection.query('SELECT GET_LOCK(?, 10)', [this.#lock]);
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#connection?.destroy();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#check(), CHECK_INTERVAL_MS);
    this.#timer.unref?.();
  }

  /** Takes the lock again when its connection was lost, as soon as that is possible. */
  async #check(): Promise<void> {
    try {
      const [[row] = []] = (await this.#connection?.query<RowDataPacket[]>(
        'SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS mine',
        [this.#lock],
      )) ?? [[]];
      if (row?.mine === 1) return this.#schedule();
      throw new Error('the lock is gone');
    } catch {
      this.#connection?.destroy();
      if (this.#isClosed) return;
      await this.acquire().catch(() => this.#schedule());
      if (this.#isClosed) this.#connection?.destroy();
    }
  }
}
