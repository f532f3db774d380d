import { parsePlan } from '../../plan/parse.ts';
import type { RunResult } from '../../stats/result.ts';
import { type CapacityNeed, type MachinePlan, machinesByLaw, machinesFor } from '../capacity/machines.ts';
import { fitScalability, type ScalabilityFit } from '../capacity/scalability.ts';
import { fits, shownCapacity } from './capacity.ts';
import { levelsOf } from './levels.ts';
import { outcomeOf } from './run-outcome.ts';

/** A run against a target of so many machines. */
export interface ScaledRun {
  readonly machines: number;
  /** What the user calls it. */
  readonly name: string;
  readonly result: RunResult;
}

/** What a target of so many machines takes. */
export interface ScaledCapacity {
  readonly machines: number;
  readonly perSecond: number;
}

/** How the throughput of a target grows with its machines. */
export interface Scaling {
  /** From the fewest machines to the most. */
  readonly measured: readonly ScaledCapacity[];
  readonly fit: ScalabilityFit;
}

/** The law has one parameter more than two numbers of machines can tell. */
const MIN_NUMBERS = 3;

/**
 * Fits the Universal Scalability Law to runs against different numbers of machines.
 * @returns the problems, a sentence each, where they do not show how the target scales
 */
export function scalingOf(runs: readonly ScaledRun[]): Scaling | readonly string[] {
  const numbers = new Set(runs.map(({ machines }) => machines)).size;
  if (numbers < MIN_NUMBERS)
    return [
      `How a target scales shows with at least ${MIN_NUMBERS} different numbers of machines, and these are ${numbers}: measure it with more, such as 1, 2 and 4.`,
    ];
  const measured: ScaledCapacity[] = [];
  const problems = differentCriteria(runs);
  for (const run of runs) {
    const capacity = capacityOf(run);
    if (typeof capacity === 'string') problems.push(capacity);
    else measured.push(capacity);
  }
  if (problems.length > 0) return problems;
  measured.sort((a, b) => a.machines - b.machines);
  const points = measured.map(({ machines, perSecond }) => ({ load: machines, perSecond }));
  const fit = fitScalability(points, MIN_NUMBERS);
  if (fit === undefined || !fits(fit))
    return [
      'No curve of the Universal Scalability Law lies within 10% of these runs: measure each number of machines again.',
    ];
  return { measured, fit };
}

/** How many machines a need takes. */
export interface ScaledPlan {
  /** By the law; undefined where no number of machines takes so much. */
  readonly machines: number | undefined;
  readonly withReserve: number | undefined;
  /** If each did as much beside others as where the fewest were measured. */
  readonly independent: MachinePlan;
}

export function scaledPlan({ measured, fit }: Scaling, { need, reserve }: CapacityNeed): ScaledPlan {
  const { machines, perSecond } = measured[0] as ScaledCapacity;
  return {
    machines: machinesByLaw(fit, need),
    withReserve: machinesByLaw(fit, need * reserve),
    independent: machinesFor({ need, reserve }, perSecond / machines),
  };
}

/** @returns a sentence where the run does not show how much its target takes */
function capacityOf({ machines, name, result }: ScaledRun): ScaledCapacity | string {
  if (outcomeOf(result) === 'invalid' && result.search === undefined)
    return `${name}: the measurement cannot be trusted, \`bench report\` says why; run it again.`;
  const found = shownCapacity(result, levelsOf(result, parsePlan(result.plan)));
  if (found === undefined)
    return `${name} does not show how much its target takes: no level met all criteria, or no levels were held. Use bench find-max, or a plan with stages.`;
  if (found.isLeast)
    return `${name} shows only that its target takes at least ${Math.round(found.perSecond)}/s, not where it ends: go on to higher levels until one breaks.`;
  return { machines, perSecond: found.perSecond };
}

/** What a target takes hangs on what was asked of it. */
function differentCriteria(runs: readonly ScaledRun[]): string[] {
  const criteriaOf = ({ result }: ScaledRun) =>
    (result.search?.criteria ?? result.thresholds.map(({ criterion }) => criterion)).toSorted().join(', ');
  const [first, ...others] = runs as [ScaledRun, ...ScaledRun[]];
  const wanted = criteriaOf(first);
  return others
    .filter((run) => criteriaOf(run) !== wanted)
    .map(
      (run) =>
        `${run.name} was judged by other criteria (${criteriaOf(run)}) than ${first.name} (${wanted}): measure all with the same.`,
    );
}
