import { reasonOf, StoreError, TargetError } from '../error.ts';
import type { MysqlAddress } from './settings.ts';

/** What mysql2 tells of a failure, beneath the error that drizzle wraps around it. */
interface MysqlFailure {
  /** Such as `ER_ACCESS_DENIED_ERROR` or `ECONNREFUSED`. */
  readonly code: string;
  /** The server's number; 0 when it is not the server's. */
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

/** Nothing was written, and the same may succeed soon: lock wait, deadlock, no connection free. */
const BUSY: readonly number[] = [1205, 1213, 1040, 1203, 1226, 1969];
/** Values that the table refuses: numeric and data exceptions, constraints, signals of triggers (SQL standard classes). */
const REFUSED_STATES = /^(22|23|45)/;
const REFUSED: readonly number[] = [1366];
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
  PROTOCOL_SEQUENCE_TIMEOUT: 'it gave no answer in time',
};

/** What mysql2 says when TLS does not come about: it gives all of them one code. */
const TLS_FAILURES: readonly (readonly [message: RegExp, reason: string])[] = [
  [
    /does not support secure connection/,
    'it offers no TLS; switch it on there, or leave the flags --db-tls… out to connect without',
  ],
  [/altnames|not in the cert/, 'its certificate is for another host name than the one in --db'],
  [/expired|not yet valid/, 'its certificate has expired, or is not valid yet'],
  [
    /self.signed|unable to|unknown ca/i,
    'its certificate is not signed by a trusted authority; name that in --db-tls-ca, or take any with --db-tls-insecure',
  ],
];

function failureOf(error: unknown): MysqlFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, errno, sqlState } = cause as { code?: unknown; errno?: unknown; sqlState?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    errno: typeof errno === 'number' && errno > 0 ? errno : 0,
    sqlState: typeof sqlState === 'string' ? sqlState : '',
    message: reasonOf(cause).replaceAll(/\s+/g, ' '),
  };
}

/** A failed call of the store, for the answer to a client. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, errno, sqlState, message } = failureOf(error);
  const known = NETWORK[code];
  if (known) return new StoreError('unavailable', `the database server is away (${known})`);
  const answered = `the database answered: ${message}`;
  if (BUSY.includes(errno)) return new StoreError('busy', answered);
  if (REFUSED_STATES.test(sqlState) || REFUSED.includes(errno)) return new StoreError('refused', answered);
  return new StoreError('unavailable', answered);
}

/** Why the target cannot start on this database. */
export function targetErrorOf(error: unknown, { host, port, user, database, text }: MysqlAddress): TargetError {
  if (error instanceof TargetError) return error;
  const { code, errno, message } = failureOf(error);
  const server = `${host}:${port}`;
  if (NETWORK[code]) {
    return new TargetError(
      `The MySQL server at ${server} cannot be used: ${NETWORK[code]}. Start it, or give --db another URL.`,
    );
  }
  if (code.startsWith('HANDSHAKE_')) {
    const reason = TLS_FAILURES.find(([pattern]) => pattern.test(message))?.[1] ?? `TLS failed (${message})`;
    return new TargetError(`The MySQL server at ${server} cannot be used: ${reason}.`);
  }
  switch (errno) {
    case 3159:
      return new TargetError(`The MySQL server at ${server} takes only encrypted connections: give --db-tls.`);
    case 1045:
    case 1698:
      return new TargetError(
        `The MySQL server at ${server} does not let ${user} in: check the user and the password in --db (special characters percent-encoded); a user who must encrypt is refused so too: then give --db-tls.`,
      );
    case 1049:
      return new TargetError(
        `The MySQL server at ${server} has no database ${database}: create it (CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4), or name another one in --db.`,
      );
    case 1040:
    case 1203:
    case 1226:
      return new TargetError(
        `The MySQL server at ${server} has no connection free (${message}): raise max_connections, or end others.`,
      );
    case 1044:
    case 1142:
    case 1227:
      return new TargetError(
        `The user ${user} lacks a right on the MySQL database ${database} (${message}): GRANT SELECT, INSERT, CREATE, DROP, INDEX ON \`${database}\`.* TO that user.`,
      );
    default:
      return new TargetError(
        `The MySQL database ${text} cannot be used (${message}): mend that, or give --db another.`,
      );
  }
}
