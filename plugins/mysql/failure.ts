import { errorMessage } from '../../core/error.ts';
import type { MysqlAddress } from '../../core/mysql/address.ts';
import { loginProblem } from '../../core/mysql/login-problem.ts';
import { ANSWER_TOO_LARGE, FILE_REQUESTED, SERVER_SILENT } from '../../core/mysql/open-connection.ts';
import { PluginError } from '../../core/plugin.ts';
import { oneLine } from '../../core/text/printable.ts';
import { networkFailure } from '../net/network-error.ts';

/** What went wrong between us and a MySQL server. */
export interface MysqlFailure {
  /** Few-valued, such as `deadlock` or `er_no_such_table`. */
  readonly kind: string;
  readonly message: string;
  /** The server's error number; 0 when the error is not the server's. */
  readonly errno: number;
  /** The server's SQLSTATE (https://mariadb.com/kb/en/sqlstate/), where it gave one. */
  readonly sqlState?: string | undefined;
  /** The server has said that the statement had no effect; otherwise nobody knows. */
  readonly isRefusal: boolean;
  /** The same may work soon: the server is away, is shutting down, or has no connection free. */
  readonly mayPass: boolean;
}

/** The server's errors that a load test has to tell apart. https://mariadb.com/kb/en/mariadb-error-codes/ */
const KINDS: Readonly<Record<number, string>> = {
  1020: 'record_changed',
  1021: 'disk_full',
  1040: 'too_many_connections',
  1044: 'access_denied',
  1045: 'access_denied',
  1049: 'unknown_database',
  1053: 'server_shutdown',
  1062: 'duplicate_key',
  1064: 'syntax_error',
  1114: 'disk_full',
  1129: 'host_blocked',
  1142: 'access_denied',
  1203: 'too_many_connections',
  1205: 'lock_wait_timeout',
  1213: 'deadlock',
  1226: 'too_many_connections',
  1290: 'read_only',
  1317: 'killed',
  1792: 'read_only',
  1836: 'read_only',
  1927: 'killed',
  1969: 'statement_timeout',
  2006: 'gone_away',
  2013: 'gone_away',
  3024: 'statement_timeout',
  3159: 'tls_required',
};
/** Of what a server says, more is not shown. */
const MAX_TEXT = 300;
/** After these the statement may have had its effect all the same. */
const UNCLEAR: readonly number[] = [1053, 1317, 1927, 2006, 2013];
const PASSING: readonly string[] = ['too_many_connections', 'server_shutdown'];
/** mysql2's codes for a connection that ended under a statement. */
const GONE: readonly string[] = [
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_DESTROYED',
];

const SOCKET_FILE_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket file',
  EACCES: 'this user may not connect to the socket file',
};

/** What mysql2 says when TLS cannot be set up: it gives all of these the same code. */
const TLS_FAILURES: readonly (readonly [message: RegExp, kind: string, reason: string])[] = [
  [
    /does not support secure connection/,
    'tls_unsupported',
    'it offers no TLS; switch TLS on there, or leave out tls (in a URL: ssl-mode) to connect without',
  ],
  [/altnames|not in the cert/, 'tls_wrong_name', 'its certificate is for another host name than the one in the URL'],
  [/expired|not yet valid/, 'tls_expired', 'its certificate has expired, or is not valid yet'],
  [
    /self.signed|unable to|unknown ca/i,
    'tls_untrusted',
    'its certificate is not signed by a trusted authority; name the authority in tls.ca (in a URL: ssl-ca), or accept any certificate with tls.insecure (ssl-mode=REQUIRED)',
  ],
];

/** @param error what mysql2 gave */
export function mysqlFailure(error: unknown): MysqlFailure {
  const { code, errno, sqlState } = error as Record<'code' | 'errno' | 'sqlState', unknown>;
  const text = oneLine(errorMessage(error), MAX_TEXT);
  const name = typeof code === 'string' ? code : '';
  if (typeof errno === 'number' && errno >= 1000 && (typeof sqlState === 'string' || name.startsWith('ER_'))) {
    const kind = KINDS[errno] ?? (name === '' || /^\d/.test(name) ? `mysql_${errno}` : name.toLowerCase());
    const hint =
      kind === 'tls_required' ? ' (encrypt the connection: tls: {} in the plan, or ssl-mode in the URL)' : '';
    const isRefusal = !UNCLEAR.includes(errno);
    const message = `${errno}: ${text}${hint}`;
    const state = typeof sqlState === 'string' ? sqlState : undefined;
    return { kind, errno, sqlState: state, message, isRefusal, mayPass: PASSING.includes(kind) };
  }
  const { kind, reason, mayPass } = clientFailure(error, name, text);
  return { kind, errno: 0, message: reason, isRefusal: false, mayPass };
}

interface ClientFailure {
  readonly kind: string;
  /** Continues a sentence about the server. */
  readonly reason: string;
  readonly mayPass: boolean;
}

const PROTOCOL_FAILURE: ClientFailure = {
  kind: 'protocol_error',
  reason: 'what answers there does not speak the MySQL protocol: check host and port',
  mayPass: false,
};

/** A failure that the server has not reported itself. */
function clientFailure(error: unknown, code: string, text: string): ClientFailure {
  if (code === ANSWER_TOO_LARGE || code === FILE_REQUESTED) return { kind: code, reason: text, mayPass: false };
  if (code === SERVER_SILENT) {
    const why =
      'it is frozen or overloaded, or waits for a lock that another connection holds (SHOW PROCESSLIST tells)';
    return { kind: code, reason: `${text}: ${why}`, mayPass: false };
  }
  if (GONE.includes(code)) return { kind: 'gone_away', reason: 'the server closed the connection', mayPass: true };
  if (code === 'ETIMEDOUT' || code === 'PROTOCOL_SEQUENCE_TIMEOUT') {
    return {
      kind: 'connect_timeout',
      reason: 'the server did not answer within the connect time limit',
      mayPass: true,
    };
  }
  const socket = SOCKET_FILE_FAILURES[code];
  if (socket !== undefined) return { kind: 'connection_refused', reason: socket, mayPass: true };
  const login = loginProblem(error);
  if (login !== undefined) return { kind: 'login_method', reason: login, mayPass: false };
  if (code === 'HANDSHAKE_UNKNOWN_ERROR') return PROTOCOL_FAILURE;
  if (code.startsWith('HANDSHAKE_')) {
    const [, kind, reason] = TLS_FAILURES.find(([pattern]) => pattern.test(text)) ?? [
      undefined,
      'tls_failed',
      `TLS failed (${text})`,
    ];
    return { kind, reason, mayPass: false };
  }
  if (/closed state/.test(text))
    return { kind: 'gone_away', reason: 'the server closed the connection', mayPass: true };
  // Errors of the system name their call or have a code that is known; all others come from mysql2's parser.
  const { kind, reason } = networkFailure(error);
  const isKnown = kind !== 'network_error' || (error as { syscall?: unknown }).syscall !== undefined;
  return isKnown ? { kind, reason, mayPass: true } : PROTOCOL_FAILURE;
}

/** MariaDB refuses a user who must encrypt in the same words as a wrong password. */
const TLS_HINT = '; a server also answers so to a user who has to use TLS: then set tls (in a URL: ssl-mode)';

/** A step that cannot be done, in a sentence that says how to fix it. */
export function stepError(error: unknown, address: MysqlAddress, doing: string): PluginError {
  if (error instanceof PluginError) return error;
  return new PluginError(`${doing}: ${stepProblem(mysqlFailure(error), address)}`, { cause: error });
}

function stepProblem(failure: MysqlFailure, { place, user, database, text, tls }: MysqlAddress): string {
  const { errno, message, mayPass, kind } = failure;
  const server = `the MySQL server at ${place}`;
  if (errno === 0) return `${server} cannot be used: ${message}${mayPass ? '. Start it, or correct the URL' : ''}`;
  switch (errno) {
    case 1045:
    case 1698:
      return `${server} rejects the login of ${user}: check the user and the password in the URL (special characters percent-encoded, or by \${env:NAME})${tls ? '' : TLS_HINT}`;
    case 1049:
      return `${server} has no database ${database}: create it, or correct the URL`;
    case 1044:
    case 1142:
      return `${user} lacks a right (${message}): GRANT SELECT, INSERT, CREATE, DROP, INDEX ON \`${database}\`.* TO that user`;
    default:
      return `${text} answered ${message}${kind === 'too_many_connections' ? ': raise max_connections' : ''}`;
  }
}
