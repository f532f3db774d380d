import type { DriverContext, VirtualUserContext } from '../../../core/plugin.ts';
import { AbortFanout } from '../../net/abort-fanout.ts';
import { DeadlineWheel } from '../../net/deadline-wheel.ts';
import type { TargetAddress } from '../../net/target-address.ts';
import type { Judge, TimeLimits } from '../exchange.ts';
import type { ConnectionSettings } from '../settings.ts';
import type { ResolveName } from './address-lookup.ts';
import { ConnectionPool } from './connection-pool.ts';
import { HttpUser, type UserNetwork } from './http-user.ts';
import { openOrigin } from './open-origin.ts';
import type { ConnectionResources, HttpOrigin } from './origin.ts';

const READ_BUFFER_BYTES = 64 * 1024;

/**
 * Where the HTTP drivers of a run meet in an agent process: its origins, its virtual users and the connections between them.
 * Each driver enters it when it opens, and leaves it when it closes; the last one to leave closes everything.
 */
export class HttpNetwork implements ConnectionResources, UserNetwork {
  readonly deadlines = new DeadlineWheel();
  readonly aborts = new AbortFanout();
  readonly readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  readonly readWords = new Int32Array(this.readBuffer.buffer);
  readonly #origins = new Map<string, Promise<HttpOrigin>>();
  readonly #pools = new Map<HttpOrigin, ConnectionPool>();
  readonly #users = new WeakMap<VirtualUserContext, HttpUser>();
  #closing = new AbortController();
  #drivers = 0;

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Called once by each driver, before anything else. Starts the clock for time limits. */
  enter(): void {
    if (this.#drivers === 0) this.#closing = new AbortController();
    this.#drivers += 1;
    this.deadlines.start();
  }

  /** Called once by each driver that has entered, after its last session is closed. */
  leave(): void {
    this.#drivers -= 1;
    if (this.#drivers > 0) return;
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    this.#origins.clear();
    // A server that a script has named may still be looked for.
    this.#closing.abort();
    this.deadlines.stop();
  }

  /**
   * Resolves an origin's name and connects to it, unless that has been done with the same settings. One that could not be
   * reached is tried anew by the next call.
   * @throws {PluginError} when it cannot be reached, or a TLS file cannot be read
   */
  origin(
    address: TargetAddress,
    settings: ConnectionSettings,
    limits: TimeLimits,
    context: DriverContext,
    resolve?: ResolveName,
  ): Promise<HttpOrigin> {
    const key = keyOf(address, settings);
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const opening = openOrigin(address, settings, limits, this, context, resolve);
    this.#origins.set(key, opening);
    opening.catch(() => this.#origins.delete(key));
    return opening;
  }

  /** The virtual user to whom a session belongs. The session leaves it when it closes. */
  join(context: VirtualUserContext, session: Judge): HttpUser {
    let user = this.#users.get(context);
    if (user === undefined) {
      user = new HttpUser(context, this);
      this.#users.set(context, user);
    }
    user.join(session);
    return user;
  }

  poolOf(origin: HttpOrigin): ConnectionPool | undefined {
    const { connections } = origin.settings;
    if (typeof connections === 'string') return undefined;
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = new ConnectionPool(origin, connections.pool);
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}

/** Connections can be shared where all of this is the same. */
function keyOf({ secure, host, port }: TargetAddress, { tls, ...settings }: ConnectionSettings): string {
  return JSON.stringify([secure, host, port, settings, secure ? tls : undefined]);
}
