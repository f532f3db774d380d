import type { RunResult } from '../../core/stats/result.ts';
import { mostVus, perSecond } from '../../core/verdict/measured.ts';
import type { Lang } from '../../core/verdict/messages/message.ts';
import { formatCount, formatMs, formatRate, formatShare, formatSpan } from '../../core/verdict/quantity.ts';
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

/** The figures of the measured phase, all operations together. */
export function tiles(result: RunResult, rows: readonly ResultRow[], labels: Labels, lang: Lang): Tile[] {
  const total = rows.find(({ isTotal }) => isTotal);
  if (total === undefined) return [];
  const { requests, errors, responseTime } = total.measured;
  const milliseconds = (quantile: number) =>
    responseTime.count === 0 ? '–' : `${formatMs(responseTime.valueAtQuantileUs(quantile))} ms`;
  return [
    {
      label: labels['chart.requests'],
      value: formatRate(perSecond(result, requests)).replace(/\/s$/, ''),
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
      note: `${labels['fact.measured']}: ${formatSpan(result.measuredUs, lang)}`,
    },
  ];
}
