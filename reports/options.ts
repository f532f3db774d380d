import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { LANGUAGES } from '../core/verdict/messages/message.ts';

/** Options of the reports that are written for people. */
export const languageOptions = object({
  lang: z.enum(LANGUAGES).default('en').describe('Language of the report.'),
});

/** Options of the reports that take none. */
export const noOptions = object({});
