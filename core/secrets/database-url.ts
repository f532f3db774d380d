import { BenchError, type ErrorDetails } from '../error.ts';
import { isReference, type Lookup, shielded, withReferences } from './reference.ts';

/** The parts of a database URL, decoded. */
export interface DatabaseUrl {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** Without the brackets of IPv6. */
  readonly host: string;
  readonly port: number | undefined;
  readonly database: string;
  /** What stands behind the ?, by name, in its order. */
  readonly options: ReadonlyMap<string, string>;
}

/** A text is not a database URL; the message is one sentence and contains no password. */
export class DatabaseUrlError extends BenchError {
  override readonly name = 'DatabaseUrlError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('invalid_database_url', message, details);
  }
}

/** The password ends at the last @, so that it may contain any character. */
const URL_PARTS =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^:@/]*)(?::(.*))?@)?(\[[^\]]+\]|[^:/?#@[\]]*)(?::(\d{1,5}))?(?:\/([^/?#]*))?(?:\?([^#]*))?(#.*)?$/is;
const HIDDEN = '***';

/** Says why a URL in a plan may not contain a password. */
export const PASSWORD_IN_PLAN = `contains a password, and plans are stored and printed: write \${env:NAME} or \${file:path} instead`;

/** Whether the text is meant as a database URL and not as the name of a file. */
export function isDatabaseUrl(text: string): boolean {
  return /^mysql:\/\//i.test(text.trim()) || isReference(text.trim());
}

/**
 * Reads `mysql://user:password@host:port/database?option=value`, whose parts may be percent-encoded.
 * @param lookup gives the values of references: each part may contain some, or the whole text may be one; without it the
 *   text contains no references
 * @throws {DatabaseUrlError} or UnresolvedReference
 */
export function parseDatabaseUrl(text: string, lookup?: Lookup): DatabaseUrl {
  const whole = text.trim();
  // A value is used as it is, even when it contains something that looks like a reference.
  const isWhole = lookup !== undefined && isReference(whole);
  const { text: url, restore } =
    lookup && !isWhole ? shielded(whole) : { text: whole, restore: (part: string) => part };
  const parts = URL_PARTS.exec(isWhole ? withReferences(whole, lookup) : url);
  const [, scheme = '', user = '', password = '', host = '', port, database = '', query = '', fragment] = parts ?? [];
  const read = (part: string) => restore(decoded(part), lookup);
  if (parts === null || host === '' || Number(port ?? 1) > 65_535 || fragment !== undefined) {
    throw new DatabaseUrlError(
      `"${withoutPassword(whole)}" is not a database URL: write it like mysql://user:\${env:DB_PASSWORD}@127.0.0.1:3306/database`,
    );
  }
  return {
    scheme: scheme.toLowerCase(),
    user: read(user),
    password: read(password),
    host: read(host).replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? undefined : Number(port),
    database: read(database),
    options: optionsIn(query, read),
  };
}

/** The URL in its canonical form, with every part percent-encoded; it contains the password. */
export function formatDatabaseUrl({ scheme, user, password, host, port, database, options }: DatabaseUrl): string {
  const secret = password === '' ? '' : `:${encodeURIComponent(password)}`;
  const account = user === '' && secret === '' ? '' : `${encodeURIComponent(user)}${secret}@`;
  const place = `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
  const pairs = [...options].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${scheme}://${account}${place}/${encodeURIComponent(database)}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
}

function optionsIn(query: string, read: (part: string) => string): Map<string, string> {
  const options = new Map<string, string>();
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const equals = pair.indexOf('=');
    const name = read(equals < 0 ? pair : pair.slice(0, equals));
    if (options.has(name)) throw new DatabaseUrlError(`the URL has the option ${name} twice: leave one out`);
    options.set(name, equals < 0 ? '' : read(pair.slice(equals + 1)));
  }
  return options;
}

/** Whether the text itself contains a password, and not a reference to one. */
export function holdsPassword(text: string): boolean {
  const { text: url, restore } = shielded(text.trim());
  // In an HTTP URL the path may contain an @.
  const password = /^https?:/i.test(url) ? /:\/\/[^:@/]*:([^/?#]*)@/.exec(url)?.[1] : URL_PARTS.exec(url)?.[3];
  return password !== undefined && password !== '' && !isReference(restore(decoded(password)));
}

/**
 * Whether a reference could make another address of what is written: clients of databases take names of files behind the ? of theirs.
 * What stands for all of it is its author's, and what stands for user and password is encoded.
 */
export function hidesOptions(url: string): boolean {
  const { text } = shielded(url.trim());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is how references are shielded
  if (/^\u0000\d+\u0000$/.test(text) || /^https?:\/\//i.test(text)) return false;
  return text.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i, '').includes('\u0000');
}

/** The text with its password hidden, for messages. */
export function withoutPassword(text: string): string {
  return holdsPassword(text) ? text.replace(/(:\/\/[^:@/]*:).*@/s, `$1${HIDDEN}@`) : text;
}

/** A part of a URL, percent-decoded. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A % that begins no escape sequence stands for itself.
    return part;
  }
}
