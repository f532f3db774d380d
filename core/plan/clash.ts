import type { DriverUse } from '../plugin.ts';
import { type CallPlugin, callWithoutLimit } from '../plugin-call.ts';
import type { PlanProblem } from './problem.ts';
import { optionsProblem, type ResolvedPlan } from './resolve.ts';

/**
 * Drivers of a plan that would disturb one another, which forbids a new run. Stored plans are read without this check,
 * because their runs have been started already, perhaps by an earlier version.
 */
export async function clashes(resolved: ResolvedPlan, call: CallPlugin = callWithoutLimit): Promise<PlanProblem[]> {
  const problems: PlanProblem[] = [];
  const uses = [...resolved.drivers].map(([name, { plugin, options }]) => {
    const use: DriverUse = { options, operations: operationsOf(name, resolved) };
    return { name, plugin, use };
  });
  for (const [i, { name, plugin, use }] of uses.entries()) {
    const named = { kind: 'driver', use: resolved.plan.drivers[name]?.use ?? name } as const;
    for (const earlier of uses.slice(0, i)) {
      if (earlier.plugin !== plugin) continue;
      const clash = await call(named, 'clash', () => plugin.clash?.(use, earlier.use));
      if (clash) problems.push(optionsProblem(name, clash));
    }
  }
  return problems;
}

/**
 * The operations of a driver that the plan's scenarios use, by the names that its `send` expects. A script may use all of a
 * driver that it names.
 */
export function operationsOf(driver: string, { drivers, operations, journeys }: ResolvedPlan): ReadonlySet<string> {
  const isInScript = journeys.some(({ work }) => work.kind === 'script' && work.drivers.includes(driver));
  const found = drivers.get(driver);
  if (isInScript && found !== undefined) return new Set(found.plugin.operations(found.options).map(({ name }) => name));
  const used = operations.filter((operation) => operation.driver === driver);
  return new Set(used.map(({ driverOperation }) => driverOperation));
}
