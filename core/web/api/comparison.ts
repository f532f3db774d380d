/** What a comparison of runs came to, as `bench compare --report json` writes it. */
import { z } from 'zod';
import { FIGURES } from '../../verdict/compare/run-comparison.ts';

const message = z
  .object({
    id: z.string().describe('Stable, such as `compare.one-run`.'),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).describe('In base units.'),
    text: z.string().describe('The sentence, in the language asked for.'),
  })
  .meta({ id: 'Message' });

const figure = z.enum(FIGURES);
const change = z.object({
  figure,
  word: z
    .enum(['better', 'worse', 'within', 'same'])
    .describe(
      '`within`: a difference that is less than the tolerance; `same`: no difference told, there may be one within `interval`.',
    ),
  before: z.number().describe('In microseconds, requests per second, or as a share; of several runs their mean.'),
  after: z.number(),
  change: z.number().describe('As a share of the value before; of `error_rate` the difference of the two shares.'),
  interval: z.object({ low: z.number(), high: z.number() }).describe('How sure the change is.'),
  pValue: z.number().describe('How likely a change at least as great is when nothing has changed.'),
  widening: z.number().optional().describe('How many times as wide as with independent samples the interval is.'),
});
const incomparable = z.object({ figure, word: z.literal('incomparable'), reason: message });

export const comparison = z
  .object({
    version: z.literal(1),
    name: z.string().describe('Of the plan.'),
    startedAt: z.string().describe('Of the first run after, RFC 3339.'),
    host: z.string().describe('Of its control.'),
    outcome: z
      .enum(['better', 'worse', 'within', 'same', 'incomparable', 'invalid'])
      .describe(
        'What is worse counts more than what is better; `within`: less than the tolerance; `same`: no difference told, which does not say that there is none; `incomparable`: no figure could be compared; `invalid`: a run cannot be trusted.',
      ),
    before: z.array(z.string()).describe('Ids of runs.'),
    after: z.array(z.string()),
    method: z
      .enum(['stretches', 'runs'])
      .describe('Whether stretches of one run or whole runs tell how much they vary.'),
    tolerance: z.number(),
    circumstances: z.array(message).describe('What differs beside what was measured: plans, hosts, loads.'),
    rows: z
      .array(
        z.object({
          operation: z
            .object({
              scenario: z.string(),
              name: z.string(),
              isJourney: z.boolean().optional(),
              isSpan: z.boolean().optional(),
            })
            .optional()
            .describe('Left out for all operations together.'),
          figures: z.array(z.union([change, incomparable])),
        }),
      )
      .describe('All operations together, then each one.'),
    notes: z.array(message).describe('How the figures were compared, and how far that can be trusted.'),
  })
  .meta({ id: 'Comparison' });
