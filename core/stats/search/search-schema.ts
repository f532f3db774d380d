import { z } from 'zod';

const amount = z.number().min(0);

/** What a search found of one level; fields: search-result.ts. */
export const searchedLevelSchema = z.object({
  level: amount.describe('Virtual users, or arrivals per second.'),
  purpose: z.enum(['search', 'recover', 'confirm']),
  outcome: z.enum(['holds', 'breaks', 'unclear', 'cut-short']),
  isOverloaded: z.boolean().describe('Arrivals came faster than the target answered them.'),
  reasons: z
    .array(
      z.object({
        id: z.string(),
        params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string()).readonly()])).readonly(),
      }),
    )
    .readonly()
    .describe('Why it breaks, or is unclear.'),
  fromSecond: z.number(),
  toSecond: z.number(),
  seconds: amount.describe('How many of these seconds it is judged by.'),
  isSettled: z.boolean(),
  perSecond: amount,
  errorShare: amount,
  p50Us: amount,
  p95Us: amount,
  p99Us: amount,
});
