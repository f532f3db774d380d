import { isLoopback } from './loopback.ts';

/**
 * Whether the name in a request is one of this host's own. A page of another site can make a browser connect to 127.0.0.1 under
 * a name of its own (DNS rebinding), and would then be allowed to read what it gets.
 * @param host as the request names it, with its port if it has one
 */
export function isOwnHost(host: string | undefined): boolean {
  return isLoopback(hostNameOf(host));
}

/**
 * The name in a request without port and brackets, in lower case; empty when it names none.
 * @param host as for {@link isOwnHost}
 */
export function hostNameOf(host: string | undefined): string {
  const name = (host ?? '').replace(/:\d*$/, '').toLowerCase();
  return name.replace(/^\[(.*)\]$/, '$1');
}
