/** A line of Set-Cookie whose cookie depends on the value in nothing but the value. */
export interface PlainCookie {
  /** The same for all lines that make the same cookie with another value. */
  readonly key: string;
  readonly value: string;
}

/** Longer lines may be refused for their length. */
const MAX_CHARACTERS = 1024;
/** A name and a value of the characters that RFC 6265, 4.1.1, allows without quotes, and any attributes. */
const NAME_VALUE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#-+\--:<-[\]-~]*)(;.*)?$/;
/** Attributes that count from now. */
const TIME = /expires|max-age/i;

/**
 * @param place where the line came from: scheme, host, and the path that its cookies are for unless they say another
 * @returns undefined where more than the value may differ from one time to the next
 */
export function plainCookie(line: string, place: string): PlainCookie | undefined {
  if (line.length > MAX_CHARACTERS) return undefined;
  const [, name, value = '', attributes = ''] = NAME_VALUE.exec(line) ?? [];
  if (name === undefined || TIME.test(attributes)) return undefined;
  return { key: `${place} ${name}${attributes}`, value };
}
