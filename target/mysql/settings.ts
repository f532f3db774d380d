import { TargetError } from '../error.ts';
import type { MysqlTls } from './tls.ts';

/** How the target uses a MySQL server. The defaults are those of the documented upload test. */
export interface MysqlSettings {
  /** Connections that are kept when nothing is to do. */
  readonly poolSize: number;
  /** Connections more than these under load. */
  readonly poolOverflow: number;
  /** A connection that was idle for this long is checked before it is used, in milliseconds; 0 checks each time. */
  readonly poolCheckAfterMs: number;
  /** Print each statement. */
  readonly echoSql: boolean;
  /** undefined: the connections are not encrypted. */
  readonly tls: MysqlTls | undefined;
}

export const DEFAULT_MYSQL_SETTINGS: MysqlSettings = {
  poolSize: 50,
  poolOverflow: 100,
  poolCheckAfterMs: 500,
  echoSql: false,
  tls: undefined,
};

/** Where a MySQL database is. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** For people, without the password: `bench@127.0.0.1:3306/bench`. */
  readonly text: string;
}

const DEFAULT_PORT = 3306;

/**
 * @param url with special characters percent-encoded
 * @throws {TargetError} which never holds the password
 */
export function mysqlAddress(url: string): MysqlAddress {
  const { hostname, port, username, password, pathname } = readUrl(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const database = decodeURIComponent(pathname.slice(1));
  const user = decodeURIComponent(username);
  if (host === '' || database === '' || user === '') {
    const missing = host === '' ? 'host' : user === '' ? 'user' : 'database';
    throw new TargetError(`The URL of --db names no ${missing}: write it like ${EXAMPLE}.`);
  }
  const place = { host, port: port === '' ? DEFAULT_PORT : Number(port), user, database };
  const text = `${user}@${hostname}:${place.port}/${database}`;
  return { ...place, password: decodeURIComponent(password), text };
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: what the person is to write
const EXAMPLE = 'mysql://user:${env:DB_PASSWORD}@127.0.0.1:3306/database';

function readUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new TargetError(`The URL of --db cannot be read: write it like ${EXAMPLE}.`);
  }
}
