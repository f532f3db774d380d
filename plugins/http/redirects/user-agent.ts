import type { VirtualUserContext } from '../../../core/plugin.ts';
import type { HttpOrigin } from '../connections/origin.ts';
import type { CookieJar } from '../cookies/cookie-jar.ts';

/** What the sessions of a driver do as browsers do. */
export interface UserAgent {
  /** Undefined where no cookies are kept. */
  readonly cookies: CookieRules | undefined;
  /** The origins that requests may be redirected to, by their {@link URL.origin}; those of all operations are among them. */
  readonly origins: ReadonlyMap<string, HttpOrigin>;
}

/** What the module of the cookie jar exports. */
export interface CookieRules {
  jarOf(user: VirtualUserContext): CookieJar;
  combinedCookies(own: string, ofJar: string): string;
}

/** As {@link URL.origin} has it. */
export function originText({ address: { secure, authority } }: HttpOrigin): string {
  return new URL(`${secure ? 'https' : 'http'}://${authority}`).origin;
}
