import type { ParsedPlan } from '../../plan/schema.ts';
import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { answerOf } from '../capacity/answer.ts';
import { bestNumber, machinesFor } from '../capacity/machines.ts';
import { fitScalability, type LoadPoint, type ScalabilityFit, throughputAt } from '../capacity/scalability.ts';
import { holds } from '../comparison.ts';
import { type Criterion, parseThreshold } from '../criterion.ts';
import { merged } from '../distribution.ts';
import { measure } from '../tally.ts';
import { keepsUp, kneeOf } from './knee.ts';
import type { Level, Levels } from './levels.ts';

/** How much the target takes, as far as the levels of a run show it. */
export interface Capacity {
  readonly level: Level;
  /** Whether the target may take more: it met all criteria at the highest level, and throughput still grew. */
  readonly isLeast: boolean;
}

/** Metrics of speed and failures: what a higher level makes worse. A criterion on throughput fails at low levels anyway. */
const OF_QUALITY: ReadonlySet<string> = new Set([
  ...['percentile', 'max', 'min', 'mean', 'error_rate', 'availability', 'dropped_rate'],
]);

/** The criteria of a run that can be judged on each of its levels: those on all operations. */
function levelCriteria({ thresholds, operations }: RunResult): Criterion[] {
  const only = operations.length === 1 ? operations[0]?.name : undefined;
  return thresholds
    .filter(({ severity }) => severity === 'fail')
    .map(({ criterion }) => parseThreshold(criterion))
    .filter(({ metric, subject, journey, check, scenario, tag, phase, time, windowSeconds }) => {
      const isOfAll =
        (subject === undefined || subject.name === only) && (scenario ?? tag ?? journey ?? check) === undefined;
      const isPlain = phase.name === 'measure' && time.name === 'response_time' && windowSeconds === undefined;
      return isOfAll && isPlain && OF_QUALITY.has(metric.kind);
    });
}

/**
 * The capacity that a run with steps of load shows: the highest level below the first that breaks a criterion, and no higher than
 * the knee. Under arrival rates a level that the target falls behind at is broken too.
 * @returns undefined where the lowest level is broken, and where there are no levels
 */
export function capacityOf({ of, levels }: Levels, criteria: readonly Criterion[]): Capacity | undefined {
  const broken = levels.findIndex((level) => !meets(level, criteria) || (of === 'rate' && !keepsUp(level)));
  const within = broken < 0 ? levels : levels.slice(0, broken);
  const highest = within.at(-1);
  if (highest === undefined) return undefined;
  const knee = kneeOf({ of, levels });
  if (knee !== undefined && knee.load <= highest.load) return { level: knee, isLeast: false };
  return { level: highest, isLeast: broken < 0 };
}

/** Requests per second that a target takes, as its run shows them. */
export interface ShownCapacity {
  readonly perSecond: number;
  /** Whether it may take more. */
  readonly isLeast: boolean;
}

/** By the search of a run, or by its levels; undefined where neither shows it. */
export function shownCapacity(result: RunResult, levels: Levels): ShownCapacity | undefined {
  if (result.search !== undefined) {
    const answer = answerOf(result.search);
    return 'held' in answer ? { perSecond: answer.held.perSecond, isLeast: answer.kind === 'least' } : undefined;
  }
  const found = capacityOf(levels, levelCriteria(result));
  return found && { perSecond: found.level.perSecond, isLeast: found.isLeast };
}

function meets({ tally }: Level, criteria: readonly Criterion[]): boolean {
  return criteria.every(({ metric, comparison, limit }) => {
    const measured = measure(metric, tally);
    return measured !== undefined && holds(measured.actual, comparison, limit.value);
  });
}

/** A curve that misses what was measured by more than this on average does not describe the target. */
const MAX_MISFIT = 0.1;

/** The Universal Scalability Law of the levels; undefined with fewer than five. */
export function scalabilityOf({ of, levels }: Levels): ScalabilityFit | undefined {
  return fitScalability(levels.map((level) => pointOf(of, level)));
}

export function fits({ misfit }: ScalabilityFit): boolean {
  return misfit <= MAX_MISFIT;
}

/** What is at work at once: virtual users, or, by Little's law, requests per second times their mean response time. */
function pointOf(of: Levels['of'], { load, perSecond, tally }: Level): LoadPoint {
  if (of === 'vus') return { load, perSecond };
  return { load: (perSecond * merged(tally.durations).meanUs) / 1e6, perSecond };
}

/** What the levels say of the capacity: where the plan asks for it, or where they are enough for the law. */
export function capacity(result: RunResult, { capacity: need }: ParsedPlan, levels: Levels): Message[] {
  if (need === undefined) return law(levels);
  const found = capacityOf(levels, levelCriteria(result));
  if (found === undefined)
    return [...law(levels), { id: `capacity.none-${levels.levels.length === 0 ? 'levels' : 'met'}`, params: {} }];
  const { level, isLeast } = found;
  const { load, perSecond, p95Us } = level;
  const kind = `${isLeast ? 'least' : 'is'}-${levels.of}`;
  return [
    ...law(levels),
    { id: `capacity.${kind}`, params: { load, perSecond, p95Us } },
    machinesMessage(need, perSecond, isLeast),
  ];
}

/** The Universal Scalability Law of the levels, where they are enough for it. */
export function law(levels: Levels): Message[] {
  const fit = scalabilityOf(levels);
  return fit === undefined ? [] : [lawMessage(fit, levels)];
}

/** @param isLeast whether one machine may take more */
export function machinesMessage(
  need: NonNullable<ParsedPlan['capacity']>,
  perSecond: number,
  isLeast: boolean,
): Message {
  const { machines, withReserve } = machinesFor(need, perSecond);
  const id = `capacity.machines${isLeast ? '-most' : ''}${need.reserve > 1 ? '-reserve' : ''}`;
  return { id, params: { need: need.need, perSecond, machines, withReserve, reserve: need.reserve } };
}

function lawMessage(fit: ScalabilityFit, { of, levels }: Levels): Message {
  const { contention, coherence, misfit, peak, ceiling } = fit;
  const params = { levels: levels.length, contention, coherence, misfit };
  if (!fits(fit)) return { id: 'capacity.law-poor', params };
  if (peak !== undefined) {
    // Nobody has a part of a user.
    const load = of === 'vus' ? bestNumber(fit) : Math.round(peak.load);
    const at = { ...params, peak: of === 'vus' ? throughputAt(fit, load) : peak.perSecond, load };
    return { id: `capacity.law-peak-${of}`, params: at };
  }
  if (ceiling !== undefined) return { id: 'capacity.law-ceiling', params: { ...params, ceiling } };
  return { id: 'capacity.law-linear', params };
}
