import type { Socket } from 'node:net';
import { addressOf, peerOf } from '../../../proto/rpc/caller.ts';
import type { Clock } from '../../clock.ts';
import { openFilesLimit } from '../../open-files.ts';
import type { CallerLog } from './caller-log.ts';

/** How long a connection may stay open whose caller has not shown who it is. Enrolling takes less than a second. */
const ANONYMOUS_LIMIT_US = 15_000_000;
/** How many calls a connection may have rejected before it is closed. */
const MAX_REJECTED_CALLS = 100;
/** How many challenges one may ask for before it has answered any. A caller makes its first calls all at once, perhaps. */
const MAX_CHALLENGES = 1000;
/** Limit of anonymous connections where the system allows more file descriptors. */
const MAX_ANONYMOUS = 1024;
/** Half of the descriptors stay free of them, and of those of `--web`. */
const STRANGERS_SHARE = 0.5;
/** Connections of all callers of the HTTP API and the live page together: a browser has a few, and there may be 200 streams. */
const MAX_WEB = 1000;
/** Where the system does not tell. */
const USUAL_DESCRIPTORS = 1024;
/** Descriptors that none of these connections takes: for the store, monitors, plugins, `--metrics` and the files of plans. */
const RESERVE = 64;
/** With fewer there would be connections for whoever starts a run, and none for the agents that it waits for. */
export const MIN_DESCRIPTORS = 160;

interface Connection {
  readonly peer: string;
  readonly socket: Socket;
  rejectedCalls: number;
  challenges: number;
  cancelLimit: () => void;
}

/** How many connections to control may be open at the same time. */
export interface ConnectionLimits {
  /** For callers that have not shown who they are. */
  readonly anonymous: number;
  readonly known: number;
  /** For the HTTP API and the live page. */
  readonly web: number;
}

export interface ConnectionsOptions {
  readonly clock: Clock;
  readonly callers: CallerLog;
  /** Default: by how many files this process may have open, all for control's own port. */
  readonly limits?: Omit<ConnectionLimits, 'web'>;
}

/**
 * The open connections. One is anonymous until a call on it has shown who is calling. Anonymous ones are limited in number
 * and time, so that they cannot take the file descriptors, or the memory, of those that are known.
 */
export class Connections {
  readonly #clock: Clock;
  readonly #callers: CallerLog;
  readonly #limits: Omit<ConnectionLimits, 'web'>;
  /** By `address:port`. */
  readonly #open = new Map<string, Connection>();
  /** By address, the oldest first. */
  readonly #anonymous = new Map<string, Set<Connection>>();
  #anonymousCount = 0;
  /** Called when a connection has closed. */
  #changed: () => void = () => {};

  constructor({ clock, callers, limits = connectionLimits(false) }: ConnectionsOptions) {
    this.#clock = clock;
    this.#callers = callers;
    this.#limits = limits;
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
    const peer = peerOf(socket);
    const connection: Connection = { peer, socket, rejectedCalls: 0, challenges: 0, cancelLimit: () => {} };
    socket.on('error', () => {});
    socket.once('close', () => this.#forget(connection));
    this.#open.set(peer, connection);
    this.#becomesAnonymous(connection);
    if (this.#anonymousCount > this.#limits.anonymous) this.#closeOldest();
    return true;
  }

  /**
   * A call on the connection has shown who is calling, whether or not the call was allowed.
   * @returns false when so many are known that no descriptor is left for one more: the call is to be refused, and the
   *   connection stays among the anonymous ones
   */
  identified(peer: string): boolean {
    const connection = this.#open.get(peer);
    if (connection === undefined) return true;
    const isKnown = !this.#anonymous.get(addressOf(peer))?.has(connection);
    if (!isKnown && this.#open.size - this.#anonymousCount >= this.#limits.known) return false;
    connection.rejectedCalls = 0;
    connection.challenges = 0;
    this.#endAnonymity(connection);
    return true;
  }

  /** A caller on the connection has asked for a challenge. */
  challenged(peer: string): void {
    const connection = this.#open.get(peer);
    if (connection !== undefined && ++connection.challenges > MAX_CHALLENGES) connection.socket.destroy();
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
      `more than ${this.#limits.anonymous} connections have not shown who they are: the oldest one of ${address} is closed`,
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

/**
 * @param open by `address:port`, the oldest first; not empty
 * @returns the one to close when there are too many: the oldest of the address that has most of them, first of those that wait
 *   for nothing
 */
export function crowdedOut<C>(open: ReadonlyMap<string, C>, isIdle: (connection: C) => boolean): readonly [string, C] {
  const crowds = [...Map.groupBy(open, ([peer]) => addressOf(peer)).values()];
  const crowd = crowds.reduce((a, b) => (b.length > a.length ? b : a));
  return crowd.find(([, connection]) => isIdle(connection)) ?? (crowd[0] as [string, C]);
}

const descriptorsHere = () => openFilesLimit()?.soft ?? USUAL_DESCRIPTORS;

/**
 * Shares out what this process may have open, so that all connections together never take everything.
 * @param hasWeb whether this process serves `--web`, too
 * @param descriptors how many files it may have open
 */
export function connectionLimits(hasWeb: boolean, descriptors = descriptorsHere()): ConnectionLimits {
  const strangers = Math.floor(descriptors * STRANGERS_SHARE);
  const web = hasWeb ? limited(strangers / 2, MAX_WEB) : 0;
  const anonymous = limited(hasWeb ? strangers / 2 : strangers, MAX_ANONYMOUS);
  return { anonymous, web, known: Math.max(1, descriptors - anonymous - web - RESERVE) };
}

function limited(share: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(share)));
}
