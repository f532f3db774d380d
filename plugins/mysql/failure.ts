import { PluginError } from '../../core/plugin.ts';
import { networkFailure } from '../net/network-error.ts';
import type { MysqlAddress } from './address.ts';

/** What went wrong between us and a MySQL server. */
export interface MysqlFailure {
  /** Few-valued, such as `deadlock` or `er_no_such_table`. */
  readonly kind: string;
  readonly message: string;
  /** The server's error number; 0 when the server did not say. */
  readonly errno: number;
  /** The server has said that the statement had no effect; otherwise nobody knows. */
  readonly isRefusal: boolean;
}

/** By the server's error number: those that a load test is to tell apart. https://mariadb.com/kb/en/mariadb-error-codes/ */
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
  1142: 'access_denied',
  1203: 'too_many_connections',
  1205: 'lock_wait_timeout',
  1213: 'deadlock',
  1226: 'too_many_connections',
  1290: 'read_only',
  1317: 'killed',
  1927: 'killed',
  1969: 'statement_timeout',
  2006: 'gone_away',
  2013: 'gone_away',
  3159: 'tls_required',
};
/** After these the statement may have had its effect all the same. */
const UNCLEAR: readonly number[] = [1053, 1317, 1927, 2006, 2013];
/** What mysql2 calls a connection that ended under it. */
const GONE: readonly string[] = [
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_DESTROYED',
];

/** What mysql2 says when TLS does not come about: it gives all of them one code. */
const TLS_FAILURES: readonly (readonly [message: RegExp, kind: string, reason: string])[] = [
  [
    /does not support secure connection/,
    'tls_unsupported',
    'it offers no TLS; switch it on there, or leave tls out to connect without',
  ],
  [/altnames|not in the cert/, 'tls_wrong_name', 'its certificate is for another host name than the one in the URL'],
  [/expired|not yet valid/, 'tls_expired', 'its certificate has expired, or is not valid yet'],
  [
    /self.signed|unable to|unknown ca/i,
    'tls_untrusted',
    'its certificate is not signed by a trusted authority; name that in tls.ca, or take any with tls.insecure',
  ],
];

/** @param error what mysql2 gave */
export function mysqlFailure(error: unknown): MysqlFailure {
  const { code, errno, sqlState, message } = error as Record<'code' | 'errno' | 'sqlState' | 'message', unknown>;
  const text = typeof message === 'string' ? message.replaceAll(/\s+/g, ' ').slice(0, 300) : String(error);
  const name = typeof code === 'string' ? code : '';
  if (typeof errno === 'number' && errno >= 1000 && (typeof sqlState === 'string' || name.startsWith('ER_'))) {
    const kind = KINDS[errno] ?? (name === '' || /^\d/.test(name) ? `mysql_${errno}` : name.toLowerCase());
    const mending = kind === 'tls_required' ? ' (set tls, as tls: {})' : '';
    return { kind, errno, message: `${errno}: ${text}${mending}`, isRefusal: !UNCLEAR.includes(errno) };
  }
  if (GONE.includes(name)) {
    return { kind: 'gone_away', errno: 0, message: 'the server closed the connection', isRefusal: false };
  }
  if (name === 'ETIMEDOUT' || name === 'PROTOCOL_SEQUENCE_TIMEOUT') {
    return {
      kind: 'connect_timeout',
      errno: 0,
      message: 'the server did not take the connection in time',
      isRefusal: false,
    };
  }
  if (name.startsWith('HANDSHAKE_')) {
    const known = TLS_FAILURES.find(([pattern]) => pattern.test(text));
    const [, kind, reason] = known ?? [undefined, 'tls_failed', `TLS failed (${text})`];
    return { kind, errno: 0, message: reason, isRefusal: false };
  }
  const { kind, reason } = networkFailure(error);
  return { kind, errno: 0, message: reason, isRefusal: false };
}

/** MariaDB says no more to such a user. */
const TLS_HINT = '; a user who must encrypt is refused so too: then set tls';

/** A step that cannot be done, in a sentence that says how to mend it. */
export function stepError(
  error: unknown,
  { host, port, user, database, text, ssl }: MysqlAddress,
  doing: string,
): PluginError {
  if (error instanceof PluginError) return error;
  const { kind, errno, message } = mysqlFailure(error);
  const server = `the MySQL server at ${host}:${port}`;
  if (kind.startsWith('tls_')) return new PluginError(`${doing}: ${server} cannot be used: ${message}`);
  if (errno === 0) {
    return new PluginError(`${doing}: ${server} cannot be used: ${message}. Start it, or name another one in the URL`);
  }
  switch (errno) {
    case 1045:
    case 1698:
      return new PluginError(
        `${doing}: ${server} does not let ${user} in: check the user and the password of the URL (special characters percent-encoded, or by \${env:NAME})${ssl ? '' : TLS_HINT}`,
      );
    case 1049:
      return new PluginError(
        `${doing}: ${server} has no database ${database}: create it, or name another one in the URL`,
      );
    case 1044:
    case 1142:
      return new PluginError(
        `${doing}: ${user} lacks a right (${message}): GRANT SELECT, INSERT, CREATE, DROP, INDEX ON \`${database}\`.* TO that user`,
      );
    default:
      return new PluginError(
        `${doing}: ${text} answered ${message}${kind === 'too_many_connections' ? ': raise max_connections' : ''}`,
      );
  }
}
