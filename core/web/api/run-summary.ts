import { z } from 'zod';
import { RUN_STATES } from '../../control/run/run-state.ts';
import { RUN_OUTCOMES } from '../../verdict/conclusion/run-outcome.ts';

export const runState = z.enum(RUN_STATES);

export const verdict = z.enum(['', ...RUN_OUTCOMES]);

/** A sentence in the other language that the page has; names, and what others than control have said, stay as they are. */
export const translated = z.object({ 'zh-CN': z.string() });

export const runSummary = z
  .object({
    runId: z.string(),
    name: z.string(),
    state: runState,
    createdAt: z.string().describe('RFC 3339.'),
    verdict: verdict.describe('Empty until the run has finished.'),
    reason: z.string(),
    reasonTexts: translated.describe('`reason` in other languages.'),
    note: z.string().describe('What people say of the run: text of any number of lines.'),
    tags: z.array(z.string()),
  })
  .meta({ id: 'RunSummary' });
