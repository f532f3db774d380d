import { parsePlan } from '../../plan/parse.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import type { RunResult } from '../../stats/result.ts';
import type { SearchedLevel, SearchResult } from '../../stats/search/search-result.ts';
import type { Message } from '../../text/message.ts';
import { type Answer, answerOf, type Because, notRecovered } from '../capacity/answer.ts';
import { machinesMessage } from './capacity.ts';

/** {@link searchMessages} of a result; none where nothing was searched. */
export function searchConclusion({ search, plan }: RunResult): Message[] {
  return search === undefined ? [] : searchMessages(search, parsePlan(plan));
}

/** What a search found: the answer, where the target breaks and why, what kept the search from more, and the machines for a need. */
export function searchMessages(search: SearchResult, { capacity: need }: Pick<ParsedPlan, 'capacity'>): Message[] {
  const { of } = search;
  const answer = answerOf(search);
  const held = answer.kind === 'found' || answer.kind === 'least' ? answer.held : undefined;
  const machines =
    need === undefined || held === undefined ? [] : [machinesMessage(need, held.perSecond, answer.kind === 'least')];
  return [answerMessage(answer, search), ...evidence(answer, search), ...recovery(search, of), ...machines];
}

function answerMessage(answer: Answer, { of, criteria }: SearchResult): Message {
  if (answer.kind === 'unknown') return { id: 'search.unknown', params: {} };
  const shown = [...criteria];
  if (answer.kind === 'never')
    return { id: `search.never-${of}`, params: { criteria: shown, level: answer.broke.level } };
  const { level, perSecond, p95Us, seconds } = answer.held;
  const params = { criteria: shown, level, perSecond, p95Us, heldUs: seconds * 1e6 };
  if (answer.kind === 'least') return { id: `search.least-${of}`, params };
  return { id: `search.found-${of}${answer.isConfirmed ? '-confirmed' : ''}`, params };
}

/** Why the answer is no higher. A reason is a sentence of its own after the level that it is about. */
function evidence(answer: Answer, { of, levels }: SearchResult): Message[] {
  const of1 = (kind: 'broke' | 'full' | 'busy', { level, reasons }: SearchedLevel): Message[] => [
    { id: `search.${kind}-${of}`, params: { level } },
    ...reasons.slice(0, 1),
  ];
  const unclear = (because: Because, above: number): Message[] => {
    const found = levels.findLast(({ outcome, level }) => outcome === 'unclear' && level > above);
    if (found === undefined || !['generator', 'host'].includes(because)) return [];
    return of1(because === 'host' ? 'busy' : 'full', found);
  };
  switch (answer.kind) {
    case 'found':
    case 'never':
      return of1('broke', answer.broke);
    case 'unknown': {
      const because = ['host', 'agent'].includes(answer.because);
      return [
        ...(because ? [{ id: `search.because-${answer.because}`, params: {} }] : []),
        ...unclear(answer.because, 0),
      ];
    }
    case 'least':
      return [{ id: `search.because-${answer.because}`, params: {} }, ...unclear(answer.because, answer.held.level)];
  }
}

function recovery(search: SearchResult, of: SearchResult['of']): Message[] {
  const found = notRecovered(search);
  if (found === undefined) return [];
  const { broke, after } = found;
  const { perSecond, p95Us, errorShare, fromSecond, toSecond } = after;
  const heldUs = (toSecond - fromSecond) * 1e6;
  const params = { level: broke.level, after: after.level, perSecond, p95Us, errorShare, heldUs };
  return [{ id: `search.not-recovered-${of}`, params }];
}
