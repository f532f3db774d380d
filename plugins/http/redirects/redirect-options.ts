import { z } from 'zod';
import { wholeNumber } from '../../../core/plan/fields.ts';
import { mustBe, shown } from '../../../core/plan/messages.ts';

/** How many are followed where the plan states no number. */
const FOLLOWED = 10;
const MOST = 100;

/** How many redirects of a request are followed. */
export const redirectsSchema = z
  .union([z.enum(['none', 'follow']), wholeNumber(0, MOST)], {
    error: (issue) => mustBe(`none, follow, or a number of redirects from 0 to ${MOST}`, issue.input),
  })
  .transform((redirects) => (redirects === 'none' ? 0 : redirects === 'follow' ? FOLLOWED : redirects));

/** An origin (RFC 6454) as {@link URL.origin} writes it. */
const originSchema = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return url.origin;
  const message = `must be a scheme, a host and perhaps a port, such as https://id.example.test, not ${shown(text)}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

export const redirectOriginsSchema = z.array(originSchema).default([]);
