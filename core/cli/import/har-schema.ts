import { z } from 'zod';
import { mustBe } from '../../plan/messages.ts';

/** Some programs write null for what they do not know: what may be left out may be null. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

function withDefault<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>) {
  return schema.nullish().transform((given) => given ?? value);
}

const pair = z.object({ name: z.string(), value: withDefault(z.string(), '') });
const pairs = withDefault(z.array(pair), []);

const request = z.object({
  method: z.string().regex(/^[A-Za-z][A-Za-z-]{0,30}$/, { error: 'is not a method of HTTP' }),
  url: z.string().min(1),
  headers: pairs,
  postData: optional(
    z.object({
      mimeType: withDefault(z.string(), ''),
      text: optional(z.string()),
      /** Not in HAR 1.2, but written by programs that record bytes. */
      encoding: optional(z.string()),
      params: withDefault(
        z.array(
          z.object({
            name: z.string(),
            value: optional(z.string()),
            fileName: optional(z.string()),
            contentType: optional(z.string()),
          }),
        ),
        [],
      ),
    }),
  ),
});

const time = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: mustBe('a time such as 2026-11-29T10:00:00Z', text) });
  return z.NEVER;
});

const entry = z.object({
  pageref: optional(z.string()),
  startedDateTime: time,
  time: withDefault(z.number(), 0),
  request,
  response: withDefault(
    z.object({
      status: withDefault(z.number(), 0),
      headers: pairs,
      content: optional(z.object({ mimeType: optional(z.string()) })),
    }),
    { status: 0, headers: [], content: undefined },
  ),
  _resourceType: optional(z.string()),
});

/** The parts of an HTTP Archive that a plan is made of: HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/. */
export const harSchema = z.object({
  log: z.object({
    pages: withDefault(z.array(z.object({ id: z.string(), title: withDefault(z.string(), '') })), []),
    entries: z.array(entry),
  }),
});

export type HarEntry = z.output<typeof entry>;
