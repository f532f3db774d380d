import { resolve } from 'node:path';
import { BenchError } from '../error.ts';
import type { DatabaseUrl } from '../secrets/database-url.ts';
import { parseDurationUs } from '../text/duration.ts';
import { nearest } from '../text/nearest.ts';
import type { RiskyLogins } from './login.ts';

/** A PEM file, with the option that names it in messages, such as `ssl-ca`. */
export interface TlsFile {
  readonly option: string;
  readonly path: string;
  /** By which messages name it. Default: its path. */
  readonly name?: string;
}

/** How the connections to a server are encrypted. */
export interface MysqlTls {
  /** Authorities to trust, instead of the usual ones. */
  readonly ca?: TlsFile | undefined;
  /** The client's certificate, and its private key. */
  readonly cert?: TlsFile | undefined;
  readonly key?: TlsFile | undefined;
  /** What the server's certificate has to prove: who the server is, that an authority has signed it, or nothing. */
  readonly verify: 'identity' | 'ca' | 'none';
}

/** Where a MySQL database is, and how to connect to it. */
export interface MysqlAddress extends RiskyLogins {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The path of a socket file on this host, which is used instead of host and port. */
  readonly socket: string | undefined;
  /** undefined: the connections are not encrypted. */
  readonly tls: MysqlTls | undefined;
  /** undefined: whoever connects decides. */
  readonly connectTimeoutMs: number | undefined;
  /** Where the server listens, for messages: `127.0.0.1:3306`, or the path of the socket. */
  readonly place: string;
  /** For messages and reports, without the password: `bench@127.0.0.1:3306/bench`. */
  readonly text: string;
}

const DEFAULT_PORT = 3306;
const EXAMPLE = 'write it like mysql://user:password@host:port/database';
const MAX_CONNECT_TIMEOUT_MS = 3_600_000;

/** The options of a URL: the names of MySQL's own programs, and of its JDBC driver for those that these lack. */
const OPTIONS = [
  'ssl-mode',
  'ssl-ca',
  'ssl-cert',
  'ssl-key',
  'socket',
  'charset',
  'connectTimeout',
  'allowPublicKeyRetrieval',
  'allowCleartextPasswords',
] as const;
type OptionName = (typeof OPTIONS)[number];
type UrlOptions = Partial<Record<OptionName, string>>;

/** @see https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode */
const SSL_MODES: Readonly<Record<string, 'none' | 'ca' | 'identity' | undefined>> = {
  disabled: undefined,
  required: 'none',
  verify_ca: 'ca',
  verify_identity: 'identity',
};

/**
 * @param folder that the files of TLS are relative to
 * @throws {BenchError} a sentence about the URL, which never holds the password
 */
export function mysqlAddress(url: DatabaseUrl, folder: string): MysqlAddress {
  const { scheme, user, password, host, port = DEFAULT_PORT, database } = url;
  if (scheme !== 'mysql') throw invalid(`it must begin with mysql://, not ${scheme}://`);
  if (user === '') throw invalid(`it names no user: ${EXAMPLE}`);
  if (database === '') throw invalid(`it names no database: ${EXAMPLE}`);
  const options = knownOptions(url.options);
  const { charset, socket } = options;
  if (charset !== undefined && charset.toLowerCase() !== 'utf8mb4') {
    throw invalid(`charset=${charset} is not possible: bench always speaks utf8mb4 with the server; leave charset out`);
  }
  if (socket !== undefined && (socket === '' || !['localhost', '127.0.0.1', '::1'].includes(host))) {
    throw invalid(
      'socket is the path of a socket file on this host: write mysql://user@localhost/database?socket=/path',
    );
  }
  const place = socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    ...{ host, port, user, password, database, socket, place },
    tls: tlsOf(options, folder),
    connectTimeoutMs: timeoutMs(options.connectTimeout),
    allowPublicKeyRetrieval: flag(options, 'allowPublicKeyRetrieval'),
    allowCleartextPasswords: flag(options, 'allowCleartextPasswords'),
    text: `${user}@${socket === undefined ? place : `localhost(${socket})`}/${database}`,
  };
}

/** What is wrong with the name of a URL's option, in a sentence; undefined when nothing is. */
export function unknownOption(name: string): string | undefined {
  if (OPTIONS.some((option) => option === name)) return undefined;
  const guess = nearest(name, OPTIONS);
  return `its option ${name} is not known: ${guess === undefined ? `it may have ${OPTIONS.join(', ')}` : `did you mean ${guess}?`}`;
}

function knownOptions(given: ReadonlyMap<string, string>): UrlOptions {
  const options: UrlOptions = {};
  for (const [name, value] of given) {
    const problem = unknownOption(name);
    if (problem !== undefined) throw invalid(problem);
    options[name as OptionName] = value;
  }
  return options;
}

function tlsOf(options: UrlOptions, folder: string): MysqlTls | undefined {
  const file = (option: 'ssl-ca' | 'ssl-cert' | 'ssl-key'): TlsFile | undefined => {
    const path = options[option];
    if (path === '') throw invalid(`${option} is empty: give it the path of a PEM file`);
    return path === undefined ? undefined : { option, path: resolve(folder, path) };
  };
  const files = { ca: file('ssl-ca'), cert: file('ssl-cert'), key: file('ssl-key') };
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw invalid('a client certificate needs both: give ssl-cert and ssl-key');
  }
  const hasFile = Object.values(files).some((given) => given !== undefined);
  const mode = options['ssl-mode'];
  if (mode === undefined) return hasFile ? { ...files, verify: 'identity' } : undefined;
  const wanted = mode.toLowerCase();
  if (wanted === 'preferred') {
    throw invalid(
      'ssl-mode=PREFERRED may end without encryption: write REQUIRED, VERIFY_CA or VERIFY_IDENTITY, or DISABLED',
    );
  }
  if (!Object.hasOwn(SSL_MODES, wanted)) {
    throw invalid(`ssl-mode=${mode} is not known: write DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY`);
  }
  const verify = SSL_MODES[wanted];
  if (verify === undefined) {
    if (hasFile)
      throw invalid('ssl-mode=DISABLED contradicts ssl-ca, ssl-cert and ssl-key: leave one or the other out');
    return undefined;
  }
  // MySQL's own programs check the certificate too as soon as they are given an authority.
  return { ...files, verify: verify === 'none' && files.ca !== undefined ? 'ca' : verify };
}

/** Drivers count it in seconds or in milliseconds: only a unit makes it clear. */
function timeoutMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = (parseDurationUs(text) ?? 0) / 1000;
  if (ms >= 1 && ms <= MAX_CONNECT_TIMEOUT_MS) return ms;
  throw invalid(`connectTimeout=${text} is not a duration of at most 1h: write it with a unit, such as 500ms or 5s`);
}

function flag(options: UrlOptions, name: 'allowPublicKeyRetrieval' | 'allowCleartextPasswords'): boolean {
  const value = options[name] ?? 'false';
  if (value !== 'true' && value !== 'false') throw invalid(`${name}=${value} is not possible: write true or false`);
  return value === 'true';
}

function invalid(message: string): BenchError {
  return new BenchError('invalid_database_url', message);
}
