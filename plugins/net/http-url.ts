import { z } from 'zod';
import { shown } from '../../core/plan/messages.ts';
import { holdsPassword, PASSWORD_IN_PLAN, withoutPassword } from '../../core/secrets/database-url.ts';
import { referencesIn } from '../../core/secrets/reference.ts';

export function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '');
}

/** An option that is an http URL: one with references is known only when they are filled in, and passwords stand in them alone. */
export function httpUrl() {
  return z
    .string()
    .refine((url) => referencesIn(url).length > 0 || isHttpUrl(url), {
      error: (issue) => `must be an http URL, not ${shown(withoutPassword(String(issue.input)))}`,
    })
    .refine((url) => !holdsPassword(url), { error: PASSWORD_IN_PLAN });
}
