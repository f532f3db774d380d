import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

export type FormPart =
  | string
  | { readonly text: string; readonly contentType?: string }
  | { readonly file: string; readonly filename?: string; readonly contentType?: string };

/** A text in quotes, or one up to the next semicolon. */
const WORD = String.raw`(?:"((?:\\["\\]|\\(?!["\\])|[^"\\])*)"[^;]*|([^;]*))`;
const CONTENT = new RegExp(String.raw`^\s*${WORD}(?:;|$)`);
const ATTRIBUTE = new RegExp(String.raw`\s*(?:filename=\s*${WORD}|([^;]*))(?:;|$)`, 'gi');
/** The types that curl knows by the ends of names (https://github.com/curl/curl/blob/curl-8_5_0/lib/mime.c). */
const TYPES: readonly (readonly [ending: RegExp, contentType: string])[] = [
  [/\.gif$/i, 'image/gif'],
  [/\.jpe?g$/i, 'image/jpeg'],
  [/\.png$/i, 'image/png'],
  [/\.svg$/i, 'image/svg+xml'],
  [/\.txt$/i, 'text/plain'],
  [/\.html?$/i, 'text/html'],
  [/\.pdf$/i, 'application/pdf'],
  [/\.xml$/i, 'application/xml'],
];

/**
 * What `-F name=value` says: `content`, `"content"` or `@file`, each perhaps with `;type=…` and `;filename=…`.
 * @throws {CommandError} for what no plan can say
 */
export function formPart(value: string): FormPart {
  if (value.startsWith('<')) throw refusal('-F with < and a file cannot be imported: write its content');
  const isFile = value.startsWith('@');
  const [whole = '', quoted, plain = ''] = CONTENT.exec(isFile ? value.slice(1) : value) ?? [];
  const content = quoted === undefined ? plain.trimEnd() : unescaped(quoted);
  const { contentType, filename, hasMore } = attributesIn(value.slice(whole.length + (isFile ? 1 : 0)));
  const typed = (type: string | undefined) => (type === undefined ? {} : { contentType: type });
  if (!isFile) return contentType === undefined ? content : { text: content, contentType };
  if (hasMore || (quoted === undefined && plain.includes(','))) {
    throw refusal('-F with several files cannot be imported: give each a -F of its own');
  }
  if (content === '-') throw refusal('standard input (@-) cannot be imported: name a file');
  const named = filename === undefined ? {} : { filename };
  return { file: content, ...named, ...typed(contentType ?? typeOf(filename) ?? typeOf(content)) };
}

function attributesIn(text: string) {
  let contentType: string | undefined;
  let filename: string | undefined;
  let hasMore = false;
  for (const [whole, quoted, name, other = ''] of text.matchAll(ATTRIBUTE)) {
    const [, key = '', type = ''] = /^(type|headers|encoder)=\s*(.*)$/is.exec(other.trimEnd()) ?? [];
    if (quoted !== undefined || name !== undefined)
      filename = quoted === undefined ? name?.trimEnd() : unescaped(quoted);
    else if (key.toLowerCase() === 'type') contentType = type;
    else if (key !== '') throw refusal(`-F with ${key}= cannot be imported: leave it out`);
    // What follows a type belongs to it, such as its charset.
    else if (contentType !== undefined && other !== '') contentType += `;${whole.replace(/;?$/, '').trimEnd()}`;
    hasMore ||= (name ?? type).includes(',');
  }
  return { contentType, filename, hasMore };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(["\\])/g, '$1');
}

function typeOf(name: string | undefined): string | undefined {
  return TYPES.find(([ending]) => ending.test(name ?? ''))?.[1];
}

function refusal(message: string): CommandError {
  return new CommandError(message, EXIT.invalidInput);
}
