import { BenchError, errorMessage } from '../../error.ts';
import { type MysqlAddress, mysqlAddress } from '../../mysql/address.ts';
import { loginProblem } from '../../mysql/login-problem.ts';
import type { DatabaseUrl } from '../../secrets/database-url.ts';
import { oneLine } from '../../text/printable.ts';
import { innermost, StoreError } from './database.ts';

/** @throws {StoreError} a sentence about the URL */
export function storeAddress(url: DatabaseUrl): MysqlAddress {
  try {
    return mysqlAddress(url, process.cwd());
  } catch (error) {
    throw new StoreError(`the URL of --store cannot be used: ${errorMessage(error)}`, { cause: error });
  }
}

const NETWORK: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket file',
  EACCES: 'this user may not connect to the socket file',
  ECONNREFUSED: 'it refuses connections',
  ENOTFOUND: 'its host name does not exist',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  PROTOCOL_CONNECTION_LOST: 'it closed the connection',
  PROTOCOL_SEQUENCE_TIMEOUT: 'it did not answer in time',
};
const MISSING_PRIVILEGE: readonly number[] = [1044, 1142, 1227];

/** What mysql2 reports of a failure. */
function failureOf(error: unknown): { readonly code: string; readonly errno: number; readonly message: string } {
  const cause = innermost(error);
  const { code, errno } = (cause ?? {}) as { code?: unknown; errno?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    errno: typeof errno === 'number' ? errno : 0,
    message: oneLine(errorMessage(cause)),
  };
}

/** Whether the connection ended while a statement was under way, so that nobody knows whether it was carried out. */
export function isCutOff(error: unknown): boolean {
  return failureOf(error).code in NETWORK;
}

/** What went wrong, as a clause. */
export function mysqlCauseOf(error: unknown): string {
  const { code, message } = failureOf(error);
  return NETWORK[code] === undefined ? message : `the database server cannot be reached: ${NETWORK[code]}`;
}

/** The error that says why control cannot start with this store, and what to do. */
export function openingError(error: unknown, address: MysqlAddress): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(`the store cannot be opened: ${openingProblem(error, address)}`, { cause: error });
}

function openingProblem(error: unknown, { place, user, database, text }: MysqlAddress): string {
  const { code, errno, message } = failureOf(error);
  const server = `the MySQL server at ${place}`;
  const login = loginProblem(innermost(error));
  if (login !== undefined) return `${server} cannot be used: ${login}`;
  if (error instanceof BenchError) return error.message;
  if (NETWORK[code] !== undefined) return `${server} cannot be reached (${NETWORK[code]}): start it, or change --store`;
  if (isForeignProtocol(code, errno)) {
    return `${server} cannot be used: what answers there does not speak the MySQL protocol: check host and port in --store`;
  }
  if (code.startsWith('HANDSHAKE_')) {
    return `${server} cannot be used, because TLS failed (${message}): check ssl-mode and ssl-ca in --store`;
  }
  if (errno === 1045 || errno === 1698) {
    return `${server} rejects the login of ${user}: check the user and the password in --store (special characters percent-encoded); a server also answers so to a user who has to use TLS: then add ssl-mode to the URL`;
  }
  if (errno === 1049) {
    return `${server} has no database ${database}: create it (CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4), or name another one in --store`;
  }
  if (MISSING_PRIVILEGE.includes(errno)) {
    return `${user} lacks a privilege on the MySQL database ${database} (${message}): GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON \`${database}\`.* TO that user`;
  }
  return `${text} answered ${message}: fix that, or change --store`;
}

/** Errors of mysql2's parser have no code, or one of Node's own for wrong arguments. */
function isForeignProtocol(code: string, errno: number): boolean {
  return errno <= 0 && (code === '' || code.startsWith('ERR_') || code === 'HANDSHAKE_UNKNOWN_ERROR');
}
