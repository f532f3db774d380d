import { z } from 'zod';
import type { Message } from '../../text/message.ts';
import { COMPARISON_OUTCOMES, FIGURES, METHODS, RATIO, TOLD_WORDS } from './run-comparison.ts';

/**
 * What a comparison of runs is in JSON: in results, and in answers of the API.
 * @param message a sentence there
 */
export function comparisonSchema<Sentence extends z.ZodType<Message>>(message: Sentence) {
  const figure = z.enum([...FIGURES, RATIO]);
  const change = z.object({
    figure,
    word: z
      .enum(TOLD_WORDS)
      .describe(
        '`within`: a difference that is less than the tolerance; `same`: no difference found, there may be one within `interval`.',
      ),
    before: z
      .number()
      .describe(
        'In microseconds, requests per second, or as a share; of several runs the geometric mean, of shares the mean.',
      ),
    after: z.number().describe('As `before`.'),
    change: z
      .number()
      .describe(
        'As a share of the value before (after / before - 1); of `error_rate` and `ratio` the difference of the shares.',
      ),
    interval: z
      .object({ low: z.number(), high: z.number() })
      .describe(
        'Within which the change lies: wide enough for all that is compared at once, so that of the changes that are told at most 5 % on average lie outside theirs. Unless the word is `same`, 0 is not in it.',
      ),
    pValue: z.number().describe('How likely a change at least as great is when nothing has changed, taken by itself.'),
    widening: z
      .number()
      .optional()
      .describe(
        'How many times as great as with independent samples the standard error is; not of `rps`, nor of several runs.',
      ),
  });
  const incomparable = z.object({ figure, word: z.literal('incomparable'), reason: message });
  const operation = z.object({
    scenario: z.string(),
    name: z.string(),
    isJourney: z.boolean().optional().describe('Set for the passes through a flow or a script.'),
    isSpan: z.boolean().optional().describe('Set for spans that a script measured.'),
  });
  return z.object({
    name: z.string().describe('Of the plan.'),
    startedAt: z.string().describe('Of the first run after, RFC 3339.'),
    host: z.string().describe('Of its control.'),
    outcome: z
      .enum(COMPARISON_OUTCOMES)
      .describe(
        'What is worse counts more than what is better; `within`: less than the tolerance; `same`: no difference found, which does not say that there is none; `incomparable`: no figure could be compared; `invalid`: a run cannot be trusted.',
      ),
    before: z.array(z.string()).describe('Ids of runs.'),
    after: z.array(z.string()).describe('Ids of runs.'),
    method: z.enum(METHODS).describe('Whether stretches of one run or whole runs tell how much they vary.'),
    tolerance: z.number().min(0).describe('The smallest change that matters, as a share of the value before.'),
    circumstances: z.array(message).describe('What differs beside what was measured: plans, hosts, loads.'),
    rows: z
      .array(
        z.object({
          operation: operation.optional().describe('Left out for all operations together, and for a ratio.'),
          ratio: z.string().optional().describe('The name of a ratio, such as `find.recall`.'),
          figures: z.array(z.union([change, incomparable])),
        }),
      )
      .describe('All operations together, then each one, then ratios.'),
    notes: z.array(message).describe('How the figures were compared, and how far that can be trusted.'),
  });
}
