import { z } from 'zod';
import { object } from '../plan/fields.ts';

/** Data files, by name: for placeholders of a driver, and for a scenario's script. */
export const dataSchema = z
  .record(
    z
      .string()
      .regex(/^[\w-]+$/)
      .refine((name) => name !== 'param', {
        error: '"param" stands for the parameters of the plan: choose another name',
      }),
    object({
      file: z.string().min(1).describe('CSV or TSV whose first row names the columns, or a JSON list of objects.'),
      order: z
        .enum(['shared', 'user', 'random'])
        .default('shared')
        .describe(
          'Row by row, each row once over all agents; a row for each virtual user; or any row. Default: shared.',
        ),
      atEnd: z
        .enum(['loop', 'stop', 'error'])
        .default('loop')
        .describe('When no row is left: begin again, end the virtual user, or fail each request. Default: loop.'),
    }),
  )
  .default({})
  .describe('Files, by the name that placeholders use: name.column.');

/** Data files as the plan declares them, by name. */
export type DataOptions = z.output<typeof dataSchema>;
