import { errorMessage } from '../../error.ts';
import type { DatabaseUrl } from '../../secrets/database-url.ts';
import { innermost, StoreError } from './database.ts';

const DEFAULT_PORT = 3306;

/** Where a MySQL database is, and how to get in. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** @throws {StoreError} naming the part that is missing */
export function mysqlAddress({ host, port = DEFAULT_PORT, user, password, database }: DatabaseUrl): MysqlAddress {
  const missing = user === '' ? 'user' : database === '' ? 'database' : undefined;
  if (missing !== undefined) {
    throw new StoreError(
      `the URL of --store names no ${missing}: write it like mysql://user:password@host:port/database`,
    );
  }
  return { host, port, user, password, database };
}

/** For messages, without the password: `bench@127.0.0.1:3306/bench`. */
export function addressText({ host, port, user, database }: MysqlAddress): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ENOTFOUND: 'its host name does not exist',
  EAI_AGAIN: 'the name server gives no answer',
  ETIMEDOUT: 'it gives no answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ECONNRESET: 'it cut the connection off',
  EPIPE: 'it cut the connection off',
  PROTOCOL_CONNECTION_LOST: 'it cut the connection off',
};
const NO_RIGHT: readonly number[] = [1044, 1142, 1227];

/** What mysql2 tells of a failure. */
function failureOf(error: unknown): { readonly code: string; readonly errno: number; readonly message: string } {
  const cause = innermost(error);
  const { code, errno } = (cause ?? {}) as { code?: unknown; errno?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    errno: typeof errno === 'number' ? errno : 0,
    message: errorMessage(cause).replaceAll(/\s+/g, ' '),
  };
}

/** Whether nobody knows what became of a statement, because its connection ended under it. */
export function isCutOff(error: unknown): boolean {
  return failureOf(error).code in NETWORK;
}

/** What went wrong, in a part of a sentence. */
export function mysqlCauseOf(error: unknown): string {
  const { code, message } = failureOf(error);
  return NETWORK[code] === undefined ? message : `the database server is away: ${NETWORK[code]}`;
}

/** Why control cannot start with this store. */
export function openingError(error: unknown, address: MysqlAddress): StoreError {
  if (error instanceof StoreError) return error;
  const { code, errno, message } = failureOf(error);
  const { host, port, user, database } = address;
  const server = `the MySQL server at ${host}:${port}`;
  if (NETWORK[code] !== undefined) {
    return new StoreError(
      `the store cannot be opened: ${server} is away (${NETWORK[code]}): start it, or change --store`,
    );
  }
  if (errno === 1045 || errno === 1698) {
    return new StoreError(
      `the store cannot be opened: ${server} does not let ${user} in: check the user and the password in --store (special characters percent-encoded)`,
    );
  }
  if (errno === 1049) {
    return new StoreError(
      `the store cannot be opened: ${server} has no database ${database}: create it (CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4), or name another one in --store`,
    );
  }
  if (NO_RIGHT.includes(errno)) {
    return new StoreError(
      `the store cannot be opened: ${user} lacks a right on the MySQL database ${database} (${message}): GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON \`${database}\`.* TO that user`,
    );
  }
  return new StoreError(
    `the store ${addressText(address)} cannot be opened (${message}): mend that, or change --store`,
  );
}
