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

/** One virtual user, for all of its HTTP sessions together, whatever their drivers: it has one connection to each origin. */
export class HttpUser {
  readonly #context: VirtualUserContext;
  readonly #network: UserNetwork;
  readonly #sessions = new Set<Judge>();
  readonly #senders = new Map<HttpOrigin, Sender>();
  readonly #connections: Connection[] = [];

  constructor(context: VirtualUserContext, network: UserNetwork) {
    this.#context = context;
    this.#network = network;
  }

  join(session: Judge): void {
    this.#sessions.add(session);
  }

  /** What carries the user's requests to an origin. A connection that is not there yet opens with its first request. */
  senderTo(origin: HttpOrigin): Sender {
    return this.#senders.get(origin) ?? this.#newSenderTo(origin);
  }

  /**
   * A session closes: its request in flight is cut off, and the last one to leave closes the connections. Does nothing for
   * a session that has left.
   */
  leave(session: Judge): void {
    if (!this.#sessions.delete(session)) return;
    for (const sender of this.#senders.values()) sender.abandon(session);
    if (this.#sessions.size > 0) return;
    for (const connection of this.#connections) connection.close();
    // The user may have sessions again, which then open connections of their own.
    this.#connections.length = 0;
    this.#senders.clear();
  }

  #newSenderTo(origin: HttpOrigin): Sender {
    const sender = this.#network.poolOf(origin) ?? this.#newConnectionTo(origin);
    this.#senders.set(origin, sender);
    return sender;
  }

  #newConnectionTo(origin: HttpOrigin): Connection {
    const connection = newConnection(origin, () => origin.route(this.#context.index));
    this.#connections.push(connection);
    return connection;
  }
}
