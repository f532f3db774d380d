import { createHash } from 'node:crypto';
import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2/promise';
import { BenchError } from '../../error.ts';
import { openConnection } from '../../mysql/open-connection.ts';
import { type Owner, thisProcess } from './owner.ts';

/** After this many seconds without a query the server releases the lock of a host that has vanished. */
const IDLE_LIMIT_SECONDS = 30;
const LOCK_WAIT_SECONDS = 10;
const HELD_ELSEWHERE =
  'another control with the same host name and process id uses it: give each host, or container, a name of its own';
/** How often the lock is checked, which also keeps the connection from being idle. */
const CHECK_INTERVAL_MS = 5000;
/** How soon a lock that is lost is asked for again, and again. */
const RETRY_MS = 500;
/** How long the server may take to answer. */
const ANSWER_LIMIT_MS = 5000;
/**
 * When a server has been restarted, nobody holds a lock, and all who are alive take theirs again within this time: whoever finds
 * none before is not gone.
 */
export const OWNERS_RETURN_WITHIN_MS = 3000;

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
  #isHeld = false;
  #isChecking = false;
  #isClosed = false;

  constructor(options: ConnectionOptions, database: string) {
    this.#options = options;
    this.#lock = lockOf(database, thisProcess());
  }

  /** Takes the lock. @throws what mysql2 throws */
  async acquire(): Promise<void> {
    const connection = await openConnection(this.#options);
    this.#connection = connection;
    connection.on('error', () => this.#lost(connection));
    connection.on('end', () => this.#lost(connection));
    await connection.query({ sql: `SET SESSION wait_timeout = ${IDLE_LIMIT_SECONDS}`, timeout: ANSWER_LIMIT_MS });
    // An earlier process with the same id may still be about to end.
    const [[row]] = await connection.query<RowDataPacket[]>({
      sql: `SELECT GET_LOCK(?, ${LOCK_WAIT_SECONDS}) AS got`,
      values: [this.#lock],
      timeout: LOCK_WAIT_SECONDS * 1000 + ANSWER_LIMIT_MS,
    });
    if (row?.got !== 1) throw new BenchError('store_in_use', HELD_ELSEWHERE);
    this.#isHeld = true;
    this.#schedule(CHECK_INTERVAL_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  #schedule(afterMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), afterMs);
    this.#timer.unref?.();
  }

  #lost(connection: Connection): void {
    if (this.#connection === connection && this.#isHeld) this.#schedule(0);
  }

  /** Takes the lock again when its connection was lost, as soon as that is possible. */
  async #check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      const [[row] = []] = (await this.#connection?.query<RowDataPacket[]>({
        sql: 'SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS mine',
        values: [this.#lock],
        timeout: ANSWER_LIMIT_MS,
      })) ?? [[]];
      if (row?.mine === 1) return this.#schedule(CHECK_INTERVAL_MS);
      throw new Error('the lock is gone');
    } catch {
      this.#drop();
      if (this.#isClosed) return;
      await this.acquire().catch(() => {
        this.#drop();
        this.#schedule(RETRY_MS);
      });
      if (this.#isClosed) this.#drop();
    } finally {
      this.#isChecking = false;
    }
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#isHeld = false;
    connection?.destroy();
  }
}
