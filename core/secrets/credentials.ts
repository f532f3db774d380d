const HIDDEN = '***';

/** Names of what lets its holder in, wherever they stand: in headers, keys of JSON, fields of forms, parameters of a query. */
const NAME =
  /passw(?:or)?d|passphrase|passcode|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|session[_-]?id|sessid|csrf|xsrf|signature|(?<![\w-])(?:auth|jwt|otp|pass|pin|sid)(?![\w-])/gi;
const NAME_BEGINNING = /[\w.$-]*$/;
const NAME_END = /[\w.$[\]-]*/y;
/** A JSON Web Token (RFC 7519) stands for itself, under whatever name. */
export const JSON_WEB_TOKEN = /\beyJ[\w-]{6,}\.[\w-]*(?:\.[\w-]*)?/g;
/** User and password in a URL. */
const USER_INFO = /:\/\/[^\s/@"'<>]{1,300}@/g;
/** A value that is a reference of the plan names no secret, and says where it comes from. */
const REFERENCE = /^(?:\w+ )?\$\{(?:env|file):[^{}]*\}$/;

/**
 * A message with `***` in place of what lets its holder in: values of headers such as `Authorization`, `Cookie` and `X-Api-Key`,
 * values that stand under names like password and token in JSON, forms, multipart forms, queries, XML and HTML, users and
 * passwords of URLs, and JSON Web Tokens. It works on names, so it is a second line behind {@link SecretMask}, which
 * knows the secrets of the plan.
 * @param head the first line, and headers, each in a line of its own
 */
export function hideInHead(head: string): string {
  const [first = '', ...headers] = head.split('\n');
  return [hideInText(first), ...headers.map(hideInHeader)].join('\n');
}

/** The same for a body, or for any other text. */
export function hideInText(text: string): string {
  return hideNamedValues(text.replace(JSON_WEB_TOKEN, HIDDEN).replace(USER_INFO, `://${HIDDEN}@`));
}

function hideInHeader(line: string): string {
  const colon = line.indexOf(':');
  if (colon < 0) return hideInText(line);
  const name = line.slice(0, colon);
  const value = line.slice(colon + 1).trim();
  if (/cookie$/i.test(name)) return `${name}: ${cookies(value, /^set-/i.test(name))}`;
  if (!isSensitive(name)) return `${name}: ${hideInText(value)}`;
  if (REFERENCE.test(value)) return line;
  // The scheme is no secret, and often what is wrong.
  const scheme = /^(?:basic|bearer|digest|negotiate|token) /i.exec(value)?.[0] ?? '';
  return `${name}: ${scheme}${HIDDEN}`;
}

export function isSensitive(name: string): boolean {
  NAME.lastIndex = 0;
  return NAME.test(name);
}

/** Their names stay, and so do the attributes with which a server sets one. */
function cookies(value: string, isSet: boolean): string {
  return value
    .split(/; */)
    .map((pair, i) => {
      const equals = pair.indexOf('=');
      if (isSet && i > 0) return pair;
      return equals < 0 ? HIDDEN : `${pair.slice(0, equals)}=${HIDDEN}`;
    })
    .join('; ');
}

function hideNamedValues(text: string): string {
  return replaceNamedValues(text, () => HIDDEN);
}

/**
 * The text with another value under each name of what lets its holder in, in JSON, forms, multipart forms, XML and HTML.
 * @param replacement gets the whole name, and the value as it is written there
 */
export function replaceNamedValues(text: string, replacement: (name: string, value: string) => string): string {
  let shown = '';
  let from = 0;
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    NAME_END.lastIndex = match.index + match[0].length;
    NAME_END.test(text);
    const nameEnd = NAME_END.lastIndex;
    const value = valueAfter(text, match.index, nameEnd);
    // Another name in the text may have led to the same value.
    if (value === undefined || value.start < from) {
      NAME.lastIndex = Math.max(nameEnd, from);
      continue;
    }
    const [before = ''] = NAME_BEGINNING.exec(text.slice(Math.max(0, match.index - 80), match.index)) ?? [];
    const name = before + text.slice(match.index, nameEnd);
    shown += text.slice(from, value.start) + replacement(name, text.slice(value.start, value.end));
    from = value.end;
    NAME.lastIndex = Math.max(nameEnd, from);
  }
  return shown + text.slice(from);
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The value that belongs to the name before `nameEnd`; undefined when it is a mere word. A value that was cut off ends with the text. */
function valueAfter(text: string, nameStart: number, nameEnd: number): Stretch | undefined {
  const inTag = attributeValue(text, nameStart, nameEnd) ?? elementContent(text, nameStart, nameEnd);
  if (inTag !== undefined) return inTag;
  const part = PART_VALUE.at(text, nameEnd);
  if (part !== undefined) return part;
  const separator = SEPARATOR.at(text, nameEnd);
  if (separator === undefined) return undefined;
  const { end: start } = separator;
  const between = text.slice(nameEnd, start);
  const quote = QUOTE.at(text, start);
  if (quote !== undefined) return quoted(text, quote);
  if (text[start] === '[' || text[start] === '{') return { start, end: bracketed(text, start) };
  if (between.includes('=')) return { start, end: endOf(text, start, /[&\s<]/g) };
  // Without quotes it is a number of JSON, or the rest of a line.
  return { start, end: endOf(text, start, /["']/.test(between) ? /[,}\]\s]/g : /[\r\n]/g) };
}

/** A regular expression that is tried at one place only. */
class Place {
  readonly #pattern: RegExp;

  constructor(pattern: RegExp) {
    this.#pattern = pattern;
  }

  at(text: string, index: number): Stretch | undefined {
    this.#pattern.lastIndex = index;
    const match = this.#pattern.exec(text);
    if (match === null) return undefined;
    return { start: index, end: index + match[0].length };
  }
}

/** `:` of JSON, YAML and headers, `=` of forms and queries, `=>` of dumps. In a text within JSON, quotes are escaped. */
const SEPARATOR = new Place(/(?:\\*["'])?[ \t]*[:=]>?[ \t]*/y);
const QUOTE = new Place(/\\*["']/y);

/** The content of a part of a multipart form: it comes after the part's headers and a blank line. */
const PART_VALUE = {
  at(text: string, nameEnd: number): Stretch | undefined {
    PART_HEAD.lastIndex = nameEnd;
    const match = PART_HEAD.exec(text);
    if (match === null) return undefined;
    const start = nameEnd + match[0].length;
    return { start, end: endOf(text, start, /\r?\n--/g) };
  },
};
const PART_HEAD = /"(?:;[^\r\n]{0,300})?\r?\n(?:[\w-]{1,60}:[^\r\n]{0,300}\r?\n){0,5}\r?\n/y;

/** `value` or `content` of an element of HTML whose attribute has this name; it may stand before the name. */
function attributeValue(text: string, nameStart: number, nameEnd: number): Stretch | undefined {
  if (!/["']/.test(text[nameEnd] ?? '')) return undefined;
  const open = text.lastIndexOf('<', nameStart);
  if (open < 0 || !/^<(?:input|meta|param|textarea|button)\b/i.test(text.slice(open, open + 10))) return undefined;
  const close = endOf(text, nameEnd, />/g);
  const match = /\b(?:value|content)\s*=\s*(["']?)/i.exec(text.slice(open, close));
  if (match === null) return undefined;
  const start = open + match.index + match[0].length;
  const end = match[1] === '' ? endOf(text, start, /[\s>]/g) : endOf(text, start, match[1] === '"' ? /"/g : /'/g);
  return { start, end };
}

/** The content of an element of XML with this name. */
function elementContent(text: string, nameStart: number, nameEnd: number): Stretch | undefined {
  const tag = /<(?:[\w.-]{1,40}:)?[\w.-]{0,40}$/.exec(text.slice(Math.max(0, nameStart - 82), nameStart));
  if (tag === null) return undefined;
  const start = endOf(text, nameEnd, />/g) + 1;
  return { start, end: endOf(text, start, /</g) };
}

/** A text up to the quote that ends it: one with as many backslashes as the one that began it. */
function quoted(text: string, { start, end }: Stretch): Stretch {
  const quote = text.slice(start, end);
  for (let at = end; ; at++) {
    at = text.indexOf(quote, at);
    if (at < 0) return { start: end, end: text.length };
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    // A quote that an odd number of backslashes escapes stands for itself; in a text within JSON, each of them is doubled.
    if (Math.floor(backslashes / quote.length) % 2 === 0) return { start: end, end: at };
  }
}

function bracketed(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '[' || text[at] === '{') depth++;
    else if ((text[at] === ']' || text[at] === '}') && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOf(text: string, from: number, ending: RegExp): number {
  ending.lastIndex = from;
  return ending.exec(text)?.index ?? text.length;
}
