import type { RunContext } from '../run/run-context.ts';

/** A row of the table, and the number by which the totals of the run know it. */
export interface LiveRow {
  readonly row: number;
  readonly scenario: string;
  /** Empty for a journey. */
  readonly type: string;
  readonly name: string;
  /** Empty for a journey. */
  readonly driver: string;
}

/** The rows of a run while it goes on. */
export interface LiveRows {
  /** Those of the plan; then those that scripts named, in the order in which they came, so that no row changes its place. */
  readonly operations: readonly LiveRow[];
  readonly journeys: readonly LiveRow[];
}

export function liveRows({ spec, totals }: Pick<RunContext, 'spec' | 'totals'>): LiveRows {
  const scenarios = Object.keys(spec.plan.scenarios);
  const planned = spec.resolved.operations.map(({ index, scenarioName, type, name, driver }) => {
    return { row: index, scenario: scenarioName, type, name, driver };
  });
  const named = totals.script
    .rows('request')
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, row: { scenario, type, name, driver } }) => {
      return { row: number, scenario: scenarios[scenario] ?? '', type, name, driver };
    });
  const journeys = spec.resolved.journeys.map(({ index, scenario, name }) => {
    return { row: index, scenario: scenarios[scenario] ?? '', type: '', name, driver: '' };
  });
  return { operations: [...planned, ...named], journeys };
}
