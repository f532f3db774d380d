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
  const uses = usesOf(resolved);
  for (const [i, { name, named, plugin, use }] of uses.entries()) {
    for (const earlier of uses.slice(0, i)) {
      if (earlier.plugin !== plugin) continue;
      const clash = await call(named, 'clash', () => plugin.clash?.(use, earlier.use));
      if (clash) problems.push(optionsProblem(name, clash));
    }
  }
  return problems;
}

/**
 * The drivers whose writes are compared with what is stored: those that can verify, and may write.
 * @returns their names in the plan
 */
export async function writers(
  resolved: ResolvedPlan,
  call: CallPlugin = callWithoutLimit,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { name, named, plugin, use } of usesOf(resolved)) {
    if (plugin.verify === undefined) continue;
    if (plugin.writes === undefined || (await call(named, 'writes', () => plugin.writes?.(use)))) found.add(name);
  }
  return found;
}

function usesOf(resolved: ResolvedPlan) {
  return [...resolved.drivers].map(([name, { plugin, options }]) => {
    const use: DriverUse = { options, operations: operationsOf(name, resolved) };
    const named = { kind: 'driver', use: resolved.plan.drivers[name]?.use ?? name } as const;
    return { name, named, plugin, use };
  });
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
