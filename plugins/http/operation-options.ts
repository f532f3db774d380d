import { z } from 'zod';
import { object } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import { type Template, variablesIn } from '../data/template.ts';
import { templateSchema } from '../data/template-schema.ts';
import { HEADER_NAMES, HTTP1_HEADERS, headerRecord } from '../net/header-rules.ts';
import { bodySchema, templatesOfBody } from './body/body-schema.ts';
import { checksSchema } from './checks.ts';
import { extractSchema } from './extract.ts';
import { redirectsSchema } from './redirects/redirect-options.ts';
import { requestPathSchema } from './request-path.ts';

const METHOD = /^[A-Z][A-Z-]{0,30}$/;

/** Headers of all operations; may contain placeholders. */
export const headersSchema = headerRecord(HEADER_NAMES, templateSchema);

export const operationSchema = object({
  method: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.string().regex(METHOD, { error: (issue) => `must be a method such as GET, not ${shown(issue.input)}` }))
    .default('GET'),
  path: requestPathSchema.describe(
    'Appended to the target or to baseUrl, or a whole URL of another host. May contain placeholders, but for the host.',
  ),
  headers: headersSchema.default({}).describe('May contain placeholders.'),
  body: bodySchema
    .optional()
    .describe('Text, {json: …}, {form: …} or {multipart: …} with placeholders, or {file: …} relative to the plan.'),
  redirects: redirectsSchema.optional().describe("none, follow, or how many are followed. Default: the driver's."),
  checks: checksSchema.default({}),
  extract: extractSchema,
}).superRefine(({ headers, body }, context) => {
  if (body === undefined || !('multipart' in body)) return;
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'content-type');
  if (name === undefined) return;
  const message = 'is set by the client itself, with the boundary of the multipart body: leave it out';
  context.addIssue({ code: 'custom', path: ['headers', name], message });
});

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

/** What stays the same for a virtual user, as long as its variables do. */
const STEADY: ReadonlySet<string> = new Set(['variable', 'vu', 'runId']);

/**
 * Whether a virtual user sends the same as long as the operation's variables are the same.
 * @param shared the headers of all operations
 */
export function isSteady(operation: OperationOptions, shared: OperationOptions['headers']): boolean {
  const { body } = operation;
  // A file may hold other placeholders, and the boundary of parts is another each time.
  if (body !== undefined && ('file' in body || 'multipart' in body)) return false;
  const parts = [...templatesOf(operation), ...Object.values(shared)].flat();
  return parts.every((part) => typeof part === 'string' || STEADY.has(part.kind));
}

function templatesOf({ path, headers, body }: OperationOptions): Template[] {
  return [path.template, ...Object.values(headers), ...(body === undefined ? [] : templatesOfBody(body))];
}
