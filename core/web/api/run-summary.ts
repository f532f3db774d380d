import { z } from 'zod';
import { RUN_STATES } from '../../control/run/run-state.ts';
import { RUN_OUTCOMES } from '../../verdict/conclusion/run-outcome.ts';

export const runState = z.enum(RUN_STATES);

export const verdict = z.enum(['', ...RUN_OUTCOMES]);

export const runSummary = z
  .object({
    runId: z.string(),
    name: z.string(),
    state: runState,
    createdAt: z.string().describe('RFC 3339.'),
    verdict: verdict.describe('Empty until the run has finished.'),
    reason: z.string(),
    note: z.string().describe('What people say of the run: text of any number of lines.'),
    tags: z.array(z.string()),
  })
  .meta({ id: 'RunSummary' });
