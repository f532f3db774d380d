import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type DriverContext, PluginError } from '../../../core/plugin.ts';
import { networkFailure } from '../../net/network-error.ts';
import type { TargetAddress } from '../../net/target-address.ts';
import { openTlsContext } from '../../net/tls-context.ts';
import type { TimeLimits } from '../exchange.ts';
import type { ConnectionSettings } from '../settings.ts';
import { newConnection } from './new-connection.ts';
import { type ConnectionResources, HttpOrigin } from './origin.ts';

/** Gives all addresses of a name, in the order in which they should be tried. */
export type ResolveName = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const resolveName: ResolveName = (host) => lookup(host, { all: true, verbatim: true });

/** What came of one connection to an address. */
interface Probe {
  readonly ip: string;
  readonly family: number;
  /** Why the address cannot be used; undefined when it answered. */
  readonly failure: string | undefined;
}

/**
 * Resolves an origin's name and connects once to each of its addresses. Connections are spread over those that answer
 * and are of one family: of the first address that answers. So a name for both IPv4 and IPv6, such as `localhost`, means
 * one server, and a name for several servers means all of them.
 * @throws {PluginError} when no address answers, or a TLS file cannot be read
 */
export async function openOrigin(
  address: TargetAddress,
  settings: ConnectionSettings,
  limits: TimeLimits,
  resources: ConnectionResources,
  context: DriverContext,
  resolve = resolveName,
): Promise<HttpOrigin> {
  const addresses = await addressesOf(address, context, resolve);
  const tls = address.secure ? openTlsContext(address, settings.tls, context.baseDirectory) : undefined;
  const origin = new HttpOrigin(address, settings, resources, context, tls);
  const probes = await Promise.all(addresses.map(({ address: ip, family }) => probe(origin, limits, ip, family)));
  const first = probes.find(({ failure }) => failure === undefined);
  if (first === undefined) throw unreachable(address, probes[0]?.failure ?? 'the name has no address');
  const alike = probes.filter(({ family }) => family === first.family);
  origin.ips = alike.filter(({ failure }) => failure === undefined).map(({ ip }) => ip);
  origin.reached = true;
  const silent = alike.flatMap(({ ip, failure }) => (failure === undefined ? [] : [`${ip} (${failure})`]));
  if (silent.length > 0) {
    const used = `${origin.ips.length} of its ${alike.length} addresses`;
    context.warn(`${address.host}: only ${used} get load, because ${silent.join(', ')} cannot be reached`);
  }
  return origin;
}

async function probe(origin: HttpOrigin, limits: TimeLimits, ip: string, family: number): Promise<Probe> {
  const connection = newConnection(origin, ip);
  await connection.open(limits, new AbortController().signal);
  connection.close();
  const { ok, message } = connection.exchange;
  return { ip, family, failure: ok ? undefined : message };
}

async function addressesOf(
  address: TargetAddress,
  context: DriverContext,
  resolve: ResolveName,
): Promise<Awaited<ReturnType<ResolveName>>> {
  if (address.isIp) return [{ address: address.host, family: isIP(address.host) }];
  const startedUs = context.nowUs();
  try {
    const found = await resolve(address.host);
    context.timing('http.dns').recordUs(context.nowUs() - startedUs);
    return found;
  } catch (error) {
    throw unreachable(address, networkFailure(error).reason, error);
  }
}

function unreachable({ url, source }: TargetAddress, reason: string, cause?: unknown): PluginError {
  const other = source === 'target' ? 'choose another one with --host' : 'change it in the plan';
  return new PluginError(`${source} ${url} cannot be reached: ${reason}. Start it, or ${other}`, { cause });
}
