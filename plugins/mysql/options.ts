import { z } from 'zod';
import { object, positiveDuration, wholeNumber } from '../../core/plan/fields.ts';
import { dataSchema } from '../../core/script/data-options.ts';
import { columnProblem } from '../data/data-option.ts';
import { connectionsOption } from '../net/connections-option.ts';
import { tlsSchema, urlSchema } from './address.ts';
import { MAX_TABLE_NAME_CHARACTERS } from './own-table.ts';
import { statementSchema, templatesOf } from './statement.ts';

/** More than a server allows. */
const MAX_POOL = 10_000;

/** The operations that every plan has; they use the driver's table. */
export const BUILT_IN = ['insert', 'select-device', 'select-range'] as const;
/** The built-in operations that only read. */
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
    .max(MAX_TABLE_NAME_CHARACTERS)
    .optional()
    .describe(
      'The table to use; each driver of this kind needs one of its own. A missing table is made for the run and dropped after it, one that exists is kept. Default: a table of the run.',
    ),
  rows: wholeNumber(0, 1_000_000_000).default(0).describe('Rows to load into the table before the run. Default: 0.'),
  connections: connectionsOption(['per-user'], MAX_POOL).describe(
    'One for each virtual user (per-user), or a number of connections that the virtual users of an agent process share ({ pool: 20 }). Default: per-user.',
  ),
  protocol: z
    .enum(['prepared', 'text'])
    .default('prepared')
    .describe('Whether the server prepares statements, or gets them as text with the values in it. Default: prepared.'),
  timeout: positiveDuration
    .default(30_000_000)
    .describe('Time limit of an operation, including the wait for a connection. Default: 30s.'),
  connectTimeout: positiveDuration
    .optional()
    .describe('How long a server may take to accept a connection. Default: that of the URL, else 10s.'),
  tls: tlsSchema
    .optional()
    .describe('Encrypt the connections; the URL may say it too, by ssl-mode. Default: not encrypted.'),
  selectRows: wholeNumber(1, 100_000).default(10).describe('The most rows that a built-in select reads. Default: 10.'),
  operations: z
    .record(z.string().min(1), operation)
    .default({})
    .describe(
      'Your own SQL, by the operation name that scenarios use, in addition to insert, select-device and select-range.',
    ),
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
