import { createServer } from 'node:net';
import { type DriverContext, PluginError } from '../../../core/plugin.ts';
import type { NetworkFailure } from '../../net/network-error.ts';
import type { TargetAddress } from '../../net/target-address.ts';
import { openTlsContext } from '../../net/tls-context.ts';
import type { TimeLimits } from '../exchange.ts';
import type { ConnectionSettings } from '../settings.ts';
import { AddressLookup, type ResolveName } from './address-lookup.ts';
import { type ConnectionResources, HttpOrigin } from './origin.ts';

/** Some reasons say themselves what to do, and a server whose name or TLS is wrong need not be started. */
function adviceFor({ kind, reason }: NetworkFailure, source: TargetAddress['source']): string {
  const isTarget = source === 'target';
  if (reason.includes('; ')) return '';
  if (/^(?:dns|tls)_/.test(kind)) return isTarget ? '. Choose another one with --host' : '. Change it in the plan';
  return isTarget ? '. Start it, or choose another one with --host' : '. Start it, or change it in the plan';
}

/** No address of an origin answers. */
export class UnreachableError extends PluginError {
  /** As an outcome would name it. */
  readonly failure: NetworkFailure;

  constructor({ url, source }: TargetAddress, proxy: TargetAddress | undefined, failure: NetworkFailure) {
    const through = proxy === undefined ? '' : ` through the proxy ${proxy.url}`;
    super(`${source} ${url} cannot be reached${through}: ${failure.reason}${adviceFor(failure, source)}`);
    this.failure = failure;
  }
}

/**
 * Looks an origin's name up and connects once to each of its addresses.
 * @throws {UnreachableError} when no address answers, and {@link PluginError} when a TLS file cannot be read, or the host lacks an address to connect from
 */
export async function openOrigin(
  address: TargetAddress,
  settings: ConnectionSettings,
  limits: TimeLimits,
  resources: ConnectionResources,
  context: DriverContext,
  resolve?: ResolveName,
): Promise<HttpOrigin> {
  const tls = address.secure ? openTlsContext(address, settings.tls, context.baseDirectory) : undefined;
  for (const ip of settings.localIps) {
    if (!(await isLocalAddress(ip))) throw new PluginError(`localIPs: ${ip} is no address of this host`);
  }
  const origin = new HttpOrigin(address, settings, resources, context, tls);
  const lookup = new AddressLookup(origin, limits, context, resolve);
  const found = await lookup.run();
  if ('kind' in found) throw new UnreachableError(address, settings.proxy, found);
  const { ips, silent } = found;
  if (silent.length > 0) {
    const used = `${ips.length} of its ${ips.length + silent.length} addresses`;
    context.warn(`${origin.nextHop.host}: only ${used} get load, because ${silent.join(', ')} cannot be reached`);
  }
  lookup.repeat();
  return origin;
}

/** Whether a connection of this host can come from the address. */
function isLocalAddress(ip: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(0, ip, () => server.close(() => resolve(true)));
  });
}
