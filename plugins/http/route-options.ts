import { isIP } from 'node:net';
import { z } from 'zod';
import { object, positiveDuration } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import { parseAddress, type TargetAddress } from '../net/target-address.ts';

/** Which of a name's addresses connections go to. */
export interface DnsSettings {
  readonly select: 'per-user' | 'first' | 'round-robin' | 'random';
  readonly policy: 'any' | 'prefer-ipv4' | 'prefer-ipv6' | 'only-ipv4' | 'only-ipv6';
  /** How long a look-up holds, in milliseconds; undefined: for the whole run. */
  readonly ttlMs: number | undefined;
}

const localIp = z.string().refine((text) => isIP(text) !== 0, {
  error: (issue) => `must be an IP address of this host, such as 192.0.2.7, not ${shown(issue.input)}`,
});

const proxy = z.string().transform((url, context): TargetAddress => {
  const address = parseProxy(url);
  if (typeof address !== 'string') return address;
  context.addIssue({ code: 'custom', message: address });
  return z.NEVER;
});

/** @returns what is wrong with it, when it is none; a password in it is not repeated */
function parseProxy(url: string): TargetAddress | string {
  if (!URL.canParse(url)) return 'is not a URL: write it like http://proxy.example:3128';
  const { protocol, username, password, pathname, search, hash } = new URL(url);
  if (protocol !== 'http:') return 'must begin with http://: only a proxy that is itself asked without TLS can be used';
  if (username !== '' || password !== '')
    return 'contains a user name or password: only a proxy without a login can be used';
  if (pathname !== '/' || search !== '' || hash !== '') return 'must be a host and a port, without a path';
  return parseAddress(url, 'proxy');
}

/** How connections find their way; the names are k6's. */
export const routeOptions = {
  dns: object({
    select: z
      .enum(['per-user', 'first', 'round-robin', 'random'])
      .default('per-user')
      .describe(
        "Which of a name's addresses a connection goes to: virtual users are spread evenly and stay (per-user), all go to the first, or each new connection goes to the next one (round-robin) or to any (random). Default: per-user.",
      ),
    policy: z
      .enum(['any', 'prefer-ipv4', 'prefer-ipv6', 'only-ipv4', 'only-ipv6'])
      .default('any')
      .describe('Which family is used: that of the first address that answers (any), or the one named. Default: any.'),
    ttl: positiveDuration
      .transform((us) => us / 1000)
      .optional()
      .describe('Look names up again when this time has passed. Default: once, before the load.'),
  })
    .prefault({})
    .transform(({ ttl, ...dns }): DnsSettings => ({ ...dns, ttlMs: ttl }))
    .describe('Which addresses connections go to.'),
  localIPs: z
    .array(localIp)
    .min(1)
    .refine((ips) => new Set(ips.map(isIP)).size <= 1, { error: 'must all be IPv4 or all be IPv6', abort: true })
    .optional()
    .describe(
      'Addresses of the agent host that connections come from, one virtual user after the other. Default: any.',
    ),
  proxy: proxy
    .optional()
    .describe(
      'HTTP proxy that all requests go through, such as http://proxy.example:3128. The environment is not asked for one. Default: none.',
    ),
};
