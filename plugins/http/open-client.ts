import { lookup } from 'node:dns/promises';
import { type DriverContext, PluginError } from '../../core/plugin.ts';
import { networkFailure } from '../net/network-error.ts';
import type { TargetAddress } from '../net/target-address.ts';
import { openTlsContext } from '../net/tls-context.ts';
import { HttpClient, type HttpSettings } from './client.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';

/**
 * Resolves the target's name and tries its addresses, one connection each, until one answers.
 * @throws {PluginError} when none does, or a TLS file cannot be read
 */
export async function openHttpClient(
  address: TargetAddress,
  settings: HttpSettings,
  context: DriverContext,
): Promise<HttpClient> {
  const ips = await resolve(address, context);
  const tls = address.secure ? openTlsContext(address, settings.tls, context.baseDirectory) : undefined;
  const client = new HttpClient(address, settings, context, tls);
  let failure = '';
  for (const ip of ips) {
    client.ip = ip;
    const probe = new (settings.http2 ? Http2Connection : Http1Connection)(client, { judge: () => {} });
    await probe.open(new AbortController().signal);
    probe.close();
    client.reached = probe.exchange.ok;
    if (client.reached) return client;
    failure = failure === '' ? probe.exchange.message : failure;
  }
  client.close();
  throw unreachable(address, failure);
}

async function resolve(address: TargetAddress, context: DriverContext): Promise<readonly string[]> {
  if (address.isIp) return [address.host];
  const startedUs = context.nowUs();
  try {
    const found = await lookup(address.host, { all: true, verbatim: true });
    context.timing('http.dns').recordUs(context.nowUs() - startedUs);
    return found.map((entry) => entry.address);
  } catch (error) {
    throw unreachable(address, networkFailure(error).reason, error);
  }
}

function unreachable(address: TargetAddress, reason: string, cause?: unknown): PluginError {
  return new PluginError(
    `target ${address.url} cannot be reached: ${reason}. Start it, or choose another one with --host`,
    { cause },
  );
}
