import { z } from 'zod';
import { shown } from '../../core/plan/messages.ts';

/** What a header's name may be (RFC 9110, 5.1). */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a header's value must not contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
export const HEADER_CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
/** In lower case: the client sets these itself; a wrong value would break the connection. */
export const OWN_HEADERS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection']);
/** In lower case: headers about HTTP/1.1 connections, which make a request malformed in HTTP/2 (RFC 9113, 8.2.2). */
export const HTTP1_HEADERS: ReadonlySet<string> = new Set([
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'http2-settings',
]);

/** Heads of interim answers, such as 103, before the one that counts: nothing but these, without end, would hold up everybody. */
export const MAX_INTERIM_ANSWERS = 100;

/** What headers, or metadata, may be called. */
export interface HeaderNames {
  readonly valid: RegExp;
  /** Such as `header name`; ends the sentence "… is not a valid …". */
  readonly kind: string;
  /** @param lower a name in lower case. @returns whether the client sets it itself */
  readonly isOwn: (lower: string) => boolean;
}

/** Headers of HTTP. */
export const HEADER_NAMES: HeaderNames = {
  valid: HEADER_NAME,
  kind: 'header name',
  isOwn: (lower) => OWN_HEADERS.has(lower),
};

/** An option: headers by their names, each at most once. @param value what else is asked of a header's value */
export function headerRecord<Value>({ valid, kind, isOwn }: HeaderNames, value: z.ZodType<Value, string>) {
  return z
    .record(
      z.string().regex(valid, { error: (issue) => `${shown(issue.input)} is not a valid ${kind}` }),
      z
        .string()
        .refine((text) => !HEADER_CONTROL.test(text), {
          error: 'must not contain line breaks or control characters',
          abort: true,
        })
        .pipe(value),
    )
    .superRefine((record, context) => {
      const names = new Map<string, string>();
      for (const name of Object.keys(record)) {
        const lower = name.toLowerCase();
        const same = names.get(lower);
        names.set(lower, name);
        if (isOwn(lower)) {
          context.addIssue({ code: 'custom', path: [name], message: 'is set by the client itself: leave it out' });
        } else if (same !== undefined) {
          context.addIssue({ code: 'custom', path: [name], message: `is the same as ${same}: give one of them` });
        }
      }
    });
}
