import { z } from 'zod';
import { mustBe } from '../../plan/messages.ts';

const pair = z.object({ name: z.string(), value: z.string() });

const request = z.object({
  method: z.string().regex(/^[A-Za-z][A-Za-z-]{0,30}$/, { error: 'is not a method of HTTP' }),
  url: z.string().min(1),
  headers: z.array(pair).default([]),
  postData: z
    .object({
      mimeType: z.string().default(''),
      text: z.string().optional(),
      params: z
        .array(
          z.object({
            name: z.string(),
            value: z.string().optional(),
            fileName: z.string().optional(),
            contentType: z.string().optional(),
          }),
        )
        .optional(),
    })
    .nullish(),
});

const time = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: mustBe('a time such as 2026-11-29T10:00:00Z', text) });
  return z.NEVER;
});

const entry = z.object({
  pageref: z.string().optional(),
  startedDateTime: time,
  time: z.number().default(0),
  request,
  response: z
    .object({
      status: z.number(),
      headers: z.array(pair).default([]),
      content: z.object({ mimeType: z.string().nullish() }).nullish(),
    })
    .default({ status: 0, headers: [] }),
  _resourceType: z.string().optional(),
});

/** The parts of an HTTP Archive that a plan is made of: HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/. */
export const harSchema = z.object({
  log: z.object({
    pages: z.array(z.object({ id: z.string(), title: z.string().default('') })).default([]),
    entries: z.array(entry),
  }),
});

export type HarEntry = z.output<typeof entry>;
