import { z } from 'zod';
import { object, wholeNumber } from '../../../core/plan/fields.ts';

const normalize = z.boolean().default(true).describe('Give each vector the length 1. Default: true.');
const width = (byDefault: number) => z.number().min(0).max(100).default(byDefault);

/** How vectors are made up. */
const generateSchema = z.discriminatedUnion('kind', [
  object({ kind: z.literal('gaussian'), normalize }),
  object({ kind: z.literal('uniform'), normalize: normalize.default(false).describe('Default: false.') }),
  object({
    kind: z.literal('clusters'),
    count: wholeNumber(1, 100_000).default(100).describe('How many centres. Default: 100.'),
    spread: width(0.1).describe('How far rows are from their centre, per dimension. Default: 0.1.'),
    normalize,
  }),
  object({
    kind: z.literal('latent'),
    rank: wholeNumber(1, 1024).default(32).describe('In how many dimensions rows differ much. Default: 32.'),
    noise: width(0.1).describe('How much they differ in all others. Default: 0.1.'),
    normalize,
  }),
]);
export type GenerateOptions = z.output<typeof generateSchema>;

/** Where vectors come from: the same for rows and for queries. */
export const sourceSchema = {
  generate: generateSchema
    .optional()
    .describe(
      'gaussian (all directions alike), uniform (each value from 0 to 1), clusters, or latent (like embeddings). Default: latent.',
    ),
  file: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Instead of generate: a .fbin file (rows and dimensions as int32, then float32 values) or a .fvecs file (for each row its dimensions as int32, then float32 values), little-endian.',
    ),
};
