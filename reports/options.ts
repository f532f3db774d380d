import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { LANGUAGES } from '../core/verdict/messages/message.ts';

/** Options of reports that people read. */
export const languageOptions = object({
  lang: z.enum(LANGUAGES).default('en').describe('Language of the report.'),
});

/** For reports without options. */
export const noOptions = object({});
