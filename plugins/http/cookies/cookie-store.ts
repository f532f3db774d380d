import { type Callback, Cookie, type ErrorCallback, type Nullable, Store } from 'tough-cookie';

/** As many as browsers keep of one site; RFC 6265, 6.1, asks for 50 at least. */
const MAX_COOKIES = 180;
/** The most that a name and a value may have together; browsers ignore a larger cookie. */
const MAX_CHARACTERS = 4096;
/** The most that all cookies of one virtual user may have together, with their paths: no server takes a header of that size. */
const MAX_CHARACTERS_OF_USER = 32 * 1024;
const LONG_AGO = new Date(0);
const NEVER = Number.POSITIVE_INFINITY;

/** What is kept of a cookie. */
export interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string | null;
  readonly path: string | null;
  readonly hostOnly: boolean | null;
  readonly secure: boolean;
  /** Infinity when it does not expire. */
  readonly expiresMs: number;
}

/**
 * The place that tough-cookie puts cookies into and takes them from. It serves one virtual user after the other: ten
 * thousand users have only a list each, with a fraction of what tough-cookie itself would keep.
 */
export class CookieStore extends Store {
  /** Those of the virtual user that is served now, in the order in which they were set first. */
  cookies: StoredCookie[] = [];
  /** What tough-cookie made of the line that it was given last; undefined when it ignored it. */
  made: StoredCookie | undefined;

  constructor() {
    super();
    this.synchronous = true;
  }

  /** A new cookie takes the place of the old one when it is put; nothing else needs the old one. */
  override findCookie(
    _domain: Nullable<string>,
    _path: Nullable<string>,
    _key: Nullable<string>,
    found?: Callback<Cookie | undefined>,
  ): Promise<Cookie | undefined> {
    found?.(null, undefined);
    return Promise.resolve(undefined);
  }

  /** All of them: tough-cookie leaves out those of other domains and paths. */
  override findCookies(
    _domain: Nullable<string>,
    _path: Nullable<string>,
    allowSpecialUseDomain?: boolean | Callback<Cookie[]>,
    found?: Callback<Cookie[]>,
  ): Promise<Cookie[]> {
    const callback = typeof allowSpecialUseDomain === 'function' ? allowSpecialUseDomain : found;
    const all = this.cookies.map(
      ({ name, expiresMs, ...rest }) =>
        new Cookie({
          key: name,
          expires: expiresMs === NEVER ? 'Infinity' : new Date(expiresMs),
          // Cookies of the same age are sent in the order of this list.
          creation: LONG_AGO,
          ...rest,
        }),
    );
    callback?.(null, all);
    return Promise.resolve(all);
  }

  override putCookie(cookie: Cookie, done?: ErrorCallback): Promise<void> {
    if (cookie.key.length + cookie.value.length <= MAX_CHARACTERS) {
      this.made = stored(cookie);
      this.keep(this.made);
    }
    done?.(null);
    return Promise.resolve();
  }

  override removeCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    done?: ErrorCallback,
  ): Promise<void> {
    const index = this.cookies.findIndex((one) => one.name === key && one.path === path && one.domain === domain);
    if (index >= 0) this.cookies.splice(index, 1);
    done?.(null);
    return Promise.resolve();
  }

  /** Whether exactly this cookie is there, with this value: a server sets the same one with each answer. */
  has({ name, path, domain, hostOnly, secure, expiresMs }: StoredCookie, value: string): boolean {
    for (const one of this.cookies) {
      if (one.name !== name || one.path !== path || one.domain !== domain) continue;
      return one.value === value && one.hostOnly === hostOnly && one.secure === secure && one.expiresMs === expiresMs;
    }
    return false;
  }

  /**
   * The list is bounded: a server that sets a new cookie with each answer would otherwise fill the memory. The oldest go first.
   * @returns whether the cookie differs in nothing but its value from the one whose place it took
   */
  keep(cookie: StoredCookie): boolean {
    const { name, path, domain } = cookie;
    const index = this.cookies.findIndex((one) => one.name === name && one.path === path && one.domain === domain);
    const before = this.cookies[index];
    if (cookie.expiresMs !== NEVER && cookie.expiresMs <= Date.now()) {
      if (before !== undefined) this.cookies.splice(index, 1);
      return false;
    }
    if (before === undefined) this.cookies.push(cookie);
    else this.cookies[index] = cookie;
    const isGrowing = before === undefined || cookie.value.length > before.value.length;
    const hasDropped = isGrowing && this.#drop();
    return (
      before !== undefined &&
      !hasDropped &&
      before.hostOnly === cookie.hostOnly &&
      before.secure === cookie.secure &&
      before.expiresMs === cookie.expiresMs
    );
  }

  /** Drops the oldest cookies beyond what one user may have. @returns whether there were some */
  #drop(): boolean {
    let characters = 0;
    for (const cookie of this.cookies) characters += charactersOf(cookie);
    const before = this.cookies.length;
    while (this.cookies.length > MAX_COOKIES || characters > MAX_CHARACTERS_OF_USER) {
      characters -= charactersOf(this.cookies.shift() as StoredCookie);
    }
    return this.cookies.length < before;
  }
}

function charactersOf({ name, value, path }: StoredCookie): number {
  return name.length + value.length + (path?.length ?? 0);
}

function stored({ key, value, domain, path, hostOnly, secure, expires, maxAge }: Cookie): StoredCookie {
  return {
    name: copied(key),
    value: copied(value),
    domain,
    path: path === null ? null : copied(path),
    hostOnly,
    secure,
    expiresMs: expiry(expires, maxAge),
  };
}

/** RFC 6265, 5.2.2: Max-Age goes before Expires, and counts from when the cookie was set; tough-cookie counts from its last use. */
function expiry(expires: Cookie['expires'], maxAge: Cookie['maxAge']): number {
  if (typeof maxAge === 'number') return maxAge <= 0 ? 0 : Date.now() + maxAge * 1000;
  return expires instanceof Date ? expires.getTime() : NEVER;
}

/** A part of a string may keep the whole of it in memory, which is an answer's head here. */
export function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
