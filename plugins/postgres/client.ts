import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import type { Client } from 'pg';
import { errorMessage } from '../../core/error.ts';
import { PluginError } from '../../core/plugin.ts';
import { decoded, hidesOptions } from '../../core/secrets/database-url.ts';
import { oneLine } from '../../core/text/printable.ts';

const CONNECT_TIMEOUT_MS = 5000;
/** Less than an output may take for a call. */
const QUERY_TIMEOUT_MS = 8000;
/** Our statements answer with some rows for each second of a run. pg keeps an answer in memory, however long it says that it is. */
const MAX_ANSWER_BYTES = 64 << 20;
/** Rows times columns of one answer. A row without any counts as one of two. */
const MAX_ANSWER_VALUES = 4_000_000;
/** No table has more (https://www.postgresql.org/docs/current/limits.html), and pg begins each row with a copy of all. */
const MAX_COLUMNS = 1664;
const CLEARTEXT_REFUSED =
  'the server asks for the password in clear text, which others can read on the way: add sslmode=require to the URL, or have the server ask by scram-sha-256';

/** Options of a URL that pg takes for names of files, which it opens itself. */
const FILE_OPTIONS = ['sslcert', 'sslkey', 'sslrootcert'];

/** The part of pg's own connection that is used here; its types leave it out. */
interface Wire {
  /** Another one once the connection is encrypted. */
  readonly stream: Socket;
  on(event: 'sslconnect' | 'readyForQuery' | 'authenticationCleartextPassword', listener: () => void): unknown;
}

/** What pg's client does with messages of the server; it looks them up as it connects. */
interface MessageHandlers {
  _handleRowDescription(message: { readonly fields: readonly unknown[] }): void;
  _handleDataRow(message: object): void;
  _handleAuthSASLContinue(message: object): void;
}

/**
 * A client of pg that has not connected yet.
 * @throws {PluginError} when pg is not installed
 */
export async function newClient(url: string): Promise<Client> {
  const pg = await loadPg();
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: 'bench',
    keepAlive: true,
  });
  // Where pg finds none in the URL, it sends that of PGPASSWORD or ~/.pgpass, which a plan does not name, to whatever host the
  // plan names.
  client.password = passwordIn(url);
  guard(client);
  return client;
}

async function loadPg(): Promise<Pick<typeof import('pg'), 'Client'>> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    throw new PluginError('the package pg is not there: install it beside bench with `npm install pg`', {
      cause: error,
    });
  }
}

/** As pg reads it: behind the ? or before the @; empty where there is none. */
function passwordIn(url: string): string {
  // Without a host, as for a socket, it is a URL for pg alone.
  const parsed = URL.parse(url) ?? URL.parse(url.replace('@/', '@localhost/'));
  if (parsed === null) return '';
  // A query is decoded leniently: a % that begins no escape sequence stands for itself.
  const beforeAt = new URLSearchParams(`password=${parsed.password.replaceAll('+', '%2B')}`).get('password');
  return parsed.searchParams.getAll('password').at(-1) || (beforeAt ?? '');
}

/**
 * Keeps a client from what whoever answers at its address could do with it: read its password, and fill the memory.
 * @param client that has not connected yet
 */
export function guard(client: Client): void {
  const { connection } = client as unknown as { readonly connection: Wire };
  const { ssl, host } = client;
  const refuse = (reason: string) => connection.stream.destroy(new PluginError(reason));
  // This listener comes before pg's own, which sends the password: a stream that is destroyed takes no more.
  if (!ssl && !host.startsWith('/')) {
    connection.on('authenticationCleartextPassword', () => refuse(CLEARTEXT_REFUSED));
  }
  let received = 0;
  const count = () => {
    connection.stream.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (received > MAX_ANSWER_BYTES) refuse(`the server answered with more than ${MAX_ANSWER_BYTES >> 20} MiB`);
    });
  };
  if (ssl) connection.on('sslconnect', count);
  else count();
  const handlers = client as unknown as MessageHandlers;
  const { _handleRowDescription: describe, _handleDataRow: add, _handleAuthSASLContinue: prove } = handlers;
  let columns = 0;
  let values = 0;
  let proofs = 0;
  handlers._handleRowDescription = (message) => {
    columns = message.fields.length;
    if (columns <= MAX_COLUMNS) describe.call(client, message);
    else refuse(`the server answered with more than ${MAX_COLUMNS} columns`);
  };
  handlers._handleDataRow = (message) => {
    values += Math.max(2, columns);
    if (values <= MAX_ANSWER_VALUES && columns <= MAX_COLUMNS) add.call(client, message);
    else refuse(`the server answered with more than ${Math.floor(MAX_ANSWER_VALUES / Math.max(2, columns))} rows`);
  };
  // Each takes a hundred thousand rounds of a hash on a thread that others wait for.
  handlers._handleAuthSASLContinue = (message) => {
    proofs += 1;
    if (proofs === 1) prove.call(client, message);
    else refuse('the server asks for the proof of the password more than once');
  };
  connection.on('readyForQuery', () => {
    received = 0;
    values = 0;
  });
}

/** The files and folders of sockets that pg opens for a URL of a plan; the URL itself where references could name some. */
export function hostFilesIn(url: string): string[] {
  if (hidesOptions(url)) return [url];
  // pg's parser of URLs drops these as well.
  const read = url.replaceAll(/[\t\r\n]/g, '');
  const [, query = ''] = /\?([^#]*)/.exec(read) ?? [];
  const options = new URLSearchParams(query);
  const [, host = ''] = /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#:]*)/i.exec(read) ?? [];
  const sockets = [...options.getAll('host'), decoded(host)].filter((name) => name.startsWith('/'));
  // It begins in the folder in which the process was started, not in that of the plan.
  return [...FILE_OPTIONS.flatMap((name) => options.getAll(name)), ...sockets].map((file) => resolve(file));
}

/** What PostgreSQL or the network says, in one line, and what to do about a right that is missing. */
export function failureOf(error: unknown, client: Client): PluginError {
  if (error instanceof PluginError) return error;
  const [first = ''] = errorMessage(error).split('\n');
  const reason = first === '' ? 'the database cannot be reached' : `${oneLine(first)}${missingRight(first, client)}`;
  return new PluginError(reason, { cause: error });
}

/** Whether the server refuses a value, and will again: class 22 of https://www.postgresql.org/docs/current/errcodes-appendix.html. */
export function isOfData(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^22/.test(code);
}

/** @returns what an owner of the database can do about a right that the user lacks, to follow the server's message; else nothing */
function missingRight(message: string, client: Client): string {
  const [, kind, name] = /^permission denied for (schema|table) (\S+)$/.exec(message) ?? [];
  if (kind === undefined || name === undefined) return '';
  const grantee = client.escapeIdentifier(client.user ?? '');
  const place = client.escapeIdentifier(name);
  return kind === 'schema'
    ? `: have the owner of the database run GRANT CREATE ON SCHEMA ${place} TO ${grantee}, which is needed until the tables are there`
    : `: have the owner of the table run GRANT SELECT, INSERT, UPDATE ON ${place} TO ${grantee}`;
}
