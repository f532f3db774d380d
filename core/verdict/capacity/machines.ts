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
