import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { bodyOption, multipartOption } from './bodies.ts';
import { type CurlOptions, readCurlOptions } from './curl-options.ts';
import type { Import, ImportedRequest } from './imported-plan.ts';
import { literal, planPath } from './plan-text.ts';
import { refusal } from './read-document.ts';
import { pathInName, SecretValues } from './secret-values.ts';
import { ShellSyntaxError, type ShellWord, shellCommands } from './shell-words.ts';

/** Scheme, host with port, and the rest; a part may be a reference to a variable. */
const URL_PARTS = /^(?:(https?):\/\/)?(?:([^/?#@]*)@)?([^/?#]+)([^#]*)/is;
/** Where curl puts several values one after the other. */
const GLOB = /\[\w+-\w+(?::\d+)?\]|\{[^{}]*\}/;
const FORM = 'application/x-www-form-urlencoded';

/**
 * Reads commands of curl, as a terminal or a browser's "Copy as cURL (bash)" has them. Several are steps of one user.
 * @param source what messages call the text
 * @throws {CommandError}
 */
export function importCurl(text: string, source: string): Import {
  if (/(^|\s)\^"|\^\r?\n/.test(text)) {
    throw refusal(source, 'this is a command line for cmd of Windows: choose "Copy as cURL (bash)" in the browser');
  }
  const secrets = new SecretValues();
  const notes = new Set<string>();
  const commands = commandsIn(text, source);
  const all = commands.map((words) => {
    const line = words[0]?.line ?? 1;
    const argv = words.slice(1).map((word) => planText(word, secrets));
    try {
      const options = readCurlOptions(argv);
      for (const note of options.notes) notes.add(note);
      return { options, requests: requestsOf(options, secrets) };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw refusal(source, `line ${line}: ${error.message}`);
    }
  });
  const requests = all.flatMap(({ requests }) => requests);
  const [first] = requests as [ImportedRequest];
  return {
    format: 'curl',
    name: `${first.method} ${first.origin.replace(/^https?:\/\//, '')}${first.path.split('?')[0]}`.replaceAll(
      /\$\{env:(\w+)\}/g,
      '$1',
    ),
    requests,
    inOrder: requests.length > 1,
    keepsOtherHosts: true,
    secrets,
    options: sharedOptions(
      all.map(({ options }) => options),
      notes,
    ),
    notes: [...notes],
  };
}

/** The driver's options hold for all requests, also those that only some of the commands say. */
function sharedOptions(commands: readonly CurlOptions[], notes: Set<string>): Record<string, unknown> {
  const noteUnlessEqual = (flag: string, values: readonly unknown[]) => {
    if (new Set(values).size > 1) notes.add(`${flag} holds for all requests, though the commands differ in it.`);
  };
  const longest = (flag: string, values: readonly (number | undefined)[]) => {
    noteUnlessEqual(flag, values);
    const given = values.filter((value) => value !== undefined);
    return given.length === 0 ? undefined : `${given.reduce((most, value) => Math.max(most, value))}s`;
  };
  const some = (flag: string, values: readonly boolean[]) => {
    noteUnlessEqual(flag, values);
    return values.includes(true);
  };
  const timeout = longest(
    'The longest --max-time',
    commands.map(({ maxTime }) => maxTime),
  );
  const connectTimeout = longest(
    'The longest --connect-timeout',
    commands.map((command) => command.connectTimeout),
  );
  return {
    ...(timeout !== undefined && { timeout }),
    ...(connectTimeout !== undefined && { connectTimeout }),
    ...(some(
      '--http2',
      commands.map(({ http2 }) => http2),
    ) && { http2: true }),
    ...(some(
      '--insecure',
      commands.map(({ insecure }) => insecure),
    ) && { tls: { insecure: true } }),
    ...(some(
      '--location',
      commands.map(({ followsRedirects }) => followsRedirects),
    ) && { redirects: 'follow' }),
  };
}

function commandsIn(text: string, source: string): ShellWord[][] {
  let commands: ShellWord[][];
  try {
    commands = shellCommands(text);
  } catch (error) {
    if (error instanceof ShellSyntaxError) throw refusal(source, error.message);
    throw error;
  }
  if (commands.length === 0) throw refusal(source, 'there is no command in it');
  for (const [word] of commands) {
    const name = word?.parts.length === 1 ? word.parts[0] : undefined;
    if (typeof name === 'string' && /^(?:.*\/)?curl(?:\.exe)?$/.test(name)) continue;
    const shown = typeof name === 'string' ? name.slice(0, 40) : 'a variable';
    throw refusal(
      source,
      `line ${word?.line}: a command must begin with curl, not ${shown}; an address with & needs quotes`,
    );
  }
  return commands;
}

function planText({ parts }: ShellWord, secrets: SecretValues): string {
  return parts.map((part) => (typeof part === 'string' ? literal(part) : secrets.refer(part.variable))).join('');
}

function requestsOf(options: CurlOptions, secrets: SecretValues): ImportedRequest[] {
  if (options.urls.length === 0) throw new CommandError('there is no address in this command', EXIT.invalidInput);
  return options.urls.map((url) => requestOf(url, options, secrets));
}

function requestOf(url: string, options: CurlOptions, secrets: SecretValues): ImportedRequest {
  const [, scheme = 'http', account, host = '', rest = ''] = URL_PARTS.exec(url) ?? [];
  const address = `${scheme.toLowerCase()}://${host}`;
  if (host === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(host) || !canBeHost(host)) {
    throw new CommandError(`${withoutLogin(url).slice(0, 100)} is not an address of HTTP`, EXIT.invalidInput);
  }
  const glob = options.globs ? GLOB.exec(rest.replaceAll(/\$\$?\{[^{}]*\}/g, ''))?.[0] : undefined;
  if (glob !== undefined) {
    const how = 'write each one, or -g where it is meant as it stands';
    throw new CommandError(`curl makes several addresses of ${glob}: ${how}`, EXIT.invalidInput);
  }
  const data = options.data.map(({ text, joint }, i) => (i === 0 ? text : `${joint}${text}`)).join('');
  if (options.get && options.data.some(({ file }) => file !== undefined)) {
    throw new CommandError('-G with a file cannot be imported: write its content', EXIT.invalidInput);
  }
  if (options.upload === '-' || options.upload === '.') {
    throw new CommandError(`standard input (-T ${options.upload}) cannot be imported: name a file`, EXIT.invalidInput);
  }
  const inQuery = options.get ? data : '';
  const [written = '', query] = splitOnce(rest, '?');
  const path = uploadPath(options.pathAsIs ? written : withoutDots(written), options.upload);
  const queries = [query, inQuery].filter((part) => part !== undefined && part !== '').join('&');
  const method = options.method ?? methodOf(options);
  const headers = headersOf(options, account, host, secrets);
  const body = options.get ? undefined : bodyOf(options, data, headers, secrets);
  return {
    name: `${method} ${path === '' ? '/' : pathInName(path)}`,
    method,
    origin: address,
    path: planPath(queries === '' ? secrets.path(path) : `${secrets.path(path)}?${secrets.pairs(queries, 'query')}`),
    headers,
    body,
  };
}

/** curl adds the name of the file to a folder. */
function uploadPath(path: string, upload: string | undefined): string {
  if (upload === undefined || !/^$|\/$/.test(path)) return path;
  return `${path || '/'}${upload.replace(/^.*\//s, '')}`;
}

/** RFC 3986, 5.2.4. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '..' && kept.length > 1) kept.pop();
    else if (segment !== '.' && segment !== '..') kept.push(segment);
  }
  return /^\.\.?$/.test(segments.at(-1) ?? '') ? [...kept, ''].join('/') : kept.join('/');
}

/** A password may hold an @ itself. */
function withoutLogin(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^((?:[a-z][a-z0-9+.-]*:\/\/)?).*@/is, '$1***@');
}

function canBeHost(host: string): boolean {
  return /^(?:[\w.-]|\$\{env:\w+\}|\[[0-9a-f:.]+\](?=:|$))+(?::\d+)?$/i.test(host);
}

/** Where -X does not say it. */
function methodOf({ upload, head, get, data, form }: CurlOptions): string {
  if (upload !== undefined) return 'PUT';
  if (head) return 'HEAD';
  return !get && (data.length > 0 || form.length > 0) ? 'POST' : 'GET';
}

function headersOf(
  { headers, user, userAgent, referer, cookies, json, data, get }: CurlOptions,
  account: string | undefined,
  host: string,
  secrets: SecretValues,
): Record<string, string> {
  const all = new Map<string, readonly [name: string, value: string]>();
  const set = (name: string, value: string) => all.set(name.toLowerCase(), [name, value]);
  if (data.length > 0 && !get) set('Content-Type', json ? 'application/json' : FORM);
  if (json) set('Accept', 'application/json');
  if (userAgent) set('User-Agent', userAgent);
  const page = referer?.replace(/;auto$/, '');
  if (page) set('Referer', secrets.header('Referer', page));
  if (cookies.length > 0) set('Cookie', secrets.header('Cookie', cookies.join('; ')));
  for (const [name, value] of headers) {
    if (value === undefined) all.delete(name.toLowerCase());
    else set(name, secrets.header(name, value));
  }
  const login = user ?? account;
  const hasOwn = headers.some(([name]) => /^authorization$/i.test(name));
  if (login !== undefined && !hasOwn) set('Authorization', `Basic ${basic(login, secrets)}`);
  for (const name of LEFT_OUT) all.delete(name);
  if (all.get('host')?.[1].toLowerCase() === host.toLowerCase()) all.delete('host');
  return Object.fromEntries(all.values());
}

/** The client says these itself. */
const LEFT_OUT = ['content-length', 'connection', 'transfer-encoding', 'accept-encoding'];

/** RFC 7617: user and password together, in base64, which a plan cannot compute from two references. */
function basic(login: string, secrets: SecretValues): string {
  return secrets.replace(login, 'header Authorization: the base64 of user:password', 'BASIC_CREDENTIALS');
}

function bodyOf(
  options: CurlOptions,
  text: string,
  headers: Readonly<Record<string, string>>,
  secrets: SecretValues,
): unknown {
  const { data, form, upload } = options;
  if (upload !== undefined) return { file: upload };
  if (form.length > 0) {
    return multipartOption(form.map(({ name, part }) => [name, secretPart(name, part, secrets)] as const));
  }
  if (data.length === 0) return undefined;
  const [only] = data;
  if (only?.file !== undefined) {
    if (data.length === 1) return { file: only.file };
    throw new CommandError('a file and other data cannot be sent together: leave one out', EXIT.invalidInput);
  }
  if (data.some(({ file }) => file !== undefined))
    throw new CommandError('a file and other data cannot be sent together: leave one out', EXIT.invalidInput);
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return bodyOption(text, type, secrets);
}

function secretPart(name: string, part: CurlOptions['form'][number]['part'], secrets: SecretValues): unknown {
  if (typeof part === 'string') return secrets.field(name, part, 'form field');
  return 'text' in part ? { ...part, text: secrets.field(name, part.text, 'form field') } : part;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
