import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { resolve } from 'node:path';
import type { ConnectionOptions, SslOptions } from 'mysql2';
import { z } from 'zod';
import { object } from '../../core/plan/fields.ts';
import { PluginError } from '../../core/plugin.ts';

const file = z.string().min(1);

export const tlsSchema = object({
  ca: file.optional().describe('PEM file of the authorities to trust, instead of the usual ones.'),
  cert: file.optional().describe("PEM file of the client's certificate."),
  key: file.optional().describe("PEM file of the client's private key."),
  insecure: z.boolean().default(false).describe('Take any certificate: the connection is encrypted, to whomever.'),
}).refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
  error: 'a client certificate needs both: give cert and key',
});
export type TlsOptions = z.output<typeof tlsSchema>;

/** @throws {PluginError} for a file that cannot be read */
export function sslOptions({ ca, cert, key, insecure }: TlsOptions, baseDirectory: string): SslOptions {
  const read = (option: string, path: string | undefined) => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(resolve(baseDirectory, path), 'utf8');
    } catch {
      throw new PluginError(`tls.${option}: the file "${path}" cannot be read`);
    }
  };
  const files = { ca: read('ca', ca), cert: read('cert', cert), key: read('key', key) };
  const given = Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined));
  return { ...given, rejectUnauthorized: !insecure, verifyIdentity: !insecure };
}

/** What mysql2 needs for an encrypted connection to a host. */
export function encryption(ssl: SslOptions, host: string, port: number): Pick<ConnectionOptions, 'ssl' | 'stream'> {
  if (isIP(host) === 0) return { ssl };
  return { ssl, stream: () => namedSocket(host, port) };
}

/**
 * mysql2 does not say the name to TLS where the host is an IP address. Node and Deno then compare the certificate with
 * the host that the socket has looked up, which is none: with `localhost`.
 */
function namedSocket(host: string, port: number): Socket {
  return Object.assign(connect({ host, port, noDelay: true }), { _host: host });
}
