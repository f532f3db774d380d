import { z } from 'zod';
import { object } from '../../../core/plan/fields.ts';
import { shown } from '../../../core/plan/messages.ts';
import { isNumeric, parseTemplate, type Template } from '../../data/template.ts';
import { templateSchema } from '../../data/template-schema.ts';
import { chosenSchema, oneOrMore } from '../chosen-schema.ts';

/** A media type with its parameters (RFC 9110, 8.3.1), roughly: nothing that could end the line. */
const CONTENT_TYPE = /^[!-~]+\/[!-~]+( *;[ -~]*)?$/;

const fieldName = z
  .string()
  .min(1, { error: 'must not be empty: it is the name of a field' })
  .refine((name) => !name.includes('${'), {
    error: 'must not contain a placeholder: names of fields are sent as they stand',
  });

const fieldValue = z
  .union([z.string(), z.number(), z.boolean()], {
    error: (issue) => `must be text, a number, true or false, or a list of these, not ${shown(issue.input)}`,
  })
  .transform(String)
  .pipe(templateSchema);

/** JSON whose strings are templates, turned into one template of the JSON text. */
const jsonTemplateSchema = z.unknown().transform((value, context): Template => {
  const parts: Template[number][] = [];
  const problem = appendJson(value, parts);
  if (problem === undefined) return parts;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

/** The fields of a form, by name. */
function fields<Value>(value: z.ZodType<Value>) {
  return z
    .record(fieldName, oneOrMore(value))
    .refine((all) => Object.keys(all).length > 0, { error: 'must contain at least one field' });
}

const partOptions = {
  filename: templateSchema
    .refine((template) => template.length > 0, { error: 'must not be empty' })
    .optional()
    .describe('Name of the file, with placeholders.'),
  contentType: z
    .string()
    .regex(CONTENT_TYPE, { error: (issue) => `must be a content type such as image/png, not ${shown(issue.input)}` })
    .optional(),
};
const textPart = object({ text: fieldValue, ...partOptions });
const jsonPart = object({ json: jsonTemplateSchema, ...partOptions });
const fileSource = {
  file: z.string().min(1),
  template: z.boolean().default(false).describe('The file contains text with placeholders.'),
};
const filePart = object({ ...fileSource, ...partOptions });

export type PartOptions = z.output<typeof textPart> | z.output<typeof jsonPart> | z.output<typeof filePart>;

const plainPart = fieldValue.transform((text): PartOptions => ({ text }));

const part = chosenSchema<PartOptions>((value) => {
  if (!isMap(value)) return plainPart;
  if ('text' in value) return textPart;
  if ('json' in value) return jsonPart;
  if ('file' in value) return filePart;
  return `must have the key text, json or file, not ${shown(value)}: write text, {text: …}, {json: …} or {file: …}`;
});

const textBody = templateSchema.transform((text) => ({ text }));
const jsonBody = object({ json: jsonTemplateSchema });
const formBody = object({ form: fields(fieldValue) });
const multipartBody = object({ multipart: fields(part) });
const fileBody = object(fileSource);

/** The body of an operation, by its kind: the kind's name is one of the keys. */
export type BodyOptions =
  | z.output<typeof textBody>
  | z.output<typeof jsonBody>
  | z.output<typeof formBody>
  | z.output<typeof multipartBody>
  | z.output<typeof fileBody>;

export const bodySchema = chosenSchema<BodyOptions>((value) => {
  if (!isMap(value)) return textBody;
  if ('json' in value) return jsonBody;
  if ('form' in value) return formBody;
  if ('multipart' in value) return multipartBody;
  if ('file' in value) return fileBody;
  const known = 'write text, {json: …}, {form: …}, {multipart: …}, {file: …} or {file: …, template: true}';
  return `must have the key json, form, multipart or file, not ${shown(value)}: ${known}`;
});

/** The templates that the plan shows; files may contain others. */
export function templatesOfBody(body: BodyOptions): Template[] {
  if ('form' in body) return Object.values(body.form).flat();
  if ('multipart' in body) return Object.values(body.multipart).flat().flatMap(templatesOfPart);
  if ('file' in body) return [];
  return ['json' in body ? body.json : body.text];
}

/** The files that the content of a body comes from. */
export function filesOfBody(body: BodyOptions): string[] {
  const parts = 'multipart' in body ? Object.values(body.multipart).flat() : [body];
  return parts.flatMap((part) => ('file' in part ? [part.file] : []));
}

function templatesOfPart(part: PartOptions): Template[] {
  const names = part.filename === undefined ? [] : [part.filename];
  if ('file' in part) return names;
  return ['text' in part ? part.text : part.json, ...names];
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

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
