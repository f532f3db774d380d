import { createHash } from 'node:crypto';
import { type Connection, type ConnectionOptions, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type Owner, thisProcess } from './owner.ts';

/** The server gives the lock of a host that is gone without a word free after this, in seconds. */
const IDLE_LIMIT_SECONDS = 30;
const SIGN_OF_LIFE_MS = 5000;

/** The name of an owner's lock: at most 64 characters. */
export function lockOf(database: string, { host, pid }: Owner): string {
  return `bench-${createHash('sha256')
    .update(JSON.stringify([database, host, pid]))
    .digest('hex')
    .slice(0, 40)}`;
}

/**
 * Shows on a MySQL server that this process is there: a lock of the server's, held by a connection of its own, which the
 * server gives free when the process ends, however that happens. Process ids alone say nothing to another host.
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

  /** @throws what mysql2 throws */
  async show(): Promise<void> {
    const connection = await createConnection(this.#options);
    connection.on('error', () => {});
    this.#connection = connection;
    await connection.query(`SET SESSION wait_timeout = ${IDLE_LIMIT_SECONDS}`);
    // A process of the same name before this one may still be on its way out.
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
    this.#timer = setTimeout(() => void this.#look(), SIGN_OF_LIFE_MS);
    this.#timer.unref?.();
  }

  /** A connection that was lost is made anew, as soon as that is possible. */
  async #look(): Promise<void> {
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
      await this.show().catch(() => this.#schedule());
      if (this.#isClosed) this.#connection?.destroy();
    }
  }
}
