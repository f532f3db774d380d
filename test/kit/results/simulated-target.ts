import { parsePlan } from '../../../core/plan/parse.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { Histogram } from '../../../core/stats/histogram.ts';
import type { SettledSecond } from '../../../core/stats/second.ts';
import { type LevelCriteria, levelCriteriaOf } from '../../../core/verdict/capacity/level-criteria.ts';
import { MaxSearch, type SearchSettings } from '../../../core/verdict/capacity/max-search.ts';

export function searchPlan(scenario: Record<string, unknown> = {}, plan: Partial<PlanInput> = {}): PlanInput {
  const operations = [{ driver: 'http', name: 'get' }];
  const main = { executor: 'find-max' as const, until: ['p95 < 100ms'], operations, ...scenario };
  return { name: 'Search', target: 'http://127.0.0.1:1', scenarios: { main }, ...plan } as PlanInput;
}

export function criteriaOf(input: PlanInput = searchPlan()): LevelCriteria {
  const rows = [{ index: 0, name: 'get', scenarioName: 'main', tags: {} }];
  return levelCriteriaOf(parsePlan(input), rows) as LevelCriteria;
}

/** What is unusual in a second. */
export interface Unusual extends Partial<SettledSecond> {
  /** The generator sends so late. */
  readonly lateUs?: number;
  /** The target answers so much later. */
  readonly slowUs?: number;
  /** A part of the load is not known to have been offered. */
  readonly isPartial?: boolean;
}

/** A target with one queue, and the generator that loads it. */
export class SimulatedTarget {
  /** Requests per second. */
  readonly capacity: number;
  readonly #maxVus: number;
  #backlog = 0;
  #second = 0;

  constructor(capacity: number, maxVus = 300) {
    this.capacity = capacity;
    this.#maxVus = maxVus;
  }

  /** One second with so many arrivals. */
  second(level: number, more: Unusual = {}): SettledSecond {
    const { lateUs = 0, slowUs = 0, isPartial: _, ...unusual } = more;
    const before = this.#backlog;
    const answered = Math.min(this.capacity, before + level);
    const waiting = before + level - answered;
    const dropped = Math.max(0, waiting - this.#maxVus);
    this.#backlog = waiting - dropped;
    const [responseTime, serviceTime] = [new Histogram(), new Histogram()];
    for (let i = 0; i < Math.round(answered); i++) {
      const queued = before + ((this.#backlog - before) * i) / Math.max(1, answered);
      const us = Math.round(5000 + (i % 10) * 50 + (queued / this.capacity) * 1e6) + slowUs;
      responseTime.record(us + lateUs);
      serviceTime.record(us);
    }
    return {
      second: this.#second++,
      operations: [
        {
          operation: 0,
          phase: 'measure',
          requests: responseTime.count,
          errors: 0,
          timeouts: 0,
          responseTime: responseTime.encode(),
          serviceTime: serviceTime.encode(),
        },
      ],
      timings: [],
      vus: Math.ceil(this.#backlog) + 5,
      droppedArrivals: Math.round(dropped),
      loopLagUs: 3000,
      agentCpuCores: 0.2,
      cpuWaitShare: 0,
      monitors: {},
      ...unusual,
    };
  }
}

export const SETTINGS: SearchSettings = {
  scenario: 'main',
  range: { of: 'rate', from: 100, to: 100_000, precision: 0.05 },
  criteria: criteriaOf(),
  levelSeconds: 30,
  confirmSeconds: 20,
  firstSecond: 0,
  isOfGenerator: false,
};

/** How far behind the load control hears of it. */
const SETTLED_BEHIND = 2;

/** Searches second by second, as control does: a level is asked for before what came before it is known. */
export function runSearch(
  target: SimulatedTarget,
  settings: Partial<SearchSettings> = {},
  more: (second: number, level: number) => Unusual = () => ({}),
): { search: MaxSearch; seconds: number } {
  const search = new MaxSearch({ ...SETTINGS, ...settings });
  const behind: { readonly settled: SettledSecond; readonly isPartial: boolean }[] = [];
  for (let second = 0; second < 3600; second++) {
    const level = search.levelAt(second);
    if (level === undefined) return { search, seconds: second };
    const unusual = more(second, level);
    behind.push({ settled: target.second(level, unusual), isPartial: unusual.isPartial === true });
    const [first] = behind;
    if (first === undefined || behind.length <= SETTLED_BEHIND) continue;
    behind.shift();
    search.observe(first.settled, first.isPartial);
  }
  throw new Error('the search does not end');
}
