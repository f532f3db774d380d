import { z } from 'zod';
import { object } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import { isNumeric, parseTemplate, type Template, variablesIn } from '../data/template.ts';
import { checksSchema } from './checks.ts';
import { extractSchema } from './extract.ts';

const METHOD = /^[A-Z][A-Z-]{0,30}$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** The client sets these itself; a wrong value would break the connection. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection']);
/** Headers about HTTP/1.1 connections, which make a request malformed in HTTP/2 (RFC 9113, 8.2.2). */
const HTTP1_HEADERS: ReadonlySet<string> = new Set(['keep-alive', 'proxy-connection', 'upgrade', 'http2-settings']);
// biome-ignore lint/suspicious/noControlCharactersInRegex: a header value must not contain any
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

const text = z.string();

const template = text.transform((text, context): Template => {
  const parsed = parseTemplate(text);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});

const path = z
  .string()
  .startsWith('/', {
    error: (issue) => `must begin with /, not ${shown(issue.input)}; the host comes from the target`,
    abort: true,
  })
  .pipe(template)
  .refine((parts) => parts.every((part) => typeof part === 'object' || /^[^\s#]*$/.test(part)), {
    error: 'must not contain spaces or #: write them as %20 and %23',
  })
  .transform(
    (parts): Template =>
      parts.map((part) => (typeof part === 'string' ? part.replaceAll(/[^!-~]+/gu, encodeURIComponent) : part)),
  );

const headers = z
  .record(
    z.string().regex(HEADER_NAME, { error: (issue) => `${shown(issue.input)} is not a valid header name` }),
    z
      .string()
      .refine((value) => !CONTROL.test(value), {
        error: 'must not contain line breaks or control characters',
        abort: true,
      })
      .pipe(template),
  )
  .superRefine((record, context) => {
    for (const name of Object.keys(record)) {
      if (!OWN_HEADERS.has(name.toLowerCase())) continue;
      context.addIssue({ code: 'custom', path: [name], message: 'is set by the driver itself: leave it out' });
    }
  });

/** JSON whose strings are templates, turned into one template of the JSON text. */
const json = z.unknown().transform((value, context): Template => {
  const parts: Template[number][] = [];
  const problem = appendJson(value, parts);
  if (problem === undefined) return parts;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

/** @returns what is wrong with a template in the JSON; undefined when all are valid */
function appendJson(value: unknown, parts: Template[number][]): string | undefined {
  if (typeof value === 'string') {
    const inner = parseTemplate(value);
    if (typeof inner === 'string') return inner;
    if (inner.length === 1 && isNumeric(inner[0])) {
      parts.push(...inner);
      return undefined;
    }
    const quoted = inner.map((part) => (typeof part === 'string' ? JSON.stringify(part).slice(1, -1) : part));
    parts.push('"', ...quoted, '"');
    return undefined;
  }
  if (typeof value !== 'object' || value === null) {
    const written = JSON.stringify(value) as string | undefined;
    if (written === undefined) return `must be JSON, not ${shown(value)}`;
    parts.push(written);
    return undefined;
  }
  const isList = Array.isArray(value);
  let separator = isList ? '[' : '{';
  for (const [key, entry] of Object.entries(value)) {
    parts.push(isList ? separator : `${separator}${JSON.stringify(key)}:`);
    separator = ',';
    const problem = appendJson(entry, parts);
    if (problem !== undefined) return problem;
  }
  if (separator !== ',') parts.push(separator);
  parts.push(isList ? ']' : '}');
  return undefined;
}

const jsonBody = object({ json });
const fileBody = object({
  file: z.string().min(1),
  template: z.boolean().default(false).describe('The file contains text with placeholders.'),
});
type Body = Template | z.output<typeof jsonBody> | z.output<typeof fileBody>;

/** This is not a union, because its only message for all three kinds would be "Invalid input". */
const body = z.unknown().transform((value, context): Body => {
  const isObject = typeof value === 'object' && value !== null;
  if (isObject && !('json' in value) && !('file' in value)) {
    const known = 'write text, {json: …}, {file: …} or {file: …, template: true}';
    context.addIssue({ code: 'custom', message: `must have the key json or file, not ${shown(value)}: ${known}` });
    return z.NEVER;
  }
  const schema: z.ZodType<Body> = !isObject ? template : 'json' in value ? jsonBody : fileBody;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

export const operationSchema = object({
  method: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.string().regex(METHOD, { error: (issue) => `must be a method such as GET, not ${shown(issue.input)}` }))
    .default('GET'),
  path: path.describe('May contain placeholders. It is appended to the target.'),
  headers: headers.default({}).describe('May contain placeholders.'),
  body: body
    .optional()
    .describe(
      'Text with placeholders, {json: …} whose strings may contain placeholders, or {file: …} relative to the plan.',
    ),
  checks: checksSchema.default({}),
  extract: extractSchema,
});

export const headersSchema = headers;

/** The headers that HTTP/2 does not allow, and what is wrong with each. */
export function wrongInHttp2(
  headers: OperationOptions['headers'],
): { readonly name: string; readonly message: string }[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (HTTP1_HEADERS.has(lower)) return [{ name, message: 'is not allowed in HTTP/2: leave it out' }];
    const isTrailers = value.length === 1 && value[0] === 'trailers';
    return lower === 'te' && !isTrailers ? [{ name, message: 'may only be "trailers" in HTTP/2' }] : [];
  });
}

export type OperationOptions = z.output<typeof operationSchema>;

/** The data columns that an operation's placeholders use. */
export function columnsOf(operation: OperationOptions): { readonly set: string; readonly column: string }[] {
  return templatesOf(operation)
    .flat()
    .filter((part) => typeof part === 'object' && part.kind === 'column');
}

/** The variables that an operation's placeholders use. @param shared the headers of all operations */
export function readsOf(operation: OperationOptions, shared: OperationOptions['headers']): string[] {
  return variablesIn([...templatesOf(operation), ...Object.values(shared)]);
}

function templatesOf({ path, headers, body }: OperationOptions): Template[] {
  const templates = [path, ...Object.values(headers)];
  if (body && 'json' in body) templates.push(body.json);
  else if (body && !('file' in body)) templates.push(body);
  return templates;
}
