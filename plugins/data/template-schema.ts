import { z } from 'zod';
import { parseTemplate, type Template } from './template.ts';

/** A text with placeholders, parsed. */
export const templateSchema = z.string().transform((text, context): Template => {
  const parsed = parseTemplate(text);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});
