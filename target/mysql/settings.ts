import type { PoolOptions } from 'mysql2';
import type { Pool } from 'mysql2/promise';
import { TargetError } from '../error.ts';

/** How the target uses a MySQL server. The defaults are those of the documented upload test. */
export interface MysqlSettings {
  /** Connections that are kept open while they are idle. */
  readonly poolSize: number;
  /** Connections beyond these under load. */
  readonly poolOverflow: number;
  /** A connection that was idle for this long is checked before it is used, in milliseconds; 0 checks each time. */
  readonly poolCheckAfterMs: number;
  /** Print each statement. */
  readonly echoSql: boolean;
  /** How mysql2 connects and logs in: TLS, a socket file, login methods, a time limit. Empty: as mysql2 does by itself. */
  readonly transport: MysqlTransport;
  /** Called with the pool of mysql2 before it connects. */
  readonly guard: (pool: Pool) => void;
}

export type MysqlTransport = Pick<PoolOptions, 'authPlugins' | 'connectTimeout' | 'socketPath' | 'ssl' | 'stream'>;

export const DEFAULT_MYSQL_SETTINGS: MysqlSettings = {
  poolSize: 50,
  poolOverflow: 100,
  poolCheckAfterMs: 500,
  echoSql: false,
  transport: {},
  guard: () => {},
};

/** Where a MySQL database is. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Where the server listens, for messages: `127.0.0.1:3306`, or the path of a socket file. */
  readonly place: string;
  /** For messages, without the password: `bench@127.0.0.1:3306/bench`. */
  readonly text: string;
}

const DEFAULT_PORT = 3306;
// biome-ignore lint/suspicious/noTemplateCurlyInString: what the person is to write
const EXAMPLE = 'mysql://user:${env:DB_PASSWORD}@127.0.0.1:3306/database';

/**
 * @param url with special characters percent-encoded, and without options: those are in the settings
 * @throws {TargetError} which never holds the password
 */
export function mysqlAddress(url: string, { transport: { socketPath } }: MysqlSettings): MysqlAddress {
  const { hostname, port, username, password, pathname, search, hash } = readUrl(url);
  if (search !== '' || hash !== '') {
    throw new TargetError('The target takes the options of its MySQL URL from its settings, not from the URL.');
  }
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const database = decodeURIComponent(pathname.slice(1));
  const user = decodeURIComponent(username);
  const missing = host === '' ? 'host' : user === '' ? 'user' : database === '' ? 'database' : undefined;
  if (missing !== undefined) {
    throw new TargetError(`The URL of --db names no ${missing}: write it like ${EXAMPLE}.`);
  }
  const numericPort = port === '' ? DEFAULT_PORT : Number(port);
  const place = socketPath ?? `${hostname}:${numericPort}`;
  const text = `${user}@${socketPath === undefined ? place : `localhost(${place})`}/${database}`;
  return { host, port: numericPort, user, password: decodeURIComponent(password), database, place, text };
}

function readUrl(url: string): URL {
  try {
    return new URL(url);
  } catch (error) {
    throw new TargetError(`The URL of --db cannot be read: write it like ${EXAMPLE}.`, { cause: error });
  }
}
