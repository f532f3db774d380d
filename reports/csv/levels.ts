import type { SearchResult } from '../../core/stats/search/search-result.ts';
import { renderMessage } from '../../core/verdict/messages/message.ts';
import { type CsvField, csvMs, csvText } from './write.ts';

const COLUMNS: readonly string[] = [
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
export function levelRows({ of, levels }: SearchResult): CsvField[][] {
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
  return [[...COLUMNS], ...rows];
}
