import { cookieCompare, defaultPath, pathMatch, CookieJar as Rfc6265Jar } from 'tough-cookie';
import type { VirtualUserContext } from '../../../core/plugin.ts';
import { CookieStore, copied, type StoredCookie } from './cookie-store.ts';

/** Where a request goes. Cookies know the host and the scheme; they know no port. */
export interface CookieOrigin {
  readonly secure: boolean;
  /** Host and port, as in the header Host. */
  readonly authority: string;
}

/** By what lives exactly as long as the virtual user, whose sessions may be closed and opened again. */
const JARS = new WeakMap<VirtualUserContext['variables'], CookieJar>();

/** The jar of a virtual user: one for all its sessions, as the tabs of a browser share theirs. */
export function jarOf({ variables }: VirtualUserContext): CookieJar {
  let jar = JARS.get(variables);
  if (jar === undefined) {
    jar = new CookieJar();
    JARS.set(variables, jar);
  }
  return jar;
}

/**
 * The value of one header Cookie.
 * @param own what the plan itself sends, which goes before a cookie of the same name
 * @param ofJar what {@link CookieJar.header} says
 */
export function combinedCookies(own: string, ofJar: string): string {
  if (own === '' || ofJar === '') return own || ofJar;
  const names = new Set(own.split(';').map(nameOf));
  return [own, ...ofJar.split('; ').filter((pair) => !names.has(nameOf(pair)))].join('; ');
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0]?.trim() ?? '';
}

const NEVER = Number.POSITIVE_INFINITY;
const SET_COOKIE = /\r\nset-cookie:[ \t]*([^\r\n]*)/gi;
/** Longer lines of Set-Cookie may be refused for their length. */
const MAX_PLAIN_CHARACTERS = 1024;
/** A name and a value of the characters that RFC 6265, 4.1.1, allows without quotes, and any attributes. */
const NAME_VALUE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#-+\--:<-[\]-~]*)(;.*)?$/;
/** Attributes that count from now. */
const EXPIRY = /expires|max-age/i;

/** One for all virtual users, each of which brings its own cookies along. */
const STORE = new CookieStore();
const RULES = new Rfc6265Jar(STORE);

/** A line of Set-Cookie. */
interface SetCookieLine {
  readonly text: string;
  /** Undefined where more than the value may differ from one time to the next. */
  readonly plain: PlainCookie | undefined;
}

/** A cookie that depends on the value of its line in nothing but the value. */
interface PlainCookie {
  readonly value: string;
  /** Name and attributes. */
  readonly rest: string;
  /** The place that the line came from last, and the {@link keyOf} that it has there. */
  place: string;
  key: string;
}

/** A cookie that goes to an origin. */
interface SentCookie {
  readonly path: string;
  /** Its place among the user's cookies. */
  readonly index: number;
}

/**
 * What tough-cookie has made of lines before, by {@link keyOf}; null where it ignores them. A server sets the same few cookies
 * again and again, and to read a line costs ten times as much as to send a request.
 */
const MADE = new Map<string, StoredCookie | null>();
const MAX_MADE = 1000;
/** The lines of heads: those of a server are mostly the same, but for the second of their date. */
const LINES = new Map<string, readonly SetCookieLine[]>();
const MAX_HEADS = 100;
const NO_LINES: readonly SetCookieLine[] = [];

/**
 * The cookies of one virtual user (RFC 6265). What a browser would ignore is ignored: a cookie of another domain or of a
 * public suffix, one that cannot be read, one that is too large.
 */
export class CookieJar {
  readonly #cookies: StoredCookie[] = [];
  /** Where the following were chosen for; undefined when they must be chosen anew. */
  #origin: CookieOrigin | undefined;
  #validUntilMs = 0;
  /** Those that go to the origin, in the order in which they are sent. */
  #sent: readonly SentCookie[] = [];
  /** No cookie asks for a path; nearly none does. */
  #isForAnyPath = false;
  /** The header for every path; undefined when it must be written anew. */
  #anyPath: string | undefined;

  /**
   * The value of the header Cookie for a request; empty when there is none.
   * @param origin one object for all requests there, by which the jar remembers what goes there
   * @param target path and query
   */
  header(origin: CookieOrigin, target: string): string {
    if (this.#cookies.length === 0) return '';
    if (origin !== this.#origin || this.#hasExpired()) this.#select(origin);
    if (!this.#isForAnyPath) return this.#headerOf(this.#sent.filter(({ path }) => pathMatch(pathOf(target), path)));
    this.#anyPath ??= this.#headerOf(this.#sent);
    return this.#anyPath;
  }

  /**
   * Takes the cookies that an answer sets.
   * @param headText its status line and header lines
   * @param target path and query of the request
   */
  take(headText: string, origin: CookieOrigin, target: string): void {
    for (const { text, plain } of linesOf(headText)) {
      STORE.cookies = this.#cookies;
      const key = plain && keyOf(plain, placeOf(origin, target));
      const made = key === undefined ? undefined : MADE.get(key);
      if (plain !== undefined && made !== undefined) {
        if (made !== null && !STORE.has(made, plain.value)) this.#keep({ ...made, value: copied(plain.value) });
        continue;
      }
      this.#origin = undefined;
      STORE.made = undefined;
      try {
        RULES.setCookieSync(text, urlOf(origin, pathOf(target)), { ignoreError: true });
      } catch {
        // Its domain is no name at all.
      }
      if (key === undefined) continue;
      if (MADE.size === MAX_MADE) MADE.clear();
      MADE.set(key, STORE.made ?? null);
    }
  }

  #keep(cookie: StoredCookie): void {
    this.#anyPath = undefined;
    if (!STORE.keep(cookie)) this.#origin = undefined;
  }

  #select(origin: CookieOrigin): void {
    STORE.cookies = this.#cookies;
    const cookies = RULES.getCookiesSync(urlOf(origin, '/'), { allPaths: true }).toSorted(cookieCompare);
    this.#origin = origin;
    this.#validUntilMs = Math.min(...cookies.map(({ expires }) => (expires instanceof Date ? +expires : NEVER)));
    this.#sent = cookies.map(({ key, domain, path }) => ({
      path: path ?? '/',
      index: this.#cookies.findIndex((one) => one.name === key && one.domain === domain && one.path === path),
    }));
    this.#isForAnyPath = this.#sent.every(({ path }) => path === '/');
    this.#anyPath = undefined;
  }

  #headerOf(sent: readonly SentCookie[]): string {
    return sent.map(({ index }) => pairOf(this.#cookies[index] as StoredCookie)).join('; ');
  }

  /** Most cookies never expire by themselves, and then no clock is read. */
  #hasExpired(): boolean {
    return this.#validUntilMs !== NEVER && Date.now() >= this.#validUntilMs;
  }
}

function pairOf({ name, value }: StoredCookie): string {
  return name === '' ? value : `${name}=${value}`;
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** The request whose place was asked for last: the next answer is most often one to the same. */
const lastAsked: { origin?: CookieOrigin; target: string; place: string } = { target: '', place: '' };

/** Scheme, host, and the path that cookies of an answer are for unless they say another (RFC 6265, 5.1.4). */
function placeOf(origin: CookieOrigin, target: string): string {
  if (lastAsked.origin !== origin || lastAsked.target !== target) {
    lastAsked.origin = origin;
    lastAsked.target = target;
    lastAsked.place = urlOf(origin, defaultPath(pathOf(target)));
  }
  return lastAsked.place;
}

function urlOf({ secure, authority }: CookieOrigin, path: string): string {
  return `${secure ? 'https' : 'http'}://${authority}${path}`;
}

function linesOf(headText: string): readonly SetCookieLine[] {
  let lines = LINES.get(headText);
  if (lines === undefined) {
    const found = Array.from(headText.matchAll(SET_COOKIE), ([, text = '']) => ({ text, plain: plainCookie(text) }));
    lines = found.length === 0 ? NO_LINES : found;
    if (LINES.size === MAX_HEADS) LINES.clear();
    LINES.set(headText, lines);
  }
  return lines;
}

function plainCookie(line: string): PlainCookie | undefined {
  if (line.length > MAX_PLAIN_CHARACTERS) return undefined;
  const [, name, value = '', attributes = ''] = NAME_VALUE.exec(line) ?? [];
  if (name === undefined || EXPIRY.test(attributes)) return undefined;
  return { value, rest: `${name}${attributes}`, place: '', key: '' };
}

/**
 * The same for all lines that make the same cookie with another value.
 * @param place where the line came from: scheme, host, and the path that its cookies are for unless they say another
 */
function keyOf(cookie: PlainCookie, place: string): string {
  if (cookie.place !== place) {
    cookie.place = place;
    cookie.key = `${place} ${cookie.rest}`;
  }
  return cookie.key;
}
