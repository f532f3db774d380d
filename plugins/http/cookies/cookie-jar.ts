import { type Cookie, cookieCompare, pathMatch, CookieJar as Rfc6265Jar } from 'tough-cookie';
import type { VirtualUserContext } from '../../../core/plugin.ts';
import { CookieStore } from './cookie-store.ts';

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

const SET_COOKIE = /\r\nset-cookie:[ \t]*([^\r\n]*)/gi;

/**
 * The cookies of one virtual user (RFC 6265). What a browser would ignore is ignored: a cookie of another domain or of a
 * public suffix, one that cannot be read, one that is too large.
 */
export class CookieJar {
  readonly #store = new CookieStore();
  readonly #jar = new Rfc6265Jar(this.#store);
  /** Those that go to {@link #origin}, in the order in which they are sent; right while the store has that version. */
  #sent: readonly Cookie[] = [];
  #origin: CookieOrigin | undefined;
  #version = -1;
  #validUntilMs = 0;
  /** The header for every path, where no cookie asks for one; nearly all ask for none. */
  #anyPath: string | undefined;

  /**
   * The value of the header Cookie for a request; empty when there is none.
   * @param origin one object for all requests there, by which the jar remembers what goes there
   * @param target path and query
   */
  header(origin: CookieOrigin, target: string): string {
    const { cookies, version } = this.#store;
    if (cookies.length === 0) return '';
    if (origin !== this.#origin || version !== this.#version || this.#hasExpired()) this.#select(origin);
    return this.#anyPath ?? headerOf(this.#sent.filter(({ path }) => pathMatch(pathOf(target), path ?? '/')));
  }

  /**
   * Takes the cookies that an answer sets.
   * @param headText its status line and header lines
   * @param target path and query of the request
   */
  take(headText: string, origin: CookieOrigin, target: string): void {
    for (const [, line = ''] of headText.matchAll(SET_COOKIE)) {
      try {
        this.#jar.setCookieSync(line, urlOf(origin, pathOf(target)), { ignoreError: true });
      } catch {
        // Its domain is no name at all.
      }
    }
  }

  #select(origin: CookieOrigin): void {
    this.#sent = this.#jar.getCookiesSync(urlOf(origin, '/'), { allPaths: true }).toSorted(cookieCompare);
    this.#origin = origin;
    this.#version = this.#store.version;
    this.#validUntilMs = Math.min(...this.#sent.map(expiryMs));
    this.#anyPath = this.#sent.every(({ path }) => path === '/') ? headerOf(this.#sent) : undefined;
  }

  /** Most cookies never expire by themselves, and then no clock is read. */
  #hasExpired(): boolean {
    return this.#validUntilMs !== Number.POSITIVE_INFINITY && Date.now() >= this.#validUntilMs;
  }
}

function headerOf(cookies: readonly Cookie[]): string {
  return cookies.map((cookie) => cookie.cookieString()).join('; ');
}

function expiryMs({ expires }: Cookie): number {
  return expires instanceof Date ? expires.getTime() : Number.POSITIVE_INFINITY;
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

function urlOf({ secure, authority }: CookieOrigin, path: string): string {
  return `${secure ? 'https' : 'http'}://${authority}${path}`;
}
