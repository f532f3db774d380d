import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { defineReport } from '../core/plugin.ts';
import { historyRows } from './csv/history.ts';
import { levelRows } from './csv/levels.ts';
import { failureRows, statsRows } from './csv/stats.ts';
import { csvOf } from './csv/write.ts';

const options = object({
  prefix: z
    .string()
    .regex(/^[\w.-]{1,80}$/, { error: 'must be letters, digits, ".", "-" and "_", at most 80' })
    .default('bench')
    .describe('Start of the file names, like the argument of `--csv` in Locust.'),
});

/**
 * The three CSV files of Locust, with exactly its columns, for spreadsheets and scripts that read them. Times are response times
 * in milliseconds; Locust rounds them to two digits, here they are exact to 0.1 %. A name or message that starts like a formula
 * (=, +, - or @) gets an apostrophe in front. Of a search there is a fourth file, with its levels.
 */
export default defineReport<z.output<typeof options>>({
  name: 'csv',
  description: "CSV files with Locust's columns: stats, stats_history and failures.",
  options,
  render: (result, { prefix }) => [
    { name: `${prefix}_stats.csv`, content: csvOf(statsRows(result)) },
    { name: `${prefix}_stats_history.csv`, content: csvOf(historyRows(result)) },
    { name: `${prefix}_failures.csv`, content: csvOf(failureRows(result)) },
    ...(result.search ? [{ name: `${prefix}_levels.csv`, content: csvOf(levelRows(result.search)) }] : []),
  ],
});
