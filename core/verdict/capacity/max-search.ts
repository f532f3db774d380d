import type { SearchedLevel, SearchResult } from '../../stats/search/search-result.ts';
import type { SettledSecond } from '../../stats/second.ts';
import type { LevelCriteria } from './level-criteria.ts';
import { CHANGING_SECONDS, type LevelReading, LevelWatch } from './level-watch.ts';
import { nextStep, type SearchRange, type SearchStep } from './search.ts';

export interface SearchSettings {
  readonly scenario: string;
  readonly range: SearchRange;
  readonly criteria: LevelCriteria;
  /** The longest that a level is held to settle. */
  readonly levelSeconds: number;
  /** How long the answer is held. */
  readonly confirmSeconds: number;
  /** The run's second in which the first level begins, after the warm-up. */
  readonly firstSecond: number;
  /** Whether there is no target, and the generator itself is measured. */
  readonly isOfGenerator: boolean;
}

/** Throughput and p95 of fewer seconds say little, however steady they are. */
const MIN_SECONDS = 10;

/**
 * The search of one run for the greatest load that its target takes. It is asked for the load of each second ahead of time, and told
 * what was measured as soon as a second is settled; when a level can be judged, the next one begins with the next second that it is
 * asked for.
 */
export class MaxSearch {
  readonly #settings: SearchSettings;
  readonly #levels: SearchedLevel[];
  #step: SearchStep;
  /** The first second of the level that is held now; undefined until somebody asks for its load. */
  #fromSecond: number | undefined;
  #lastSecond = -1;
  #notBefore = 0;
  #watch: LevelWatch | undefined;

  /** @param levels those that another control process has seen to their end; the one that it was at is held anew */
  constructor(settings: SearchSettings, levels: readonly SearchedLevel[] = []) {
    this.#settings = settings;
    this.#levels = [...levels];
    this.#step = nextStep(settings.range, levels);
  }

  /** Those that could be judged, in order. */
  get levels(): readonly SearchedLevel[] {
    return this.#levels;
  }

  get of(): SearchRange['of'] {
    return this.#settings.range.of;
  }

  /** What is held now. */
  get step(): SearchStep {
    return this.#step;
  }

  /** The load of a second. @param second since the end of the warm-up; must not fall. @returns undefined when the search is over */
  levelAt(second: number): number | undefined {
    if (this.#step.kind === 'done') return undefined;
    this.#fromSecond ??= Math.max(this.#notBefore, second + this.#settings.firstSecond);
    return this.#step.level;
  }

  /** What was measured before this second of the run does not count for the level that is held now. */
  resumeAt(second: number): void {
    this.#notBefore = second;
  }

  /**
   * Takes the next settled second.
   * @param isPartial whether a part of its load is not known to have been offered, because an agent was lost
   * @returns the level that can be judged with it
   */
  observe(settled: SettledSecond, isPartial = false): SearchedLevel | undefined {
    const step = this.#step;
    const fromSecond = this.#fromSecond;
    if (step.kind === 'done' || fromSecond === undefined || settled.second < fromSecond) return undefined;
    this.#watch ??= this.#watchOf(step);
    this.#lastSecond = settled.second;
    const reading = this.#watch.add(settled, isPartial);
    if (reading === undefined) return undefined;
    const level = levelOf(step, fromSecond, settled.second, reading);
    this.#levels.push(level);
    this.#step = nextStep(this.#settings.range, this.#levels);
    this.#fromSecond = undefined;
    this.#watch = undefined;
    return level;
  }

  /** What came of it; of a level that is cut short, only that it was held. */
  result(): SearchResult {
    const { scenario, range, criteria } = this.#settings;
    const isComplete = this.#step.kind === 'done' && this.#levels.at(-1)?.outcome !== 'cut-short';
    return {
      scenario,
      of: range.of,
      criteria: criteria.all.map(({ criterion }) => criterion.text),
      levels: [...this.#levels, ...this.#cutShort()],
      isComplete,
    };
  }

  #cutShort(): SearchedLevel[] {
    const reading = this.#watch?.soFar();
    if (this.#step.kind === 'done' || this.#fromSecond === undefined || reading === undefined) return [];
    const cut = { ...reading, outcome: 'cut-short' as const, reasons: [] };
    return [levelOf(this.#step, this.#fromSecond, this.#lastSecond, cut)];
  }

  #watchOf({ level, purpose }: Extract<SearchStep, { kind: 'try' }>): LevelWatch {
    const { range, criteria, levelSeconds, confirmSeconds, isOfGenerator } = this.#settings;
    const longest = Math.max(MIN_SECONDS, levelSeconds);
    const seconds =
      purpose === 'confirm'
        ? { leastSeconds: confirmSeconds + CHANGING_SECONDS, mostSeconds: confirmSeconds + CHANGING_SECONDS }
        : { leastSeconds: MIN_SECONDS, mostSeconds: longest };
    return new LevelWatch({ of: range.of, level, purpose, isOfGenerator, ...seconds }, criteria);
  }
}

function levelOf(
  { level, purpose }: Extract<SearchStep, { kind: 'try' }>,
  fromSecond: number,
  lastSecond: number,
  reading: LevelReading,
): SearchedLevel {
  return { level, purpose, fromSecond, toSecond: lastSecond + 1, ...reading };
}
