import type { SearchResult } from '../../stats/search/search-result.ts';
import { type Finding, finding } from './finding.ts';

/**
 * Whether the generator kept up with a search. That is asked of each level, because a search may go beyond what the generator can
 * offer as it goes beyond what the target takes; only a search without any level that could be judged says nothing.
 */
export function levelsJudged({ levels: held }: SearchResult): Finding {
  const name = 'levels-judged';
  const levels = held.filter(({ outcome }) => outcome !== 'cut-short');
  const unclear = levels.filter(({ outcome }) => outcome === 'unclear').length;
  const params = { levels: levels.length, unclear };
  if (levels.length === unclear) return finding(name, false, 'fail', params);
  return finding(name, true, unclear === 0 ? 'ok' : 'some', params);
}
