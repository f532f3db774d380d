import type { DriverContext, VirtualUserContext } from '../../../core/plugin.ts';
import type { TargetAddress } from '../../net/target-address.ts';
import type { Judge } from '../exchange.ts';
import type { HttpSettings } from '../settings.ts';
import type { ResolveName } from './address-lookup.ts';
import type { HttpUser } from './http-user.ts';
import { HttpNetwork } from './network.ts';
import type { HttpOrigin } from './origin.ts';

const makeNetwork = () => new HttpNetwork();

/** One driver's use of the connections that all HTTP drivers of a run share in an agent process. */
export class HttpClient {
  /** The driver's own origin. */
  readonly origin: HttpOrigin;
  readonly settings: HttpSettings;
  readonly #network: HttpNetwork;
  readonly #context: DriverContext;

  constructor(origin: HttpOrigin, settings: HttpSettings, network: HttpNetwork, context: DriverContext) {
    this.origin = origin;
    this.settings = settings;
    this.#network = network;
    this.#context = context;
  }

  /**
   * Another origin, for connections with the driver's settings. It is resolved and connected to once; all who ask get the same.
   * May be called at any time.
   * @throws {PluginError} when it cannot be reached
   */
  openOrigin(address: TargetAddress): Promise<HttpOrigin> {
    const { connection, limits } = this.settings;
    // The name in the driver's certificate is not that of another host.
    const isOwn = address.host === this.origin.address.host;
    const tls = connection.tls && { ...connection.tls, serverName: isOwn ? connection.tls.serverName : undefined };
    return this.#network.origin(address, { ...connection, tls }, limits, this.#context);
  }

  /** The virtual user to whom a new session belongs. The session has to leave it when it closes. */
  join(user: VirtualUserContext, session: Judge): HttpUser {
    return this.#network.join(user, session);
  }

  /** Called once, after the driver's last session is closed. */
  close(): void {
    this.#network.leave();
  }
}

/**
 * Opens a driver's origin, for the run in this process. Its caller closes the client.
 * @throws {PluginError} when no address of it answers, or a TLS file cannot be read
 */
export async function openHttpClient(
  address: TargetAddress,
  settings: HttpSettings,
  context: DriverContext,
  resolve?: ResolveName,
): Promise<HttpClient> {
  const network = context.shared(makeNetwork);
  network.enter();
  try {
    const origin = await network.origin(address, settings.connection, settings.limits, context, resolve);
    return new HttpClient(origin, settings, network, context);
  } catch (error) {
    network.leave();
    throw error;
  }
}
