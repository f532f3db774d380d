import type { ParsedPlan } from '../../plan/schema.ts';
import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { merged } from '../distribution.ts';
import { measuredSeconds } from '../measured.ts';
import { keepsUp } from './knee.ts';
import { loadBySecond } from './levels.ts';

/** Shorter runs do not show how response times develop. */
const MIN_SECONDS = 5;
/** A median that is this many times the one at the begin has grown. */
const GREW = 1.5;

/**
 * That a target falls behind a rate of arrivals: its requests queue, and wait the longer the longer the load lasts. For runs
 * with too few levels for {@link knee}.
 */
export function behind(result: RunResult, plan: ParsedPlan): Message[] {
  const seconds = measuredSeconds(result);
  const loads = loadBySecond(result, plan);
  if (loads?.of !== 'rate' || seconds.length < MIN_SECONDS) return [];
  const perSecond = (column: readonly number[]) =>
    seconds.reduce((sum, second) => sum + (column[second] ?? 0), 0) / seconds.length;
  const load = perSecond(loads.load);
  const achieved = arrivalColumns(result).reduce((sum, { requests }) => sum + perSecond(requests), 0);
  if (keepsUp({ load, perSecond: achieved, seconds: seconds.length })) return [];
  const fifth = Math.ceil(seconds.length / 5);
  const medianUs = (of: readonly number[]) =>
    merged(of.flatMap((second) => result.timeline.responseTimes[second] ?? [])).valueAtQuantileUs(0.5);
  const params = {
    ...{ load, perSecond: achieved, partUs: fifth * 1e6 },
    ...{ firstUs: medianUs(seconds.slice(0, fifth)), lastUs: medianUs(seconds.slice(-fifth)) },
  };
  return params.lastUs < GREW * params.firstUs ? [] : [{ id: 'conclusion.behind', params }];
}

/** Of the rows that stand for arrivals: a scenario's journey, or else each of its operations. */
function arrivalColumns({ operations, journeys = [], timeline }: RunResult) {
  const withJourney = new Set(journeys.map(({ scenario }) => scenario));
  const single = timeline.operations.filter((_, i) => !withJourney.has(operations[i]?.scenario ?? ''));
  return [...single, ...(timeline.journeys ?? [])];
}
