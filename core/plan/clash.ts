import type { DriverUse } from '../plugin.ts';
import type { PlanProblem } from './problem.ts';
import { optionsProblem, type ResolvedPlan } from './resolve.ts';

/**
 * Drivers of a plan that would disturb one another, which forbids a new run. Stored plans are read without this check,
 * because their runs have been started already, perhaps by an earlier version.
 */
export function clashes({ drivers, operations }: ResolvedPlan): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const uses = [...drivers].map(([name, { plugin, options }]) => {
    const use: DriverUse = { options, operations: operationsOf(name, operations) };
    return { name, plugin, use };
  });
  uses.forEach(({ name, plugin, use }, i) => {
    for (const earlier of uses.slice(0, i)) {
      const clash = earlier.plugin === plugin ? plugin.clash?.(use, earlier.use) : undefined;
      if (clash) problems.push(optionsProblem(name, clash));
    }
  });
  return problems;
}

/** The operations of a driver that the plan's scenarios use, by the names that its `send` expects. */
export function operationsOf(driver: string, operations: ResolvedPlan['operations']): ReadonlySet<string> {
  const used = operations.filter((operation) => operation.driver === driver);
  return new Set(used.map(({ driverOperation }) => driverOperation));
}
