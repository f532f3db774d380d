import { wantedLevel } from '../../plan/load/load-change.ts';
import { isLive, takesArrivals } from '../../plan/load/load-model.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import type { RunResult } from '../../stats/result.ts';
import type { SearchResult } from '../../stats/search/search-result.ts';
import { merged } from '../distribution.ts';
import { least, measuredSeconds, most } from '../measured.ts';
import { EMPTY_TALLY, type Tally } from '../tally.ts';

/** How the target behaved at one level of load. */
export interface Level {
  /** Virtual users, or arrivals per second. */
  readonly load: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly errorShare: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  /** What criteria on all operations are judged by. */
  readonly tally: Tally;
}

export interface Levels {
  readonly of: 'vus' | 'rate';
  /** From the lowest to the highest. */
  readonly levels: readonly Level[];
}

/** A level that is held for a shorter time says little. */
const MIN_SECONDS = 4;
/** The number of levels that a ramp without steps is cut into. */
const BINS = 5;

/**
 * The levels of load that a run went through, with the figures of each: the steps that it held, or, for a ramp without
 * steps, five equal parts of its range. Percentiles are of all samples of the level, merged. There are no levels where the
 * load is not a single figure.
 */
export function levelsOf(result: RunResult, plan: ParsedPlan): Levels {
  if (result.search !== undefined) return searchedLevels(result, result.search);
  const loads = loadBySecond(result, plan);
  if (loads === undefined) return { of: 'vus', levels: [] };
  const { load, of } = loads;
  const seconds = measuredSeconds(result);
  const steps = heldSteps(load, seconds);
  const groups = steps.length > 2 ? steps : equalParts(load, seconds);
  return { of, levels: groups.map((group) => levelOf(result, load, group)).sort((a, b) => a.load - b.load) };
}

/**
 * What was asked for in each second of the run: virtual users, or arrivals a second.
 * @returns undefined where no one figure is the load: virtual users and arrivals side by side, of which the busy users follow the
 *   target's answers, and shapes of arrivals, whose rate the result does not hold
 */
export function loadBySecond(
  result: RunResult,
  plan: ParsedPlan,
): { readonly load: readonly number[]; readonly of: Levels['of'] } | undefined {
  if (result.search !== undefined) return { load: searchedLoad(result, result.search), of: result.search.of };
  const scenarios = Object.values(plan.scenarios);
  if (!scenarios.some(takesArrivals)) return { load: result.timeline.vus, of: 'vus' };
  if (!scenarios.every((scenario) => takesArrivals(scenario) && !isLive(scenario))) return undefined;
  const load = result.timeline.vus.map((_, second) =>
    scenarios.reduce((sum, _, i) => sum + wantedLevel(plan, i, result.loadChanges, (second + 0.5) * 1e6), 0),
  );
  return { load, of: 'rate' };
}

/** The level of each second of a search: each is held until the next one begins, a moment after it could be judged. */
function searchedLoad({ timeline }: RunResult, { levels }: SearchResult): number[] {
  return timeline.vus.map((_, second) => {
    return levels.findLast(({ fromSecond }) => fromSecond <= second)?.level ?? 0;
  });
}

/** The levels of a search that say something of the target, each without its first second; a level that was held twice is one. */
function searchedLevels(result: RunResult, search: SearchResult): Levels {
  const judged = search.levels.filter(({ purpose, outcome }) => purpose !== 'recover' && outcome !== 'unclear');
  const groups = [...Map.groupBy(judged, ({ level }) => level).values()].map((held) =>
    held.flatMap(({ fromSecond, toSecond }) => range(fromSecond + 1, Math.min(toSecond, result.timeline.vus.length))),
  );
  const load = searchedLoad(result, search);
  const levels = groups.filter((group) => group.length >= MIN_SECONDS).map((group) => levelOf(result, load, group));
  return { of: search.of, levels: levels.sort((a, b) => a.load - b.load) };
}

function range(from: number, until: number): number[] {
  return Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i);
}

/** Stretches of seconds with the same load, each without its first second, in which the load may still have changed. */
function heldSteps(load: readonly number[], seconds: readonly number[]): number[][] {
  const steps = new Map<number, number[]>();
  let held: number[] = [];
  const close = () => {
    const settled = held.slice(1);
    const level = Math.round(load[settled[0] ?? 0] ?? 0);
    if (settled.length >= MIN_SECONDS && level > 0) steps.set(level, [...(steps.get(level) ?? []), ...settled]);
  };
  for (const second of seconds) {
    const first = held[0];
    if (first !== undefined && Math.abs((load[second] ?? 0) - (load[first] ?? 0)) >= 0.5) {
      close();
      held = [];
    }
    held.push(second);
  }
  close();
  return [...steps.values()];
}

function equalParts(load: readonly number[], seconds: readonly number[]): number[][] {
  const levels = seconds.map((second) => load[second] ?? 0);
  const lowest = least(levels);
  const highest = most(levels);
  if (seconds.length < BINS * MIN_SECONDS || highest < 2 * Math.max(1, lowest)) return [];
  const parts = Array.from({ length: BINS }, (): number[] => []);
  for (const second of seconds) {
    const part = Math.floor((BINS * ((load[second] ?? 0) - lowest)) / (highest - lowest));
    parts[Math.min(BINS - 1, part)]?.push(second);
  }
  return parts.filter((part) => part.length >= MIN_SECONDS);
}

function levelOf({ timeline }: RunResult, load: readonly number[], seconds: readonly number[]): Level {
  const sum = (column: readonly number[]) => seconds.reduce((total, second) => total + (column[second] ?? 0), 0);
  const requests = sum(timeline.all.requests);
  const errors = sum(timeline.all.errors);
  const responseTime = merged(seconds.flatMap((second) => timeline.responseTimes[second] ?? []));
  const dropped = sum(timeline.droppedArrivals);
  return {
    load: Math.round(sum(load) / seconds.length),
    seconds: seconds.length,
    perSecond: requests / seconds.length,
    errorShare: requests === 0 ? 0 : errors / requests,
    p50Us: responseTime.valueAtQuantileUs(0.5),
    p95Us: responseTime.valueAtQuantileUs(0.95),
    p99Us: responseTime.valueAtQuantileUs(0.99),
    tally: {
      ...EMPTY_TALLY,
      durationUs: seconds.length * 1e6,
      requests,
      errors,
      dropped,
      durations: [responseTime.encoded],
    },
  };
}
