import { z } from 'zod';
import { object, positiveDuration, wholeNumber } from '../../core/plan/fields.ts';
import { columnProblem, dataSchema } from '../data/data-option.ts';
import { tlsSchema, urlSchema } from './address.ts';
import { TABLE_NAME_MAX_CHARACTERS } from './own-table.ts';
import { statementSchema, templatesOf } from './statement.ts';

/** Operations that every plan has, on the driver's table. */
export const BUILT_IN = ['insert', 'select-device', 'select-range'] as const;
/** Those of them that leave the table as it is. */
export const READS = ['select-device', 'select-range'] as const;

const operation = z.union([
  statementSchema,
  object({
    transaction: z.array(statementSchema).min(1).describe('Statements between BEGIN and COMMIT; a failure rolls back.'),
  }),
]);
export type OperationOptions = z.output<typeof operation>;

export const mysqlOptions = object({
  url: urlSchema
    .optional()
    .describe(`mysql://user:password@host:port/database, the password as \${env:NAME}. Default: the plan's target.`),
  table: z
    .string()
    .min(1)
    .max(TABLE_NAME_MAX_CHARACTERS)
    .optional()
    .describe(
      'A table to use, another of each such driver; made when it is missing, kept when it is there. Default: one of the run, dropped after it.',
    ),
  rows: wholeNumber(0, 1_000_000_000).default(0).describe('Rows to load before the run. Default: 0.'),
  connections: z
    .union([z.literal('per-user'), wholeNumber(1, 10_000)])
    .default('per-user')
    .describe('One for each virtual user, or a number to share in each agent process. Default: per-user.'),
  protocol: z.enum(['prepared', 'text']).default('prepared').describe('How statements are sent. Default: prepared.'),
  timeout: positiveDuration
    .default(30_000_000)
    .describe('For an operation, the wait for a connection included. Default: 30s.'),
  connectTimeout: positiveDuration
    .optional()
    .describe('How long a server may take to accept a connection. Default: that of the URL, else 10s.'),
  tls: tlsSchema.optional().describe('Encrypt the connections. Default: they are not.'),
  selectRows: wholeNumber(1, 100_000).default(10).describe('The most rows of a built-in select. Default: 10.'),
  operations: z
    .record(z.string().min(1), operation)
    .default({})
    .describe('Your own SQL, by the name that scenarios use, beside insert, select-device and select-range.'),
  data: dataSchema,
}).superRefine(({ operations, data }, context) => {
  for (const [name, operation] of Object.entries(operations)) {
    const issue = (message: string) => context.addIssue({ code: 'custom', path: ['operations', name], message });
    if (BUILT_IN.some((builtIn) => builtIn === name)) issue('is a built-in operation: give yours another name');
    for (const template of statementsOf(operation).flatMap(templatesOf)) {
      if (typeof template === 'string') {
        issue(template);
        continue;
      }
      for (const part of template) {
        if (typeof part === 'string' || part.kind !== 'column') continue;
        const problem = columnProblem(part.set, part.column, Object.keys(data));
        if (problem !== undefined) issue(problem);
      }
    }
  }
});
export type MysqlOptions = z.output<typeof mysqlOptions>;

export function statementsOf(operation: OperationOptions) {
  return 'transaction' in operation ? operation.transaction : [operation];
}
