import { connect, isIP, type Socket } from 'node:net';
import type { ConnectionOptions, SslOptions } from 'mysql2';
import { BenchError, errorMessage } from '../error.ts';
import { readRegularFile } from '../regular-file.ts';
import type { MysqlAddress, MysqlTls, TlsFile } from './address.ts';
import { loginMethods } from './login.ts';

const MAX_FILE_BYTES = 1024 * 1024;

/** How mysql2 is to connect, besides who connects to what. */
export type MysqlTransport = Pick<
  ConnectionOptions,
  'authPlugins' | 'connectTimeout' | 'socketPath' | 'ssl' | 'stream'
>;

/** Reads a file of TLS. Those that a plan names have limits of their own. */
type ReadFile = (path: string, maxBytes: number) => Buffer;

/**
 * @param connectTimeoutMs when the URL does not say
 * @throws {BenchError} for a file of TLS that cannot be read
 */
export function mysqlTransport(
  address: MysqlAddress,
  connectTimeoutMs: number,
  readFile: ReadFile = readRegularFile,
): MysqlTransport {
  const { allowPublicKeyRetrieval, allowCleartextPasswords, socket, tls } = address;
  return {
    // Whoever listens on a socket file is the one that this host's own user has started.
    authPlugins: loginMethods({
      allowPublicKeyRetrieval: allowPublicKeyRetrieval || socket !== undefined,
      allowCleartextPasswords,
    }),
    connectTimeout: address.connectTimeoutMs ?? connectTimeoutMs,
    ...(socket !== undefined && { socketPath: socket }),
    ...(tls && encryption(tls, address, readFile)),
  };
}

/** What mysql2 connects with. @throws {BenchError} for a file of TLS that cannot be read */
export function mysqlConnectionOptions(
  address: MysqlAddress,
  connectTimeoutMs: number,
  readFile?: ReadFile,
): ConnectionOptions {
  const { host, port, user, password, database } = address;
  return {
    ...{ host, port, user, password, database },
    charset: 'utf8mb4',
    supportBigNumbers: true,
    ...mysqlTransport(address, connectTimeoutMs, readFile),
  };
}

function encryption(
  tls: MysqlTls,
  { host, port, socket }: MysqlAddress,
  readFile: ReadFile,
): Pick<ConnectionOptions, 'ssl' | 'stream'> {
  const ssl: SslOptions = { rejectUnauthorized: tls.verify !== 'none', verifyIdentity: tls.verify === 'identity' };
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = tls[name];
    if (file !== undefined) ssl[name] = readPem(file, readFile);
  }
  if (isIP(host) === 0 || socket !== undefined) return { ssl };
  return { ssl, stream: () => namedSocket(host, port) };
}

/**
 * mysql2 does not give TLS the host's name when that is an IP address. Node and Deno would then compare the certificate
 * with the host that the socket has looked up, which is none: with `localhost`.
 */
function namedSocket(host: string, port: number): Socket {
  return Object.assign(connect({ host, port, noDelay: true }), { _host: host });
}

function readPem({ option, path, name = path }: TlsFile, readFile: ReadFile): string {
  try {
    return readFile(path, MAX_FILE_BYTES).toString('utf8');
  } catch (error) {
    const message = `${option}: the file "${name}" cannot be read (${errorMessage(error)})`;
    throw new BenchError('file_unreadable', message, { cause: error });
  }
}
