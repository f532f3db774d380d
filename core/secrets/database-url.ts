import { BenchError, type ErrorDetails } from '../error.ts';
import { isReference, type Lookup, shielded, withReferences } from './reference.ts';

/** A database URL taken apart; every part as the server is to get it. */
export interface DatabaseUrl {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** Without the brackets of IPv6. */
  readonly host: string;
  readonly port: number | undefined;
  readonly database: string;
}

/** A URL that names no database; the message is one sentence, and holds no password. */
export class DatabaseUrlError extends BenchError {
  override readonly name = 'DatabaseUrlError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('invalid_database_url', message, details);
  }
}

/** The password is taken up to the last @, so that it may hold any character. */
const URL_PARTS =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^:@/]*)(?::(.*))?@)?(\[[^\]]+\]|[^:/?#@[\]]*)(?::(\d{1,5}))?(?:\/([^/?#]*))?(?:[?#].*)?$/is;
const HIDDEN = '***';

/** A plan is stored, travels and is printed: what holds for each URL in it. */
export const PASSWORD_IN_PLAN = `holds a password, and plans are stored and printed: write \${env:NAME} or \${file:path} in its place`;

/** Whether the text is meant as a database URL, and no file. */
export function isDatabaseUrl(text: string): boolean {
  return /^mysql:\/\//i.test(text.trim()) || isReference(text.trim());
}

/**
 * Reads `mysql://user:password@host:port/database`, whose parts may be percent-encoded.
 * @param lookup each part may hold `${env:NAME}` or `${file:path}`, or the whole be one such reference; without it there
 *   are no references
 * @throws {DatabaseUrlError} or UnresolvedReference
 */
export function parseDatabaseUrl(text: string, lookup?: Lookup): DatabaseUrl {
  const whole = text.trim();
  // A value is taken as it is: what looks like a reference in it is none.
  const isWhole = lookup !== undefined && isReference(whole);
  const { text: url, restore } =
    lookup && !isWhole ? shielded(whole) : { text: whole, restore: (part: string) => part };
  const parts = URL_PARTS.exec(isWhole ? withReferences(whole, lookup) : url);
  const [, scheme = '', user = '', password = '', host = '', port, database = ''] = parts ?? [];
  const read = (part: string) => restore(decoded(part), lookup);
  if (parts === null || host === '' || Number(port ?? 1) > 65_535) {
    throw new DatabaseUrlError(
      `"${withoutPassword(whole)}" is no database URL: write it like mysql://user:\${env:DB_PASSWORD}@127.0.0.1:3306/database`,
    );
  }
  return {
    scheme: scheme.toLowerCase(),
    user: read(user),
    password: read(password),
    host: read(host).replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? undefined : Number(port),
    database: read(database),
  };
}

/** The URL in its one strict form, with everything percent-encoded; it holds the password. */
export function formatDatabaseUrl({ scheme, user, password, host, port, database }: DatabaseUrl): string {
  const secret = password === '' ? '' : `:${encodeURIComponent(password)}`;
  const account = user === '' && secret === '' ? '' : `${encodeURIComponent(user)}${secret}@`;
  const place = `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
  return `${scheme}://${account}${place}/${encodeURIComponent(database)}`;
}

/** Whether a password stands in the text itself, instead of a reference to the environment. */
export function holdsPassword(text: string): boolean {
  const { text: url, restore } = shielded(text.trim());
  // Beyond databases an @ may well stand in a path.
  const password = /^https?:/i.test(url) ? /:\/\/[^:@/]*:([^/?#]*)@/.exec(url)?.[1] : URL_PARTS.exec(url)?.[3];
  return password !== undefined && password !== '' && !isReference(restore(decoded(password)));
}

/** For messages. */
export function withoutPassword(text: string): string {
  return holdsPassword(text) ? text.replace(/(:\/\/[^:@/]*:).*@/s, `$1${HIDDEN}@`) : text;
}

/** A part of a URL without its percent-encoding. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A % that begins no code stands for itself.
    return part;
  }
}
