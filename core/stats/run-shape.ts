/** How much there is of each thing in a run, known from its plan. */
export interface RunShape {
  /** How many rows windows may have samples of: the plan's operations, in all scenarios, and after them its journeys. */
  readonly operations: number;
  /** How many of these rows are journeys: they hold what operations did already, and are in no sum of all operations. */
  readonly journeys: number;
  readonly scenarios: number;
  /** Whether a scenario has a script, which may name more rows while the load runs. */
  readonly hasScripts?: boolean | undefined;
  readonly drivers: number;
}

/** Rows before this one are operations, those from it on are journeys. */
export function requestRows({ operations, journeys }: Pick<RunShape, 'operations' | 'journeys'>): number {
  return operations - journeys;
}
