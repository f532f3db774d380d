import { z } from 'zod';

/** Where a run is; docs/api.md says what happens in each. */
export const runState = z.enum([
  'queued',
  'waiting',
  'preparing',
  'running',
  'draining',
  'verifying',
  'finished',
  'failed',
  'prepared',
]);

export const verdict = z.enum(['', 'pass', 'fail', 'invalid', 'aborted', 'no-criteria']);

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
