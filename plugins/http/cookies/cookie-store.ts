import { type Callback, type Cookie, type ErrorCallback, type Nullable, Store } from 'tough-cookie';

/** As many as browsers keep of one site; RFC 6265, 6.1, asks for 50 at least. */
const MAX_COOKIES = 180;
/** The most that a name and a value may have together; browsers ignore a larger cookie. */
const MAX_CHARACTERS = 4096;

/**
 * The cookies of one virtual user. A list takes a fraction of the memory of tough-cookie's own store, which has three
 * levels of maps, and ten thousand users have one each. It is bounded: a server that sets a new cookie with each answer
 * would otherwise fill the memory.
 */
export class CookieStore extends Store {
  /** In the order in which they were set first. */
  readonly cookies: Cookie[] = [];
  /** Counts the changes. */
  version = 0;

  constructor() {
    super();
    this.synchronous = true;
  }

  override findCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    found?: Callback<Cookie | undefined>,
  ): Promise<Cookie | undefined> {
    const cookie = this.cookies[this.#indexOf(domain, path, key)];
    found?.(null, cookie);
    return Promise.resolve(cookie);
  }

  /** All of them: the jar itself leaves out those of other domains and paths. */
  override findCookies(
    _domain: Nullable<string>,
    _path: Nullable<string>,
    allowSpecialUseDomain?: boolean | Callback<Cookie[]>,
    found?: Callback<Cookie[]>,
  ): Promise<Cookie[]> {
    const callback = typeof allowSpecialUseDomain === 'function' ? allowSpecialUseDomain : found;
    const all = [...this.cookies];
    callback?.(null, all);
    return Promise.resolve(all);
  }

  override putCookie(cookie: Cookie, done?: ErrorCallback): Promise<void> {
    this.#put(cookie);
    done?.(null);
    return Promise.resolve();
  }

  override updateCookie(_old: Cookie, cookie: Cookie, done?: ErrorCallback): Promise<void> {
    return this.putCookie(cookie, done as ErrorCallback);
  }

  override removeCookie(
    domain: Nullable<string>,
    path: Nullable<string>,
    key: Nullable<string>,
    done?: ErrorCallback,
  ): Promise<void> {
    const index = this.#indexOf(domain, path, key);
    if (index >= 0) this.cookies.splice(index, 1);
    this.version += 1;
    done?.(null);
    return Promise.resolve();
  }

  #put(cookie: Cookie): void {
    if (cookie.key.length + cookie.value.length > MAX_CHARACTERS) return;
    this.version += 1;
    // tough-cookie counts Max-Age from the last use of a cookie, and RFC 6265, 5.2.2, from when it was set.
    if (typeof cookie.maxAge === 'number') {
      cookie.expires = new Date(cookie.maxAge <= 0 ? 0 : Date.now() + cookie.maxAge * 1000);
      cookie.maxAge = null;
    }
    const index = this.#indexOf(cookie.domain, cookie.path, cookie.key);
    if (isPast(cookie)) {
      if (index >= 0) this.cookies.splice(index, 1);
    } else if (index >= 0) {
      this.cookies[index] = cookie;
    } else {
      if (this.cookies.length === MAX_COOKIES) this.cookies.shift();
      this.cookies.push(cookie);
    }
  }

  #indexOf(domain: Nullable<string>, path: Nullable<string>, key: Nullable<string>): number {
    return this.cookies.findIndex((cookie) => cookie.key === key && cookie.path === path && cookie.domain === domain);
  }
}

function isPast({ expires }: Cookie): boolean {
  return expires instanceof Date && expires.getTime() <= Date.now();
}
