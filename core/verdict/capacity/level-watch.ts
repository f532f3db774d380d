import type { Purpose, SearchedLevel } from '../../stats/search/search-result.ts';
import type { SettledSecond } from '../../stats/second.ts';
import type { Message } from '../../text/message.ts';
import { holds } from '../comparison.ts';
import { merged } from '../distribution.ts';
import { lateExcuse, STALL_US } from '../generator-fault.ts';
import { resultUnit } from '../quantity.ts';
import { addTallies, measure, onlyFailures, type Tally, tallyOfSecond } from '../tally.ts';
import type { LevelCriteria, LevelCriterion } from './level-criteria.ts';
import { isSteady, medianOf } from './trend.ts';

/** A level that is held, and for how long. */
export interface HeldLevel {
  readonly of: 'vus' | 'rate';
  /** Virtual users, or arrivals per second. */
  readonly level: number;
  readonly purpose: Purpose;
  /** A level that is searched is left when it has settled, but not before this. */
  readonly leastSeconds: number;
  /** It is left by then; a confirmation is held for just as long. */
  readonly mostSeconds: number;
  /** The generator itself is what is measured, so that it is full says nothing against it. */
  readonly isOfGenerator: boolean;
}

/** What was measured at a level. */
export type LevelReading = Omit<SearchedLevel, 'level' | 'purpose' | 'fromSecond' | 'toSecond'>;

/** A level that breaks for so many seconds is left at once: the less it is held, the less the target suffers. */
const CLEAR_SECONDS: Readonly<Record<Purpose, number>> = { search: 5, confirm: 10, recover: Number.POSITIVE_INFINITY };
/** A target that meets the criteria for so long is itself again. */
const RECOVERED_SECONDS = 3;
/** A level is judged by no fewer seconds. */
const MIN_JUDGED_SECONDS = 8;
/** Seconds in which the load changes, and what it was is still in the figures. */
export const CHANGING_SECONDS = 1;
/** A drift of the throughput or of the p95 by less than this from beginning to end does not matter, */
const DRIFT = 0.05;
/** nor one of the p95 by less than this. */
const DRIFT_US = 1000;
/** From this share of a core on, the single thread of an agent has no time to spare. */
const FULL_CORES = 0.95;
/** Fewer full seconds in a row are a garbage collection or a compilation. */
const FULL_SECONDS = 3;
/** A target that answers less than this share of the offered rate falls behind. */
const KEPT_UP = 0.97;
/** The standard deviation of a median, in those of a mean: √(π/2), of many values that scatter normally. */
const MEDIAN_SPREAD = Math.sqrt(Math.PI / 2);
/** Requests that were sent this much late tell of the generator. */
const LATE_US = 20_000;

/** From this share of a second on that the generator's thread waits for a processor, what is measured tells of the host. */
const STARVED_SHARE = 0.2;

/**
 * What makes a second say nothing against the target: the generator stood still, had no processor, or did not offer all of the load
 * because an agent was lost.
 */
type Disturbance = 'stalled' | 'starved' | 'partial';

interface WatchedSecond {
  readonly settled: SettledSecond;
  /** What disturbed this second or the one before, whose late requests fall into this one. */
  readonly disturbance: Disturbance | undefined;
}

/**
 * Watches one level, second by second, until it can be judged. Disturbed seconds count for nothing where the level does not hold;
 * where it holds in spite of them, it holds.
 */
export class LevelWatch {
  readonly #held: HeldLevel;
  readonly #criteria: LevelCriteria;
  readonly #seconds: WatchedSecond[] = [];
  #elapsed = 0;
  #lastDisturbance: Disturbance | undefined;

  constructor(held: HeldLevel, criteria: LevelCriteria) {
    this.#held = held;
    this.#criteria = criteria;
  }

  /**
   * Takes the next second of the level.
   * @param isPartial whether a part of its load is not known to have been offered
   * @returns what came of it, once that can be said
   */
  add(settled: SettledSecond, isPartial: boolean): LevelReading | undefined {
    const own = disturbanceOf(settled, isPartial);
    if (this.#elapsed++ >= CHANGING_SECONDS) this.#seconds.push({ settled, disturbance: own ?? this.#lastDisturbance });
    this.#lastDisturbance = own;
    return this.#held.purpose === 'recover' ? this.#recovered() : (this.#clearlyBroken() ?? this.#judged());
  }

  /** What has been measured so far of a level that is cut short; undefined when that is nothing. */
  soFar(): LevelReading | undefined {
    const calm = calmOf(this.#seconds);
    return calm.length === 0 ? undefined : this.#reading(calm);
  }

  #recovered(): LevelReading | undefined {
    const last = calmOf(this.#seconds).slice(-RECOVERED_SECONDS);
    const isOver = this.#elapsed >= this.#held.mostSeconds;
    if (last.length < RECOVERED_SECONDS) return isOver ? this.#unclear(this.#seconds) : undefined;
    if (!last.some((second) => this.#breaks([second])))
      return { ...this.#reading(last), outcome: 'holds', reasons: [] };
    return isOver ? this.#reading(last) : undefined;
  }

  #clearlyBroken(): LevelReading | undefined {
    const wanted = CLEAR_SECONDS[this.#held.purpose];
    const last = this.#seconds.slice(-wanted);
    if (last.length < wanted) return undefined;
    const isClear = last.every(({ settled, disturbance }) => disturbance === undefined && this.#breaks([settled]));
    return isClear ? this.#reading(last.map(({ settled }) => settled)) : undefined;
  }

  #judged(): LevelReading | undefined {
    const { purpose, leastSeconds, mostSeconds } = this.#held;
    const elapsed = this.#elapsed;
    const isOver = elapsed >= mostSeconds;
    if (elapsed < leastSeconds || (purpose === 'confirm' && !isOver)) return undefined;
    const wanted = purpose === 'confirm' ? this.#seconds.length : Math.max(MIN_JUDGED_SECONDS, Math.ceil(elapsed / 2));
    const watched = this.#seconds.slice(-wanted);
    const calm = calmOf(watched);
    const isAtItsEnd = elapsed >= 2 * mostSeconds;
    // The generator may stall just now: what it then reads late must not be the last word on the level.
    const isCalm = isAtItsEnd || watched.at(-1)?.disturbance === undefined;
    const isKnown = isCalm && calm.length >= Math.min(MIN_JUDGED_SECONDS, wanted);
    const judged = isKnown ? calm : watched.map(({ settled }) => settled);
    if (!isOver && !this.#isSettled(judged)) return undefined;
    const reading = this.#reading(judged);
    if (isKnown) return isOver || reading.outcome === 'holds' || this.#isSteadilyBroken(calm) ? reading : undefined;
    const isWhole = watched.every(({ disturbance }) => disturbance !== 'partial');
    if (isWhole && reading.outcome === 'holds') return reading;
    return isAtItsEnd ? this.#unclear(watched) : undefined;
  }

  /** What is said of a level with too few calm seconds. An agent that has been lost for so long is not waited for any longer. */
  #unclear(watched: readonly WatchedSecond[]): LevelReading {
    const disturbances = watched.flatMap(({ disturbance }) => disturbance ?? []);
    const [kind = 'stalled', { length = 0 } = []] =
      [...Map.groupBy(disturbances, (one) => one)].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [];
    const reasons = [{ id: `level.${kind}`, params: { disturbed: length, watched: watched.length } }];
    const figures = this.#figures(watched.map(({ settled }) => settled));
    return { ...figures, outcome: kind === 'partial' ? 'cut-short' : 'unclear', isOverloaded: false, reasons };
  }

  /** A few bad seconds among good ones may be a disturbance: such a level is watched for longer before it is said to break. */
  #isSteadilyBroken(seconds: readonly SettledSecond[]): boolean {
    return seconds.filter((second) => this.#breaks([second])).length > seconds.length / 2;
  }

  #breaks(seconds: readonly SettledSecond[]): boolean {
    return this.#criteria.all.some((one) => failure(one, tallyOf(one, seconds)) !== undefined);
  }

  #isSettled(seconds: readonly SettledSecond[]): boolean {
    const tallies = seconds.map((second) => tallyOf(this.#criteria.requests, [second]));
    const rates = tallies.map(({ requests }) => requests);
    const p95 = tallies.map(({ durations }) => merged(durations).valueAtQuantileUs(0.95));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return isSteady(rates, DRIFT * mean(rates)) && isSteady(p95, Math.max(DRIFT * mean(p95), DRIFT_US));
  }

  /** @param seconds at least one */
  #reading(seconds: readonly SettledSecond[]): LevelReading {
    return { ...this.#outcome(seconds), ...this.#figures(seconds) };
  }

  #figures(seconds: readonly SettledSecond[]): Omit<LevelReading, 'outcome' | 'reasons' | 'isOverloaded'> {
    const tally = tallyOf(this.#criteria.requests, seconds);
    const responseTime = merged(tally.durations);
    const { requests, errors } = tally;
    return {
      isSettled: seconds.length > 0 && this.#isSettled(seconds),
      seconds: seconds.length,
      perSecond: seconds.length === 0 ? 0 : requests / seconds.length,
      errorShare: requests === 0 ? 0 : errors / requests,
      p50Us: responseTime.valueAtQuantileUs(0.5),
      p95Us: responseTime.valueAtQuantileUs(0.95),
      p99Us: responseTime.valueAtQuantileUs(0.99),
    };
  }

  /** A level that holds does so however busy the generator is, because a busy one only makes response times longer. */
  #outcome(seconds: readonly SettledSecond[]): Pick<LevelReading, 'outcome' | 'reasons' | 'isOverloaded'> {
    const judged = this.#criteria.all.map((one) => {
      const tally = tallyOf(one, seconds);
      return { failed: failure(one, tally), excuse: lateExcuse(one.criterion, tally) };
    });
    const behind = this.#behind(seconds);
    const failed = [...judged.flatMap(({ failed }) => failed ?? []), ...behind];
    if (failed.length === 0) return { outcome: 'holds', isOverloaded: false, reasons: [] };
    const ofGenerator = [...this.#full(seconds), ...lateness(tallyOf(this.#criteria.requests, seconds))];
    // What no delay of the generator explains is the target's, whatever else is late.
    const ofTarget = [...judged.flatMap(({ failed, excuse }) => (failed && !excuse ? failed : [])), ...behind];
    if (ofGenerator.length === 0 && ofTarget.length > 0) {
      return { outcome: 'breaks', isOverloaded: behind.length > 0 && this.#isMostlyBehind(seconds), reasons: ofTarget };
    }
    const excuses = [...ofGenerator, ...judged.flatMap(({ excuse }) => excuse ?? [])];
    return { outcome: 'unclear', isOverloaded: false, reasons: excuses };
  }

  #full(seconds: readonly SettledSecond[]): Message[] {
    if (this.#held.isOfGenerator) return [];
    let inRow = 0;
    let longest = 0;
    for (const { agentCpuCores } of seconds) {
      inRow = agentCpuCores >= FULL_CORES ? inRow + 1 : 0;
      longest = Math.max(longest, inRow);
    }
    return longest < FULL_SECONDS ? [] : [{ id: 'level.generator-full', params: { longest, limit: FULL_CORES } }];
  }

  #behind(seconds: readonly SettledSecond[]): Message[] {
    const { of, level } = this.#held;
    if (of === 'vus') return [];
    const answered = tallyOf(this.#criteria.iterations, seconds).requests / seconds.length;
    return this.#isBehind(answered, seconds.length) ? [{ id: 'level.behind', params: { level, answered } }] : [];
  }

  /** A target that stood still for a second or two is behind afterwards, and catches up; one at its limit is behind in most seconds. */
  #isMostlyBehind(seconds: readonly SettledSecond[]): boolean {
    const answered = seconds.map((second) => tallyOf(this.#criteria.iterations, [second]).requests);
    return this.#isBehind(medianOf(answered), seconds.length, MEDIAN_SPREAD);
  }

  /**
   * Random arrivals miss their rate by chance, three standard deviations of a Poisson process at most.
   * @param spread of such a figure, in standard deviations of a mean
   */
  #isBehind(perSecond: number, seconds: number, spread = 1): boolean {
    const { level } = this.#held;
    return level - perSecond > Math.max((1 - KEPT_UP) * level, 3 * spread * Math.sqrt(level / seconds));
  }
}

function disturbanceOf({ loopLagUs, cpuWaitShare }: SettledSecond, isPartial: boolean): Disturbance | undefined {
  if (isPartial) return 'partial';
  if (loopLagUs >= STALL_US) return 'stalled';
  return cpuWaitShare >= STARVED_SHARE ? 'starved' : undefined;
}

function calmOf(seconds: readonly WatchedSecond[]): SettledSecond[] {
  return seconds.filter(({ disturbance }) => disturbance === undefined).map(({ settled }) => settled);
}

function tallyOf({ criterion, selection }: LevelCriterion, seconds: readonly SettledSecond[]): Tally {
  return addTallies(seconds.map((second) => tallyOfSecond(second, criterion, selection, true)));
}

/** Why the criterion does not hold; undefined where it does. */
function failure({ criterion }: LevelCriterion, tally: Tally): Message | undefined {
  const measured = measure(criterion.metric, tally);
  const { text, comparison, limit } = criterion;
  if (measured === undefined) return { id: 'level.no-samples', params: { criterion: text } };
  const { actual } = measured;
  if (!holds(actual, comparison, limit.value)) {
    return {
      id: 'threshold.fail',
      params: { criterion: text, actual, limit: limit.value, unit: resultUnit(criterion) },
    };
  }
  return onlyFailures(criterion, tally) ? { id: 'level.only-failures', params: { criterion: text } } : undefined;
}

/** Whether half of the requests were sent late, so that the generator is what was measured. */
function lateness({ durations, serviceTimes }: Tally): Message[] {
  const delayUs = merged(durations).valueAtQuantileUs(0.5) - merged(serviceTimes).valueAtQuantileUs(0.5);
  return delayUs < LATE_US ? [] : [{ id: 'level.generator-late', params: { delayUs } }];
}
