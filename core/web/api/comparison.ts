/** What a comparison of runs came to, as `bench compare --report json` writes it. */
import { z } from 'zod';
import { comparisonSchema } from '../../verdict/compare/comparison-schema.ts';

const message = z
  .object({
    id: z.string().describe('Stable, such as `compare.one-run`.'),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).describe('In base units.'),
    text: z.string().describe('The sentence, in the language asked for.'),
  })
  .meta({ id: 'Message' });

export const comparison = z
  .object({ version: z.literal(1), ...comparisonSchema(message).shape })
  .meta({ id: 'Comparison' });
