import { z } from 'zod';
import { object, positiveDuration } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import { type Template, variablesIn } from '../data/template.ts';
import { templateSchema } from '../data/template-schema.ts';
import { bodyChecksSchema, headerChecksSchema } from '../http/checks.ts';
import { oneOrMore } from '../http/chosen-schema.ts';
import { hasOnePlace, headerName, sourceFields, variablesSchema } from '../http/extract.ts';
import { type HeaderNames, HTTP1_HEADERS, headerRecord, OWN_HEADERS } from '../net/header-rules.ts';
import { templatesIn } from './message-template.ts';
import { STATUS_NAMES } from './status.ts';

const METADATA_NAME = /^[0-9A-Za-z_.-]+$/;
const METHOD = /^[\w.]+\/\w+$/;
/** The client sets these itself (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests). */
const RESERVED: ReadonlySet<string> = new Set([...OWN_HEADERS, ...HTTP1_HEADERS, 'content-type', 'host', 'te']);

const METADATA_NAMES: HeaderNames = {
  valid: METADATA_NAME,
  kind: 'name of metadata',
  isOwn: (lower) => RESERVED.has(lower) || lower.startsWith('grpc-'),
};

export const metadataSchema = headerRecord(METADATA_NAMES, templateSchema).default({});

const message = z.unknown().transform((value, context): unknown => {
  const { problems } = templatesIn(value);
  for (const { path = [], message } of problems) {
    context.addIssue({ code: 'custom', path: [...path] as PropertyKey[], message });
  }
  return problems.length > 0 ? z.NEVER : (value ?? {});
});

const source = object({
  ...sourceFields,
  json: sourceFields.json.describe('A path into the message of the answer, such as user.id or items[*].id.'),
  metadata: headerName.optional().describe('The value of this header or trailer.'),
  status: sourceFields.status.describe("The name of the answer's status, such as NOT_FOUND."),
  regex: sourceFields.regex.describe(
    'The first group of this regular expression (RE2), in the JSON of the message or in the value of the metadata.',
  ),
})
  .transform(({ metadata, ...rest }) => ({ ...rest, header: metadata }))
  .superRefine(hasOnePlace('json, metadata, status or regex'));

export const operationSchema = object({
  method: z
    .string()
    .regex(METHOD, {
      error: (issue) => `must be a service and a method, such as greeter.Greeter/SayHello, not ${shown(issue.input)}`,
    })
    .describe('Service and method, such as greeter.Greeter/SayHello. It must be unary.'),
  message: message
    .optional()
    .describe(
      'The message to send, as JSON: names, enums, bytes and 64-bit numbers as proto3 writes them. May contain placeholders.',
    ),
  metadata: metadataSchema.describe(
    'Metadata to send; may contain placeholders. Names that end in -bin have values in base64.',
  ),
  timeout: positiveDuration.optional().describe("Deadline of the call. Default: the driver's timeout."),
  checks: object({
    status: oneOrMore(z.enum(STATUS_NAMES))
      .default(['OK'])
      .describe('Status that the answer must have, or a list of them, such as NOT_FOUND. Default: OK.'),
    metadata: headerChecksSchema.describe('Text that these headers or trailers must contain, by name.'),
    message: bodyChecksSchema.optional().describe('What the message of the answer must contain, as JSON.'),
  }).prefault({}),
  extract: variablesSchema(source),
});

export type OperationOptions = z.output<typeof operationSchema>;

/** The data columns that an operation's placeholders use. @param shared metadata of all operations */
export function columnsOf(operation: OperationOptions, shared: OperationOptions['metadata']) {
  return templatesOf(operation, shared)
    .flat()
    .filter((part) => typeof part === 'object' && part.kind === 'column');
}

/** The variables that an operation's placeholders use. @param shared metadata of all operations */
export function readsOf(operation: OperationOptions, shared: OperationOptions['metadata']): string[] {
  return variablesIn(templatesOf(operation, shared));
}

function templatesOf({ message, metadata }: OperationOptions, shared: OperationOptions['metadata']): Template[] {
  return [...templatesIn(message).templates, ...Object.values(metadata), ...Object.values(shared)];
}
