import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import type { PoolOptions, SslOptions } from 'mysql2';
import { TargetError } from '../error.ts';

/** How the connections to a MySQL server are encrypted; all are paths of PEM files. */
export interface MysqlTls {
  /** Authorities to trust, instead of the usual ones. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Take any certificate. */
  readonly insecure: boolean;
}

/** @throws {TargetError} for a file that cannot be read */
export function encryption(
  { insecure, ...files }: MysqlTls,
  { host, port }: { readonly host: string; readonly port: number },
): Pick<PoolOptions, 'ssl' | 'stream'> {
  const ssl: SslOptions = { rejectUnauthorized: !insecure, verifyIdentity: !insecure };
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = files[name];
    if (file !== undefined) ssl[name] = read(name, file);
  }
  // Node and Deno compare the certificate of an IP address with `localhost`, unless the socket names it.
  return { ssl, ...(isIP(host) !== 0 && { stream: () => namedSocket(host, port) }) };
}

function namedSocket(host: string, port: number): Socket {
  return Object.assign(connect({ host, port, noDelay: true }), { _host: host });
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new TargetError(`The file "${file}" of --db-tls-${name} cannot be read.`);
  }
}
