import { z } from 'zod';
import { referencesIn } from '../../core/secrets/reference.ts';
import { HEADER_NAMES, HTTP1_HEADERS, headerRecord } from './header-rules.ts';

/** Names of headers whose values are no business of a plan. */
const SECRET_NAME = /authorization|cookie|key|token|secret|password/i;
/** In lower case: they are about the connection, and the `fetch` of Node refuses requests with most of them. */
const UNSENDABLE: ReadonlySet<string> = new Set([...HTTP1_HEADERS, 'expect']);

/** An option: headers of each request that `fetch` posts, by their names. */
export const postHeaders = headerRecord(
  { ...HEADER_NAMES, isOwn: (lower) => HEADER_NAMES.isOwn(lower) || UNSENDABLE.has(lower) },
  z.string(),
).superRefine((all, context) => {
  for (const [name, value] of Object.entries(all)) {
    if (!SECRET_NAME.test(name) || referencesIn(value).length > 0) continue;
    const message = `must hold \${env:NAME} or \${file:path}, because plans are stored and printed`;
    context.addIssue({ code: 'custom', path: [name], message });
  }
});
