import type { VirtualUserContext } from '../../../core/plugin.ts';
import type { Judge } from '../exchange.ts';
import type { Connection } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { newConnection } from './new-connection.ts';
import type { HttpOrigin } from './origin.ts';
import type { Sender } from './sender.ts';

/** The network that a virtual user is part of. */
export interface UserNetwork {
  /** Undefined for an origin to which each user has a connection of its own. */
  poolOf(origin: HttpOrigin): ConnectionPool | undefined;
}

/** What carries a user's requests to an origin. */
interface Line {
  readonly origin: HttpOrigin;
  readonly sender: Sender;
  /** Undefined where users share their connections. */
  readonly own: Connection | undefined;
}

/**
 * One virtual user, for all of its HTTP sessions together, whatever their drivers: it has one connection to each origin. Both
 * lists hold one thing for most users, of whom there are thousands: a set and a map of one take ten times as much memory.
 */
export class HttpUser {
  readonly #context: VirtualUserContext;
  readonly #network: UserNetwork;
  readonly #sessions: Judge[] = [];
  readonly #lines: Line[] = [];

  constructor(context: VirtualUserContext, network: UserNetwork) {
    this.#context = context;
    this.#network = network;
  }

  join(session: Judge): void {
    this.#sessions.push(session);
  }

  /** What carries the user's requests to an origin. A connection that is not there yet opens with its first request. */
  senderTo(origin: HttpOrigin): Sender {
    for (const line of this.#lines) if (line.origin === origin) return line.sender;
    return this.#newLineTo(origin).sender;
  }

  /**
   * A session closes: its request in flight is cut off, and the last one to leave closes the connections. Does nothing for
   * a session that has left.
   */
  leave(session: Judge): void {
    const place = this.#sessions.indexOf(session);
    if (place < 0) return;
    this.#sessions.splice(place, 1);
    for (const { sender } of this.#lines) sender.abandon(session);
    if (this.#sessions.length > 0) return;
    // The user may have sessions again, which then open connections of their own.
    for (const { own } of this.#lines.splice(0)) own?.close();
  }

  #newLineTo(origin: HttpOrigin): Line {
    const pool = this.#network.poolOf(origin);
    const own = pool === undefined ? newConnection(origin, () => origin.route(this.#context.index)) : undefined;
    const line = { origin, sender: (pool ?? own) as Sender, own };
    this.#lines.push(line);
    return line;
  }
}
