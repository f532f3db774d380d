import { z } from 'zod';
import { object } from '../plan/fields.ts';

const FILE = {
  file: z.string().min(1).describe('CSV or TSV whose first row names the columns, or a JSON list of objects.'),
  order: z
    .enum(['shared', 'user', 'random'])
    .default('shared')
    .describe('Row by row, each row once over all agents; a row for each virtual user; or any row. Default: shared.'),
  atEnd: z
    .enum(['loop', 'stop', 'error'])
    .default('loop')
    .describe('When no row is left: begin again, end the virtual user, or fail each request. Default: loop.'),
};

function files<Shape extends z.ZodRawShape>(shape: Shape) {
  const name = z
    .string()
    .regex(/^[\w-]+$/, { error: 'must have letters, digits, _ and - only' })
    .refine((name) => name !== 'param', {
      error: '"param" stands for the parameters of the plan: choose another name',
    });
  return z.record(name, object(shape)).default({});
}

/** Data files of a scenario's script, by name. */
export const scriptDataSchema = files(FILE);

/** Data files for the placeholders of a driver, by name. */
export const dataSchema = files({
  ...FILE,
  per: z
    .enum(['request', 'pass'])
    .default('request')
    .describe(
      'How long a row is the same: for one request, or for all requests of a pass through the flow; one that onStart has taken then stays for the virtual user. Default: request.',
    ),
}).describe('Files, by the name that placeholders use: name.column.');

/** Data files as the plan declares them, by name. */
export type DataOptions = z.output<typeof scriptDataSchema>;
