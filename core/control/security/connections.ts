import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { addressOf, type CallerLog } from './caller-log.ts';

/** How long a connection may stay open whose caller has not shown who it is. Enrolling takes less than a second. */
const ANONYMOUS_LIMIT_US = 15_000_000;
/** How many calls a connection may have rejected before it is closed. */
const MAX_REJECTED_CALLS = 100;
/** Limit of anonymous connections where the system allows more file descriptors. */
const MAX_ANONYMOUS = 1024;
/** Half of the descriptors stay free: for those that are known, the store and the log. */
const ANONYMOUS_SHARE = 0.5;
const USUAL_DESCRIPTORS = 1024;

interface Connection {
  readonly peer: string;
  readonly socket: Socket;
  rejectedCalls: number;
  cancelLimit: () => void;
}

export interface ConnectionsOptions {
  readonly clock: Clock;
  readonly callers: CallerLog;
  readonly maxAnonymous?: number;
}

/**
 * The open connections. One is anonymous until a call on it has shown who is calling. Anonymous ones are limited in number
 * and time, so that they cannot take the file descriptors, or the memory, of those that are known.
 */
export class Connections {
  readonly #clock: Clock;
  readonly #callers: CallerLog;
  readonly #maxAnonymous: number;
  /** By `address:port`. */
  readonly #open = new Map<string, Connection>();
  /** By address, the oldest first. */
  readonly #anonymous = new Map<string, Set<Connection>>();
  #anonymousCount = 0;
  /** Called when a connection has closed. */
  #changed: () => void = () => {};

  constructor({ clock, callers, maxAnonymous = anonymousLimit(maxDescriptors()) }: ConnectionsOptions) {
    this.#clock = clock;
    this.#callers = callers;
    this.#maxAnonymous = maxAnonymous;
  }

  get anonymousCount(): number {
    return this.#anonymousCount;
  }

  /**
   * Takes a new connection. Beyond the limit the oldest anonymous one is closed, of the address that has most of them.
   * @returns whether it is still open
   */
  accept(socket: Socket): boolean {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return false;
    }
    const peer = `${remoteAddress}:${remotePort}`;
    const connection: Connection = { peer, socket, rejectedCalls: 0, cancelLimit: () => {} };
    socket.on('error', () => {});
    socket.once('close', () => this.#forget(connection));
    this.#open.set(peer, connection);
    this.#becomesAnonymous(connection);
    if (this.#anonymousCount > this.#maxAnonymous) this.#closeOldest();
    return true;
  }

  /** A call on the connection has shown who is calling, whether or not the call was allowed. */
  identified(peer: string): void {
    const connection = this.#open.get(peer);
    if (connection === undefined) return;
    connection.rejectedCalls = 0;
    this.#endAnonymity(connection);
  }

  /** A call on the connection was rejected, because its caller is unknown or no longer let in. */
  rejected(peer: string): void {
    const connection = this.#open.get(peer);
    if (connection === undefined) return;
    if (!this.#anonymous.get(addressOf(peer))?.has(connection)) this.#becomesAnonymous(connection);
    connection.rejectedCalls++;
    if (connection.rejectedCalls >= MAX_REJECTED_CALLS) connection.socket.destroy();
  }

  /**
   * Closes the anonymous connections at once. The others are closed by the server, when what it has sent on them has gone
   * out; resolves when that is done, and closes those that are left after this long.
   */
  async close(limitUs: number): Promise<void> {
    for (const others of this.#anonymous.values()) {
      for (const { socket } of others) socket.destroy();
    }
    const allClosed = new Promise<void>((resolve) => {
      this.#changed = () => {
        if (this.#open.size === 0) resolve();
      };
      this.#changed();
    });
    const limit = Promise.withResolvers<void>();
    const cancelLimit = this.#clock.after(limitUs, limit.resolve);
    await Promise.race([allClosed, limit.promise]);
    cancelLimit();
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #becomesAnonymous(connection: Connection): void {
    const address = addressOf(connection.peer);
    const others = this.#anonymous.get(address) ?? new Set();
    this.#anonymous.set(address, others.add(connection));
    this.#anonymousCount++;
    connection.cancelLimit = this.#clock.after(ANONYMOUS_LIMIT_US, () => connection.socket.destroy());
  }

  #endAnonymity(connection: Connection): void {
    connection.cancelLimit();
    const address = addressOf(connection.peer);
    const others = this.#anonymous.get(address);
    if (!others?.delete(connection)) return;
    this.#anonymousCount--;
    if (others.size === 0) this.#anonymous.delete(address);
  }

  #closeOldest(): void {
    const [address, [oldest]] = [...this.#anonymous].reduce((a, b) => (b[1].size > a[1].size ? b : a));
    if (oldest === undefined) return;
    this.#callers.line(
      oldest.peer,
      `more than ${this.#maxAnonymous} connections have not shown who they are: the oldest one of ${address} is closed`,
    );
    this.#forget(oldest);
    oldest.socket.destroy();
  }

  #forget(connection: Connection): void {
    this.#endAnonymity(connection);
    if (this.#open.get(connection.peer) === connection) this.#open.delete(connection.peer);
    this.#changed();
  }
}

/** @param descriptors how many files this process may have open */
export function anonymousLimit(descriptors: number): number {
  return Math.max(1, Math.min(MAX_ANONYMOUS, Math.floor(descriptors * ANONYMOUS_SHARE)));
}

/** How many files this process may have open, from Linux's /proc; a usual limit elsewhere. */
function maxDescriptors(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? USUAL_DESCRIPTORS : Number(soft);
  } catch {
    return USUAL_DESCRIPTORS;
  }
}
