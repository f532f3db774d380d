import type { RunResult } from '../../core/stats/result.ts';
import type { SearchResult } from '../../core/stats/search/search-result.ts';
import { answerOf } from '../../core/verdict/capacity/answer.ts';
import { mostVus } from '../../core/verdict/measured.ts';
import type { Lang } from '../../core/verdict/messages/message.ts';
import { formatCount, formatMs, formatRate, formatShare, formatSpan } from '../../core/verdict/quantity.ts';
import { measuredRate } from '../../core/verdict/rate.ts';
import type { Labels } from '../labels/labels.ts';
import type { ResultRow } from './rows.ts';
import type { Tone } from './table.ts';

/** One figure that is read before anything else. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  /** What helps to read the value, such as the count behind a share. */
  readonly note: string;
  readonly tone?: Tone;
}

/** What the search found, in place of figures over loads of all sizes. */
function searchTiles(search: SearchResult, total: ResultRow, labels: Labels): Tile[] {
  const answer = answerOf(search);
  const shown = (level: number) =>
    search.of === 'vus' ? `${formatCount(level)} ${labels['column.users']}` : `${formatRate(level)}/s`;
  const takes =
    'held' in answer
      ? {
          value: `${answer.kind === 'least' ? '≥ ' : ''}${formatRate(answer.held.perSecond)}/s`,
          note: `p95 ${formatMs(answer.held.p95Us)} ms, ${labels[answer.isConfirmed ? 'word.confirmed' : 'word.notConfirmed']}`,
        }
      : { value: '–', note: '' };
  const broke = 'broke' in answer ? answer.broke : undefined;
  const { requests, errors } = total.measured;
  return [
    { label: labels['fact.takes'], ...takes, tone: 'held' in answer ? 'good' : 'bad' },
    {
      label: labels['fact.breaksAt'],
      value: broke === undefined ? '–' : shown(broke.level),
      note: broke === undefined ? '' : `p95 ${formatMs(broke.p95Us)} ms`,
    },
    {
      label: labels['chart.requests'].replace(/\/s$/, ''),
      value: formatCount(requests),
      note: `${formatCount(errors)} ${labels['section.errors']}`,
    },
  ];
}

/** The figures of the measured phase, all operations together. */
export function tiles(result: RunResult, rows: readonly ResultRow[], labels: Labels, lang: Lang): Tile[] {
  const total = rows.find(({ isTotal }) => isTotal);
  if (total === undefined) return [];
  if (result.search !== undefined) return searchTiles(result.search, total, labels);
  const { requests, errors, responseTime } = total.measured;
  const milliseconds = (quantile: number) =>
    responseTime.count === 0 ? '–' : `${formatMs(responseTime.valueAtQuantileUs(quantile))} ms`;
  return [
    {
      label: labels['chart.requests'],
      value: formatRate(measuredRate(result, total.measured, [result.timeline.all]).perSecond),
      note: `${formatCount(requests)} ${labels['word.requests']}`,
    },
    {
      label: `p95 ${labels['chart.response'].toLowerCase()}`,
      value: milliseconds(0.95),
      note: `${labels['column.median']} ${milliseconds(0.5)}`,
    },
    {
      label: labels['section.errors'],
      value: requests === 0 ? '–' : formatShare(errors / requests),
      note: formatCount(errors),
      tone: errors > 0 ? 'bad' : 'good',
    },
    {
      label: labels['chart.users'],
      value: formatCount(mostVus(result)),
      note: `${labels['fact.measured']}${labels['word.colon']}${formatSpan(result.measuredUs, lang)}`,
    },
  ];
}
