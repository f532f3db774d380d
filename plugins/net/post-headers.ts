import { z } from 'zod';
import { referencesIn } from '../../core/secrets/reference.ts';
import { HEADER_CONTROL, HEADER_NAME } from '../http/header-rules.ts';

/** Names of headers whose values are no business of a plan. */
const SECRET_NAME = /authorization|cookie|key|token|secret|password/i;

/** An option: headers of each request, by their names. */
export const postHeaders = z
  .record(
    z.string().regex(HEADER_NAME, { error: 'is not a header name' }),
    z.string().refine((value) => !HEADER_CONTROL.test(value), { error: 'must not contain control characters' }),
  )
  .superRefine((all, context) => {
    const names = new Map<string, string>();
    for (const [name, value] of Object.entries(all)) {
      const same = names.get(name.toLowerCase());
      if (same !== undefined) {
        context.addIssue({ code: 'custom', path: [name], message: `is the same header as ${same}; give one of them` });
      }
      names.set(name.toLowerCase(), name);
      if (!SECRET_NAME.test(name) || referencesIn(value).length > 0) continue;
      const message = `must hold \${env:NAME} or \${file:path}, because plans are stored and printed`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });
