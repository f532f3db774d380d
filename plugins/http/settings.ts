import { z } from 'zod';
import { object, positiveDuration } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import type { DriverContext } from '../../core/plugin.ts';
import { connectionsOption } from '../net/connections-option.ts';
import { parseAddress, type TargetAddress, targetAddress } from '../net/target-address.ts';
import type { TlsSettings } from '../net/tls-context.ts';
import type { TimeLimits } from './exchange.ts';
import { type DnsSettings, routeOptions } from './route-options.ts';

/** What connections to one origin must have in common to be shared. */
export interface ConnectionSettings {
  /** One for each virtual user, a new one for each request, or a number that the users of an agent process share. */
  readonly connections: 'per-user' | 'per-request' | { readonly pool: number };
  readonly http2: boolean;
  readonly tls: TlsSettings | undefined;
  readonly dns: DnsSettings;
  /** Where connections come from; empty: the system decides. All of one family. */
  readonly localIps: readonly string[];
  /** An HTTP proxy that all requests go through. */
  readonly proxy: TargetAddress | undefined;
}

export interface HttpSettings {
  readonly limits: TimeLimits;
  readonly connection: ConnectionSettings;
}

/** More than one host has ports for. */
const MAX_POOL = 65_535;

const file = z.string().min(1);

/** A path without placeholders. */
export const plainPath = z.string().regex(/^\/[!-~]*$/, {
  error: (issue) =>
    `must begin with / and contain no spaces, not ${shown(issue.input)}; the host comes from the target or baseUrl`,
});

const baseUrl = z.string().transform((url, context): TargetAddress => {
  const varies = 'must not contain placeholders, because its host is looked up before the load';
  const address = url.includes('${') ? varies : parseAddress(url, 'baseUrl');
  if (typeof address !== 'string') return address;
  context.addIssue({ code: 'custom', message: address });
  return z.NEVER;
});

/** The options that all HTTP drivers share. */
export const connectionOptions = {
  baseUrl: baseUrl
    .optional()
    .describe("Where the driver's requests go, such as https://api.shop.test. Default: the target."),
  timeout: positiveDuration.default(30_000_000).describe('Time limit for the complete answer. Default: 30s.'),
  connectTimeout: positiveDuration.default(10_000_000).describe('Time limit for TCP and TLS together. Default: 10s.'),
  connections: connectionsOption(['per-user', 'per-request'], MAX_POOL).describe(
    'One for each virtual user, which all of its HTTP drivers share (per-user), a new one for each request (per-request), or a number of connections that the virtual users of an agent process share ({ pool: 20 }). Default: per-user.',
  ),
  tls: object({
    ca: file.optional().describe('PEM file of the authorities to trust instead of the usual ones.'),
    cert: file.optional().describe("PEM file of the client's certificate."),
    key: file.optional().describe("PEM file of the client's private key."),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe("Name to request and to check in the certificate. Default: the target's host."),
    insecure: z.boolean().default(false).describe('Accept any certificate.'),
    resumption: z
      .boolean()
      .default(true)
      .describe("Let a virtual user's later handshakes resume its first (not on Deno)."),
  })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
      error: 'a client certificate needs both cert and key',
    })
    .optional()
    .describe('For https targets.'),
  ...routeOptions,
};

const schema = object(connectionOptions);
export type ConnectionOptions = z.output<typeof schema>;

/** The files that connections need. */
export function connectionFiles({ tls }: Pick<ConnectionOptions, 'tls'>): string[] {
  return [tls?.ca, tls?.cert, tls?.key].filter((file) => file !== undefined);
}

/** @throws {PluginError} when there is neither a base URL nor a target that requests can go to */
export function addressOf(
  { baseUrl }: Pick<ConnectionOptions, 'baseUrl'>,
  { target }: Pick<DriverContext, 'target'>,
  driver: string,
): TargetAddress {
  return baseUrl ?? targetAddress(target, driver);
}

/** What is wrong with a target, as a clause, for a driver that goes there unless it has a base URL. */
export function targetProblem({ baseUrl }: Pick<ConnectionOptions, 'baseUrl'>, target: string): string | undefined {
  const address = baseUrl ?? parseAddress(target, 'target');
  return typeof address === 'string' ? address : undefined;
}

/** @param http2 instead of HTTP/1.1 */
export function httpSettings(options: ConnectionOptions, http2 = false): HttpSettings {
  const { timeout, connectTimeout, connections, tls, dns, localIPs = [], proxy } = options;
  return {
    limits: { answerMs: timeout / 1000, connectMs: connectTimeout / 1000 },
    connection: { connections, http2, tls, dns, localIps: localIPs, proxy },
  };
}
