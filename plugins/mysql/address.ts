import type { ConnectionOptions, SslOptions } from 'mysql2';
import { z } from 'zod';
import { errorMessage } from '../../core/error.ts';
import { PluginError } from '../../core/plugin.ts';
import { holdsPassword, PASSWORD_IN_PLAN, parseDatabaseUrl } from '../../core/secrets/database-url.ts';
import { encryption, sslOptions, type TlsOptions } from './tls.ts';

const DEFAULT_PORT = 3306;

/** A MySQL URL as it may stand in a plan: without a password of its own. */
export const urlSchema = z
  .string()
  .min(1)
  .refine((url) => !holdsPassword(url), { error: PASSWORD_IN_PLAN });

/** Where a MySQL database is, and how to get in. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: SslOptions | undefined;
  /** For messages and reports, without the password: `bench@127.0.0.1:3306/bench`. */
  readonly text: string;
}

export interface AddressOptions {
  readonly url: string;
  /** What the URL is called in messages, such as `target`. */
  readonly name: string;
  readonly tls?: TlsOptions | undefined;
  /** Folder that the files of TLS are relative to. */
  readonly baseDirectory: string;
}

/** @throws {PluginError} a sentence without the password */
export function mysqlAddress({ url, name, tls, baseDirectory }: AddressOptions): MysqlAddress {
  try {
    const { scheme, user, password, host, port = DEFAULT_PORT, database } = parseDatabaseUrl(url);
    if (scheme !== 'mysql') throw new PluginError(`it must begin with mysql://, not ${scheme}://`);
    if (user === '') throw new PluginError('it names no user: write mysql://user:password@host:port/database');
    if (database === '') throw new PluginError('it names no database: write mysql://user:password@host:port/database');
    const text = `${user}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
    return { host, port, user, password, database, text, ssl: tls && sslOptions(tls, baseDirectory) };
  } catch (error) {
    throw new PluginError(`${name}: ${errorMessage(error)}`);
  }
}

/**
 * First on each connection that writes. A server may have it off for new connections: what it has acknowledged would be
 * stored nowhere.
 */
export const AUTOCOMMIT = 'SET SESSION autocommit = 1';

/** What mysql2 connects with. */
export function connectionOptions(address: MysqlAddress, connectTimeoutMs: number): ConnectionOptions {
  const { host, port, user, password, database, ssl } = address;
  return {
    ...{ host, port, user, password, database },
    charset: 'utf8mb4',
    connectTimeout: connectTimeoutMs,
    supportBigNumbers: true,
    timezone: 'Z',
    // They are not used, and a prepared statement is shorter without them.
    flags: ['-CLIENT_QUERY_ATTRIBUTES'],
    ...(ssl && encryption(ssl, host, port)),
  };
}
