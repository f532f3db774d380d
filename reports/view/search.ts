import type { RunResult } from '../../core/stats/result.ts';
import type { SearchedLevel } from '../../core/stats/search/search-result.ts';
import { type Lang, renderMessage } from '../../core/verdict/messages/message.ts';
import { formatSpan } from '../../core/verdict/quantity.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from './section.ts';
import { type Cell, clockTime, count, left, ms, NOTHING, rate, right, share, type Tone, text } from './table.ts';

const TONES: Readonly<Record<SearchedLevel['outcome'], Tone>> = {
  holds: 'good',
  breaks: 'bad',
  unclear: 'warn',
  'cut-short': 'muted',
};

/** The levels of a search in the order in which they were held; undefined where nothing was searched. */
export function search({ search: found }: RunResult, labels: Labels, lang: Lang): Section | undefined {
  if (found === undefined) return undefined;
  return {
    id: 'search',
    title: labels['section.search'],
    note: labels['section.search.note'],
    table: {
      columns: [
        left(labels['column.time']),
        right(labels[found.of === 'vus' ? 'column.users' : 'column.offered']),
        left(labels['column.outcome']),
        right(labels['column.requestsPerSecond']),
        right(labels['column.median']),
        right(labels['column.p95']),
        right(labels['column.p99']),
        right(labels['column.failureShare']),
        right(labels['column.judgedTime']),
        left(labels['column.reason']),
      ],
      rows: found.levels.map((level) => rowOf(level, found.of, labels, lang)),
    },
  };
}

function rowOf(searched: SearchedLevel, of: 'vus' | 'rate', labels: Labels, lang: Lang): Cell[] {
  const {
    fromSecond,
    level,
    purpose,
    outcome,
    perSecond,
    p50Us,
    p95Us,
    p99Us,
    errorShare,
    seconds,
    isSettled,
    reasons,
  } = searched;
  const [reason] = reasons;
  const purposeWord = purpose === 'search' ? '' : ` (${labels[`word.${purpose}`]})`;
  return [
    clockTime(fromSecond),
    of === 'vus' ? count(level) : rate(level),
    text(`${labels[`word.${outcome}`]}${purposeWord}`, TONES[outcome]),
    rate(perSecond),
    ms(p50Us),
    ms(p95Us),
    ms(p99Us),
    share(errorShare, errorShare > 0 ? 'bad' : undefined),
    { text: `${formatSpan(seconds * 1e6, lang)}${isSettled ? '' : ` (${labels['word.unsettled']})`}`, order: seconds },
    reason === undefined ? NOTHING : text(renderMessage(reason, lang)),
  ];
}
