import type { LevelOutcome, Purpose, SearchedLevel } from '../../stats/search/search-result.ts';
import type { MaxSearch } from '../../verdict/capacity/max-search.ts';
import { renderMessage } from '../../verdict/messages/message.ts';
import { formatMs, formatNumber, formatRate } from '../../verdict/quantity.ts';

/** What came of a level of a search, and what it does next, as an event. */
export function levelSentence(judged: SearchedLevel, { of, step }: Pick<MaxSearch, 'of' | 'step'>): string {
  const { level, purpose, outcome, perSecond, p95Us, reasons } = judged;
  const shown = (value: number) => (of === 'vus' ? `${formatNumber(value)} virtual users` : `${formatRate(value)}/s`);
  const [reason] = reasons.map((message) => renderMessage(message, 'en'));
  const figures = `${formatRate(perSecond)}/s, p95 ${formatMs(p95Us)} ms`;
  const what = purpose === 'recover' ? `back at ${shown(level)}` : shown(level);
  const next = step.kind === 'done' ? 'the search is over' : `next: ${shown(step.level)}${NEXT[step.purpose]}`;
  return `${what} ${WORDS[purpose][outcome]} (${figures})${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}; ${next}`;
}

const NEXT = { search: '', recover: ', until the target is itself again', confirm: ', to confirm it' } as const;
const WORDS: Readonly<Record<Purpose, Readonly<Record<LevelOutcome, string>>>> = {
  search: { holds: 'holds', breaks: 'breaks', unclear: 'cannot be judged', 'cut-short': 'was cut short' },
  recover: {
    holds: 'the target is itself again',
    breaks: 'the target does not recover',
    unclear: 'cannot be judged',
    'cut-short': 'was cut short',
  },
  confirm: { holds: 'is confirmed', breaks: 'breaks', unclear: 'cannot be judged', 'cut-short': 'was cut short' },
};
