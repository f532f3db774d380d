import { targetAddress } from '../net/target-address.ts';
import type { HttpClient } from './connections/client.ts';
import type { HttpOrigin } from './connections/origin.ts';
import { originText, type UserAgent } from './redirects/user-agent.ts';

export interface UserAgentOptions {
  readonly cookies: boolean;
  readonly redirectOrigins: readonly string[];
  /** The origins that operations name: redirects may lead there too. */
  readonly named: readonly HttpOrigin[];
}

/**
 * Prepares what the sessions of a driver need to do as browsers do. Origins are connected to now, so that one that cannot
 * be reached is told before the load.
 * @param client is closed when that fails
 * @param driver its name, for messages
 * @throws {PluginError} when an origin cannot be reached
 */
export async function openUserAgent(
  { cookies, redirectOrigins, named }: UserAgentOptions,
  client: HttpClient,
  driver: string,
): Promise<UserAgent> {
  const opened = await Promise.all(
    redirectOrigins.map(async (origin) => [origin, await client.openOrigin(targetAddress(origin, driver))] as const),
  ).catch((error: unknown) => {
    client.close();
    throw error;
  });
  return {
    // The list of public suffixes takes 13 MB, so the jar is loaded only where a plan asks for it.
    cookies: cookies ? await import('./cookies/cookie-jar.ts') : undefined,
    origins: new Map([...opened, ...[client.origin, ...named].map((origin) => [originText(origin), origin] as const)]),
  };
}
