import type { LevelOutcome, Purpose, SearchedLevel } from '../../stats/search/search-result.ts';

/** Where the greatest load that a target takes is searched. Levels are virtual users, or arrivals per second. */
export interface SearchRange {
  readonly of: 'vus' | 'rate';
  /** The first level. */
  readonly from: number;
  /** No level is higher. */
  readonly to: number;
  /** The greatest share by which the lowest level that breaks may lie above the answer, above 0. */
  readonly precision: number;
}

export type TriedLevel = Pick<SearchedLevel, 'level' | 'purpose' | 'outcome' | 'isOverloaded'>;

export type SearchStep =
  | { readonly kind: 'try'; readonly level: number; readonly purpose: Purpose }
  /** There is nothing more to try; {@link boundsOf} says what came of it. */
  | { readonly kind: 'done' };

/** What the levels that were tried say of the limit. */
export interface Bounds {
  /** The highest level that holds, below {@link ceiling}; undefined when none does. */
  readonly floor: number | undefined;
  /** The lowest level that does not hold; undefined when all do. */
  readonly ceiling: { readonly level: number; readonly by: 'target' | 'generator' } | undefined;
  /** Whether the floor held for as long as a confirmation lasts. */
  readonly isConfirmed: boolean;
  /** After a level that broke it, the target did not even hold half of the floor any more. */
  readonly isBroken: boolean;
}

/**
 * A generator that could not offer a level may only have been disturbed, and so may a target that answered all that was offered, only
 * late: such a level is tried this often.
 */
const ATTEMPTS = 2;

export function boundsOf(tried: readonly TriedLevel[]): Bounds {
  const judged = tried.filter(({ purpose }) => purpose !== 'recover');
  const levelsThat = (outcome: LevelOutcome) =>
    judged.filter((one) => one.outcome === outcome).map(({ level }) => level);
  const often = (outcome: LevelOutcome) => {
    const times = Map.groupBy(levelsThat(outcome), (level) => level);
    return [...times].filter(([, { length }]) => length >= ATTEMPTS).map(([level]) => level);
  };
  const sure = judged
    .filter(({ outcome, isOverloaded }) => outcome === 'breaks' && isOverloaded)
    .map(({ level }) => level);
  const breaking = Math.min(...sure, ...often('breaks'));
  const full = Math.min(...often('unclear'));
  const lowest = Math.min(breaking, full);
  const floor = Math.max(...levelsThat('holds').filter((level) => level < lowest));
  const isConfirmed = judged.some((one) => one.purpose === 'confirm' && one.outcome === 'holds' && one.level === floor);
  return {
    floor: Number.isFinite(floor) ? floor : undefined,
    ceiling: Number.isFinite(lowest) ? { level: lowest, by: breaking <= full ? 'target' : 'generator' } : undefined,
    isConfirmed,
    isBroken: tried.some(({ purpose, outcome }) => purpose === 'recover' && outcome === 'breaks'),
  };
}

/**
 * What a search does next: it doubles the level until one does not hold, halves what is left between that and the highest that
 * holds until they are close enough, and then holds the answer for longer. After each level that broke the target, it goes back to
 * half of what held until the target is itself again.
 *
 * @param tried in the order in which it happened
 */
export function nextStep(range: SearchRange, tried: readonly TriedLevel[]): SearchStep {
  const last = tried.at(-1);
  const { floor, ceiling, isConfirmed, isBroken } = boundsOf(tried);
  if (last === undefined) return { kind: 'try', level: range.from, purpose: 'search' };
  if (isBroken || last.outcome === 'cut-short') return { kind: 'done' };
  const doubtful = doubtfulLevel(tried);
  const isRested = last.outcome !== 'breaks' || floor === undefined;
  if (doubtful !== undefined && isRested) return { kind: 'try', level: doubtful.level, purpose: doubtful.purpose };
  if (floor === undefined) return { kind: 'done' };
  if (last.outcome === 'breaks') return { kind: 'try', level: restingLevel(range, floor), purpose: 'recover' };
  const next = ceiling === undefined ? Math.min(2 * floor, range.to) : between(range, floor, ceiling.level);
  if (next > floor) return { kind: 'try', level: next, purpose: 'search' };
  return isConfirmed ? { kind: 'done' } : { kind: 'try', level: floor, purpose: 'confirm' };
}

/** The level that was tried last, if it has to be tried again before anything is made of it. */
function doubtfulLevel(tried: readonly TriedLevel[]): TriedLevel | undefined {
  const last = tried.findLast(({ purpose }) => purpose !== 'recover');
  if (last === undefined || last.outcome === 'holds' || (last.outcome === 'breaks' && last.isOverloaded))
    return undefined;
  const times = tried.filter(
    (one) => one.purpose !== 'recover' && one.level === last.level && one.outcome === last.outcome,
  );
  return times.length < ATTEMPTS ? last : undefined;
}

/** At its very limit, a target would never work off what has piled up. */
function restingLevel({ of }: SearchRange, floor: number): number {
  return of === 'vus' ? Math.max(1, Math.floor(floor / 2)) : floor / 2;
}

/** A level between the two, half way on a scale of ratios; the floor where they are close enough. */
function between({ of, precision }: SearchRange, floor: number, ceiling: number): number {
  if (ceiling <= floor * (1 + precision)) return floor;
  const middle = Math.sqrt(floor * ceiling);
  const rounded = of === 'vus' ? Math.round(middle) : Number(middle.toPrecision(3));
  if (rounded > floor && rounded < ceiling) return rounded;
  return of === 'vus' ? floor : middle;
}
