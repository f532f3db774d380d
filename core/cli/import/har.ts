import { isUtf8 } from 'node:buffer';
import { formatCount } from '../../verdict/quantity.ts';
import { bodyOption, multipartOption } from './bodies.ts';
import { type HarEntry, harSchema } from './har-schema.ts';
import { type Import, type ImportedRequest, oneLineEach } from './imported-plan.ts';
import { literal, planPath } from './plan-text.ts';
import { checkedDocument, readDocument, refusal } from './read-document.ts';
import { pathInName, SecretValues } from './secret-values.ts';

/** Shorter ones are the browser's own time, not the user's. */
const MIN_PAUSE_MS = 100;
/** Longer ones are a user who was away. */
const MAX_PAUSE_MS = 10_000;
const PAUSE_STEP_MS = 10;

const STATIC_TYPES =
  /^(?:image|font|audio|video)\/|^text\/(?:css|javascript)|^application\/(?:x-)?(?:javascript|font)/i;
const STATIC_RESOURCES = ['stylesheet', 'script', 'image', 'font', 'media', 'manifest', 'texttrack'];
const STATIC_FILES = /\.(?:css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp[34]|webm)$/i;

/** What the client says itself, what a browser says about itself, and what asks for an answer only if it has changed. */
const LEFT_OUT =
  /^(?::.*|host|content-length|connection|proxy-connection|keep-alive|transfer-encoding|te|upgrade|accept-encoding|sec-.*|priority|dnt|pragma|cache-control|upgrade-insecure-requests|if-none-match|if-modified-since)$/i;

/** What of a recording comes into the plan beside the requests to its main host. */
export interface HarKeeps {
  /** Images, fonts, style sheets and scripts. */
  readonly staticFiles: boolean;
  /** Among them are usually some of other people, such as those that count visitors. */
  readonly otherHosts: boolean;
}

/**
 * Reads an HTTP Archive, as the developer tools of browsers save it: its requests in order are a user's flow, with the
 * pauses that the user made.
 * @throws {CommandError}
 */
export function importHar(text: string, source: string, keeps: HarKeeps): Import {
  const document = readDocument(text, source);
  const { log } = checkedDocument(document, harSchema, source);
  const sent = log.entries.filter(({ request, response }) => /^https?:/i.test(request.url) && response.status > 0);
  const kept = keeps.staticFiles ? sent : sent.filter((entry) => !isStatic(entry));
  if (kept.length === 0) throw refusal(source, emptiness(log.entries.length, sent.length));
  const ordered = kept.toSorted((a, b) => a.startedDateTime - b.startedDateTime);
  const secrets = new SecretValues();
  const ofServer = cookiesSetIn(ordered);
  const titles = new Map(log.pages.map(({ id, title }) => [id, title && `Page: ${plainTitle(title)}`]));
  const files = new Set<string>();
  const recording = { titles, secrets, ofServer, files };
  const requests = ordered.map((entry, i) => requestOf(entry, pauseBefore(ordered, i), recording));
  const notes = [
    'What a server made for that one user does not work for others: ids stand there as recorded, tokens as variables. Take both from answers with extract.',
    ...document.notes,
  ];
  if (sent.length > kept.length) {
    notes.push(`Static files left out: ${formatCount(sent.length - kept.length)} (--static keeps them).`);
  }
  const others = log.entries.length - sent.length;
  if (others > 0) notes.push(`Entries left out, which are no HTTP or had no answer: ${formatCount(others)}.`);
  if (files.size > 0) notes.push(`Put beside the plan: ${[...files].join(', ')}.`);
  const [first] = requests as [ImportedRequest];
  return {
    format: 'HAR',
    name: plainTitle(log.pages[0]?.title ?? '') || first.origin.replace(/^https?:\/\//, ''),
    requests,
    inOrder: true,
    keepsOtherHosts: keeps.otherHosts,
    secrets,
    ...(ofServer.size > 0 && { options: { cookies: true } }),
    notes,
  };
}

function emptiness(all: number, sent: number): string {
  if (all === 0) return 'it has no requests: record with the developer tools open';
  if (sent === 0) return `it holds no request of HTTP that had an answer (entries: ${formatCount(all)})`;
  return `it holds only static files (${formatCount(sent)}): --static keeps them`;
}

/** Chrome calls a page by its address, which may hold a token or a password. */
function plainTitle(title: string): string {
  if (!/^https?:/i.test(title)) return title;
  return pathInName(title.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//'));
}

function isStatic({ request, response, _resourceType: type }: HarEntry): boolean {
  if (type !== undefined && STATIC_RESOURCES.includes(type)) return true;
  if (request.method.toUpperCase() !== 'GET') return false;
  if (STATIC_TYPES.test(response.content?.mimeType ?? '')) return true;
  const [path = ''] = request.url.split(/[?#]/);
  return STATIC_FILES.test(path);
}

/** From the end of all that came before. */
function pauseBefore(entries: readonly HarEntry[], i: number): number {
  const start = entries[i]?.startedDateTime ?? 0;
  const ends = entries
    .slice(Math.max(0, i - 50), i)
    .map(({ startedDateTime, time }) => startedDateTime + Math.max(0, time));
  if (ends.length === 0) return 0;
  const pauseMs = start - Math.max(...ends);
  if (pauseMs < MIN_PAUSE_MS) return 0;
  return Math.min(MAX_PAUSE_MS, Math.round(pauseMs / PAUSE_STEP_MS) * PAUSE_STEP_MS) * 1000;
}

/** What all requests of a recording are read with. */
interface Recording {
  /** Comments for their first requests. */
  readonly titles: ReadonlyMap<string, string>;
  readonly secrets: SecretValues;
  /** Names of the cookies that its answers set: each virtual user gets its own. */
  readonly ofServer: ReadonlySet<string>;
  /** Names of the files that were uploaded, whose contents the recording may lack. */
  readonly files: Set<string>;
}

/** Chrome writes several cookies of one answer as lines of one header. */
function cookiesSetIn(entries: readonly HarEntry[]): Set<string> {
  const headers = entries.flatMap(({ response }) => response.headers);
  const lines = headers.filter(({ name }) => /^set-cookie$/i.test(name)).flatMap(({ value }) => value.split('\n'));
  return new Set(lines.map(cookieName).filter((name) => name !== ''));
}

function withoutCookies(header: string, names: ReadonlySet<string>): string {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== '' && !names.has(cookieName(pair))).join('; ');
}

function cookieName(pair: string): string {
  return (pair.split('=', 1)[0] ?? '').trim();
}

function requestOf(
  { request, response, pageref }: HarEntry,
  pauseUs: number,
  { titles, secrets, ofServer, files }: Recording,
): ImportedRequest {
  const { origin, path, query } = urlParts(request.url);
  const method = request.method.toUpperCase();
  const headers = headersOf(request.headers, ofServer).map(([name, value]) => {
    return [name, secrets.header(name, literal(value))] as const;
  });
  const body = bodyOf(request.postData, secrets, files);
  return {
    name: `${method} ${pathInName(path)}`,
    method,
    origin,
    path: planPath(
      `${secrets.path(literal(path))}${query === undefined ? '' : `?${secrets.pairs(literal(query), 'query')}`}`,
    ),
    headers: Object.fromEntries(headers),
    body,
    ...(response.status >= 300 && response.status !== 304 && { status: response.status }),
    pauseUs,
    page: pageref === undefined ? undefined : titles.get(pageref) || undefined,
  };
}

/** Proxies record the lines of HTTP/2, where a cookie has one of its own. */
function headersOf(
  lines: HarEntry['request']['headers'],
  ofServer: ReadonlySet<string>,
): (readonly [name: string, value: string])[] {
  const left = lines.map(({ name, value }) => {
    return [name, /^cookie$/i.test(name) ? withoutCookies(value, ofServer) : value] as const;
  });
  return oneLineEach(left.filter(([name, value]) => value !== '' && !LEFT_OUT.test(name)));
}

function urlParts(url: string) {
  const [, origin = '', path = '', query] = /^(https?:\/\/[^/?#]+)([^?#]*)(?:\?([^#]*))?/i.exec(url) ?? [];
  return { origin: origin.replace(/\/\/[^@]*@/, '//'), path: path === '' ? '/' : path, query };
}

/** A path of the recording's computer would be one of the agents, and could be that of any file there. */
function nameBesidePlan(path: string): string {
  const name = path.replace(/^.*[/\\]/s, '');
  return /^\.*$/.test(name) ? 'upload' : name;
}

function bodyOf(data: HarEntry['request']['postData'], secrets: SecretValues, files: Set<string>): unknown {
  if (data == null) return undefined;
  const { mimeType, text, params, encoding } = data;
  if (/^multipart\/form-data/i.test(mimeType) && params.length > 0) {
    return multipartOption(
      params.map(({ name, value = '', fileName, contentType }) => {
        const about = contentType === undefined ? {} : { contentType };
        if (fileName !== undefined) {
          const file = nameBesidePlan(fileName);
          files.add(file);
          return [name, { file: literal(file), ...about }] as const;
        }
        return [name, secrets.field(name, literal(value), 'form field')] as const;
      }),
    );
  }
  const written = text ?? new URLSearchParams(params.map(({ name, value = '' }) => [name, value])).toString();
  const sent = encoding === 'base64' ? textIn(Buffer.from(written, 'base64')) : written;
  if (sent === undefined) {
    const file = `body-${files.size + 1}.bin`;
    files.add(file);
    return { file };
  }
  return sent === '' ? undefined : bodyOption(literal(sent), mimeType, secrets);
}

/** @returns undefined for what is no text */
function textIn(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
