import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { defineReport } from '../core/plugin.ts';
import type { RatioResult } from '../core/stats/result.ts';
import type { SearchResult } from '../core/stats/search/search-result.ts';
import { renderMessage } from '../core/verdict/messages/message.ts';
import { historyRows } from './csv/history.ts';
import { failureRows, statsRows } from './csv/stats.ts';
import { type CsvField, csvMs, csvOf, csvText } from './csv/write.ts';

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
 * (=, +, - or @) gets an apostrophe in front. Of a search there is one more file, with its levels, and one for ratios where a driver
 * counts any.
 */
export default defineReport<z.output<typeof options>>({
  name: 'csv',
  description: "CSV files with Locust's columns: stats, stats_history and failures.",
  options,
  render: (result, { prefix }) => [
    { name: `${prefix}_stats.csv`, content: csvOf(statsRows(result)) },
    { name: `${prefix}_stats_history.csv`, content: csvOf(historyRows(result)) },
    { name: `${prefix}_failures.csv`, content: csvOf(failureRows(result)) },
    ...(result.ratios ? [{ name: `${prefix}_ratios.csv`, content: csvOf(ratioRows(result.ratios)) }] : []),
    ...(result.search ? [{ name: `${prefix}_levels.csv`, content: csvOf(levelRows(result.search)) }] : []),
  ],
});

/** A row for each ratio, of the measured phase. */
function ratioRows(ratios: readonly RatioResult[]): CsvField[][] {
  const rows = ratios.map(({ name, phases: { measure }, voidReason }): CsvField[] => {
    const { hits, of } = measure;
    const ratio = of === 0 || voidReason !== undefined ? '' : hits / of;
    return [csvText(name), hits, of, ratio, csvText(voidReason ?? '')];
  });
  return [['Name', 'Hits', 'Attempts', 'Ratio', 'Void'], ...rows];
}

const LEVEL_COLUMNS: readonly string[] = [
  'Second',
  'Level',
  'Of',
  'Purpose',
  'Outcome',
  'Seconds Judged',
  'Settled',
  'Requests/s',
  'Failure Share',
  'Median Response Time',
  '95%',
  '99%',
  'Reason',
];

/** A row for each level of a search, in the order in which they were held. */
function levelRows({ of, levels }: SearchResult): CsvField[][] {
  const rows = levels.map((level): CsvField[] => [
    level.fromSecond,
    level.level,
    of,
    level.purpose,
    level.outcome,
    level.seconds,
    String(level.isSettled),
    level.perSecond,
    level.errorShare,
    csvMs(level.p50Us),
    csvMs(level.p95Us),
    csvMs(level.p99Us),
    csvText(level.reasons.map((reason) => renderMessage(reason, 'en')).join(' ')),
  ]);
  return [[...LEVEL_COLUMNS], ...rows];
}
