import type { SearchedLevel, SearchResult } from '../../stats/search/search-result.ts';
import { boundsOf } from './search.ts';

/** What a search found. */
export type Answer =
  /** The target takes this, and not the level at which it broke. */
  | {
      readonly kind: 'found';
      readonly held: SearchedLevel;
      readonly isConfirmed: boolean;
      readonly broke: SearchedLevel;
    }
  /** It takes at least this. */
  | { readonly kind: 'least'; readonly held: SearchedLevel; readonly isConfirmed: boolean; readonly because: Because }
  /** It broke at the lowest level. */
  | { readonly kind: 'never'; readonly broke: SearchedLevel }
  /** No level could be judged. */
  | { readonly kind: 'unknown'; readonly because: Because };

/**
 * Why nothing higher was found: the generator was full, its host was too busy, no higher level was to be tried, the run ended first,
 * an agent was lost with its share of the load, or the target did not recover from a level that broke it.
 */
export type Because = 'generator' | 'host' | 'range' | 'end' | 'agent' | 'broken';

export function answerOf(search: SearchResult): Answer {
  const { levels, isComplete } = search;
  const { floor, ceiling, isConfirmed, isBroken } = boundsOf(levels);
  const tried = levels.filter(({ purpose }) => purpose !== 'recover');
  const broke = tried.find(({ level, outcome }) => level === ceiling?.level && outcome === 'breaks');
  const because = becauseOf(search);
  if (floor === undefined) return broke === undefined ? { kind: 'unknown', because } : { kind: 'never', broke };
  const ofFloor = tried.filter(({ level, outcome }) => level === floor && outcome === 'holds');
  // What was held for longest says most.
  const held = ofFloor.find(({ purpose }) => purpose === 'confirm') ?? (ofFloor[0] as SearchedLevel);
  if (isComplete && !isBroken && broke !== undefined) return { kind: 'found', held, isConfirmed, broke };
  return { kind: 'least', held, isConfirmed, because };
}

/** Reasons of unclear levels that are no lack of the generator's own. */
const OF_HOST: readonly string[] = ['level.stalled', 'level.starved'];

function becauseOf({ levels, isComplete }: SearchResult): Because {
  const { ceiling, isBroken } = boundsOf(levels);
  if (isBroken) return 'broken';
  if (!isComplete) return levels.at(-1)?.reasons.some(({ id }) => id === 'level.partial') ? 'agent' : 'end';
  if (ceiling === undefined) return 'range';
  const unclear = levels.findLast(({ level, outcome }) => outcome === 'unclear' && level === ceiling.level);
  return unclear?.reasons.some(({ id }) => OF_HOST.includes(id)) ? 'host' : 'generator';
}

/** The level after which the target did not hold any more less than it had held before, and how it did then. */
export function notRecovered({ levels }: SearchResult): { broke: SearchedLevel; after: SearchedLevel } | undefined {
  const at = levels.findIndex(({ purpose, outcome }) => purpose === 'recover' && outcome === 'breaks');
  const [broke, after] = [levels[at - 1], levels[at]];
  return broke && after && { broke, after };
}
