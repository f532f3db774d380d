import { reasonOf, StoreError, TargetError } from '../error.ts';
import type { MysqlAddress } from './settings.ts';

/** What mysql2 reports of a failure, beneath the error that drizzle wraps around it. */
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

/** What mysql2 says when TLS cannot be set up: it gives all of these the same code. */
const TLS_FAILURES: readonly (readonly [message: RegExp, reason: string])[] = [
  [
    /does not support secure connection/,
    'it offers no TLS; switch TLS on there, or leave out the flags --db-tls… (in the URL: ssl-mode) to connect without',
  ],
  [/altnames|not in the cert/, 'its certificate is for another host name than the one in --db'],
  [/expired|not yet valid/, 'its certificate has expired, or is not valid yet'],
  [
    /self.signed|unable to|unknown ca/i,
    'its certificate is not signed by a trusted authority; name the authority in --db-tls-ca, or accept any certificate with --db-tls-insecure',
  ],
];

function failureOf(error: unknown): MysqlFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, errno, sqlState } = cause as { code?: unknown; errno?: unknown; sqlState?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    errno: typeof errno === 'number' && errno > 0 ? errno : 0,
    sqlState: typeof sqlState === 'string' ? sqlState : '',
    message: reasonOf(cause).slice(0, 1200).replaceAll(/\s+/g, ' ').slice(0, 300),
  };
}

/** A failed call of the store, for the answer to a client. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, errno, sqlState, message } = failureOf(error);
  const options = { cause: error };
  const known = NETWORK[code];
  if (known) return new StoreError('unavailable', `the database server is away (${known})`, options);
  const answered = `the database answered: ${message}`;
  if (BUSY.includes(errno)) return new StoreError('busy', answered, options);
  if (REFUSED_STATES.test(sqlState) || REFUSED.includes(errno)) return new StoreError('refused', answered, options);
  return new StoreError('unavailable', answered, options);
}

/** Why the target cannot start on this database. */
export function targetErrorOf(error: unknown, address: MysqlAddress): TargetError {
  if (error instanceof TargetError) return error;
  if (error instanceof StoreError) {
    return new TargetError(`The MySQL server at ${address.place} cannot be used: ${error.message}.`, { cause: error });
  }
  return new TargetError(`${startProblem(failureOf(error), address)}.`, { cause: error });
}

function startProblem({ code, errno, message }: MysqlFailure, { place, user, database, text }: MysqlAddress): string {
  const server = `The MySQL server at ${place}`;
  const known = NETWORK[code];
  if (known) return `${server} cannot be used: ${known}. Start it, or give --db another URL`;
  if (isForeignProtocol(code, errno)) {
    return `${server} cannot be used: what answers there does not speak the MySQL protocol: check host and port in --db`;
  }
  if (code.startsWith('HANDSHAKE_')) {
    const reason = TLS_FAILURES.find(([pattern]) => pattern.test(message))?.[1] ?? `TLS failed (${message})`;
    return `${server} cannot be used: ${reason}`;
  }
  // Login methods that the settings refuse say so themselves, under this code.
  if (code === 'login_refused') return `${server} cannot be used: ${message}`;
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR') {
    const method = /unknown plugin (\S*)\. See/.exec(message)?.[1];
    return method === undefined
      ? `${server} cannot be used: the login failed (${message})`
      : `${server} cannot be used: it asks for the login method "${method}", which the target does not have; give ${user} another one`;
  }
  switch (errno) {
    case 3159:
      return `${server} takes only encrypted connections: give --db-tls`;
    case 1045:
    case 1698:
      return `${server} rejects the login of ${user}: check the user and the password in --db (special characters percent-encoded); a server also answers so to a user who has to use TLS: then give --db-tls`;
    case 1049:
      return `${server} has no database ${database}: create it (CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4), or name another one in --db`;
    case 1040:
    case 1203:
    case 1226:
      return `${server} has no connection free (${message}): raise max_connections, or end others`;
    case 1044:
    case 1142:
    case 1227:
      return `The user ${user} lacks a right on the MySQL database ${database} (${message}): GRANT SELECT, INSERT, CREATE, DROP, INDEX ON \`${database}\`.* TO that user`;
    default:
      return `The MySQL database ${text} cannot be used (${message}): fix that, or give --db another`;
  }
}

/** Errors of mysql2's parser have no code, or one of Node's own for wrong arguments. */
function isForeignProtocol(code: string, errno: number): boolean {
  return errno <= 0 && (code === '' || code.startsWith('ERR_') || code === 'HANDSHAKE_UNKNOWN_ERROR');
}
