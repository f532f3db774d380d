import { MAX_PLAN_LEVELS, plainDataProblems } from '../../plan/plain-data.ts';
import { repeatedKey } from '../../text/exact-json.ts';
import { inexactNumber } from '../../text/exact-number.ts';
import { isJsonNestedDeeper } from '../../text/nesting.ts';
import { isReferred, literal } from './plan-text.ts';
import type { SecretValues } from './secret-values.ts';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
/** How JSON and XML begin, which curl sends as a form unless told otherwise. */
const NO_FORM = /^\s*[[{<"]/;
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

/**
 * The body of a request as a plan holds it: JSON and forms as data, so that they can be read and changed; else as text.
 * Secrets become references.
 * @param text of a plan
 */
export function bodyOption(text: string, contentType: string, secrets: SecretValues): unknown {
  if (FORM_TYPE.test(contentType)) {
    const form = NO_FORM.test(text) ? undefined : formIn(text, secrets);
    return form ?? secrets.text(NO_FORM.test(text) ? text : secrets.pairs(text, 'form field'), 'field');
  }
  const json = JSON_TYPE.test(contentType) ? exactJson(text) : undefined;
  return json === undefined ? secrets.text(text, 'field') : { json: secrets.json(json.value, 'JSON field') };
}

/**
 * The headers without the type that such a body has anyway. That of a multipart body names a boundary, which is another
 * one each time.
 */
export function headersBeside(headers: Readonly<Record<string, string>>, body: unknown): Record<string, string> {
  const kinds = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const left = Object.entries(headers).filter(([name, type]) => {
    if (name.toLowerCase() !== 'content-type') return true;
    const isUsual =
      (kinds.includes('json') && /^application\/json$/i.test(type)) ||
      (kinds.includes('form') && /^application\/x-www-form-urlencoded$/i.test(type));
    return !isUsual && !kinds.includes('multipart');
  });
  return Object.fromEntries(left);
}

/** @returns undefined for what is not a form of fields with names and values, and would be sent as another text */
function formIn(text: string, secrets: SecretValues): { form: unknown } | undefined {
  const pairs = text.split('&');
  if (!pairs.every((pair) => pair.includes('='))) return undefined;
  const fields = pairs.map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  if (fields.some(([name = '']) => name === '' || name.includes('${'))) return undefined;
  // Pages in other encodings than UTF-8, such as GBK, send bytes that are no text here.
  if (!fields.flat().every(isEncodedText)) return undefined;
  const form = fields.map(([name = '', value = '']) => {
    const plain = formDecoded(name);
    return [plain, secrets.field(plain, formDecodedText(value), 'form field')] as const;
  });
  if (form.some(([name]) => name.includes('${') || name === '__proto__') || !keepsOrder(form)) return undefined;
  return formOption(form);
}

function isEncodedText(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether fields by name may be sent: with one between two of a name they are in another order, by which servers know what of
 * `item[][id]` and `item[][count]` belongs together.
 */
function keepsOrder(fields: readonly (readonly [name: string, value: unknown])[]): boolean {
  if (!fields.some(([name]) => name.includes('['))) return true;
  const names = Object.entries(grouped(fields)).flatMap(([name, values]) => [values].flat().map(() => name));
  return fields.every(([name], i) => name === names[i]);
}

/** The value as a text of a plan. A reference in it stays one. */
function formDecodedText(value: string): string {
  if (isReferred(value)) return value;
  return value
    .split(/((?<!\$)\$\{env:\w+\})/)
    .map((part, i) => (i % 2 === 1 ? part : literal(formDecoded(part.replaceAll('$${', '${')))))
    .join('');
}

/** URL Standard, 5.1: the parser of application/x-www-form-urlencoded. */
function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text.replaceAll('&', '%26')}`).get('x') ?? '';
}

/** Around a body a plan has some levels of its own. */
const MAX_BODY_LEVELS = MAX_PLAN_LEVELS - 14;

/** @returns undefined for what is not JSON, or would be sent with other digits or without a key that occurs twice */
function exactJson(text: string): { readonly value: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (inexactNumber(text) !== undefined || repeatedKey(text) !== undefined) return undefined;
  // What no plan can hold as data, such as a key `__proto__`, it can hold as a text.
  return isJsonNestedDeeper(text, MAX_BODY_LEVELS) || plainDataProblems(value).length > 0 ? undefined : { value };
}

/** The fields of a form by name; a name that occurs more than once has a list. */
export function formOption(fields: readonly (readonly [name: string, value: unknown])[]): { form: unknown } {
  return { form: grouped(fields) };
}

/** The parts of a multipart body by name; a name that occurs more than once has a list. */
export function multipartOption(parts: readonly (readonly [name: string, part: unknown])[]): { multipart: unknown } {
  return { multipart: grouped(parts) };
}

function grouped(fields: readonly (readonly [name: string, value: unknown])[]): Record<string, unknown> {
  const all = new Map<string, unknown[]>();
  for (const [name, value] of fields) {
    const values = all.get(name);
    if (values === undefined) all.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries([...all].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
