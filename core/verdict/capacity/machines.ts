import { type ScalabilityFit, throughputAt } from './scalability.ts';

/** What is asked of a number of machines. */
export interface CapacityNeed {
  /** Requests per second of all machines together. */
  readonly need: number;
  /** How many times as many machines as the need asks for: 2 keeps one idle for each that works. */
  readonly reserve: number;
}

export interface MachinePlan {
  readonly machines: number;
  readonly withReserve: number;
}

/** What division leaves of whole numbers: 10 ÷ 0.1 × 0.3 must not need a machine more. */
const ROUNDING = 1e-9;

/**
 * How many machines like the one that was tested are needed, if each does as much beside others as alone.
 * @param perMachine requests per second that one of them takes; above 0
 */
export function machinesFor({ need, reserve }: CapacityNeed, perMachine: number): MachinePlan {
  const machines = (times: number) => Math.max(1, Math.ceil((need / perMachine) * times * (1 - ROUNDING)));
  return { machines: machines(1), withReserve: machines(reserve) };
}

/** Where nothing bounds throughput, a need that so many machines do not meet is not met by any number that somebody has. */
const MAX_MACHINES = 1e9;

/**
 * How many machines are needed by the law that runs with several numbers of machines follow, so that what they cost each other counts.
 * @param fit of requests per second over numbers of machines
 * @param perSecond requests per second that they must take together
 * @returns the least number, or undefined where no number takes so much
 */
export function machinesByLaw(fit: ScalabilityFit, perSecond: number): number | undefined {
  const takes = (machines: number) => throughputAt(fit, machines) >= perSecond * (1 - ROUNDING);
  let most = bestNumber(fit);
  if (!takes(most)) return undefined;
  // Up to its peak the curve only rises.
  let least = 0;
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (takes(middle)) most = middle;
    else least = middle;
  }
  return most;
}

/** The number of machines, or of users, with the greatest throughput. */
export function bestNumber(fit: ScalabilityFit): number {
  if (fit.peak === undefined) return MAX_MACHINES;
  const below = Math.max(1, Math.floor(fit.peak.load));
  return throughputAt(fit, below + 1) > throughputAt(fit, below) ? below + 1 : below;
}
