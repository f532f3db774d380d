import { errorMessage } from '../error.ts';
import type { SchemaIssue, SchemaResult } from '../options-schema.ts';
import { type DriverPlugin, type OperationInfo, PluginError } from '../plugin.ts';
import { type CallPlugin, callWithoutLimit } from '../plugin-call.ts';
import type { UserDefinition } from '../script/define-user.ts';
import { PatternBudget } from '../text/pattern.ts';
import type { Journey, OnceSteps, ScriptWork } from './journey.ts';
import { PlanError, type PlanProblem, problemAt } from './problem.ts';
import { operationUses, resolveWork, type Scripts } from './resolve-work.ts';
import type { ResolvedOperation } from './resolved-operation.ts';
import type { ParsedPlan } from './schema.ts';

export interface ResolvedDriver {
  readonly plugin: DriverPlugin;
  /** As the plugin's schema returned them. */
  readonly options: unknown;
}

export interface ResolvedPlan {
  readonly plan: ParsedPlan;
  readonly drivers: ReadonlyMap<string, ResolvedDriver>;
  readonly operations: readonly ResolvedOperation[];
  /** One for each scenario with a flow or a script, in plan order; their rows come after those of the operations. */
  readonly journeys: readonly Journey[];
  /** By scenario. */
  readonly once: readonly OnceSteps[];
}

/** Finds a driver by built-in name, npm package name or path; throws an Error whose message says how to fix it. */
export type LoadDriver = (reference: string) => Promise<DriverPlugin>;

/** Finds a script in the same way. */
export type LoadUser = (reference: string) => Promise<UserDefinition>;

/** Where a plan has none, nothing is loaded. */
const NO_SCRIPTS: LoadUser = async (reference) => {
  throw new PluginError(`the script "${reference}" cannot be used here`);
};

/**
 * Loads the plan's scripts and drivers, and checks their options and operations.
 * @throws {PlanError} with all problems
 */
export async function resolvePlan(
  plan: ParsedPlan,
  loadDriver: LoadDriver,
  loadUser: LoadUser = NO_SCRIPTS,
  call: CallPlugin = callWithoutLimit,
): Promise<ResolvedPlan> {
  const problems: PlanProblem[] = [];
  const patterns = new PatternBudget();
  const scripts = await loadScripts(plan, loadUser, problems);
  const drivers = new Map<string, ResolvedDriver>();
  const known = new Map<string, readonly OperationInfo[]>();
  for (const [alias, path] of driversInUse(plan, scripts)) {
    const definition = plan.drivers[alias];
    const named = { kind: 'driver', use: definition?.use ?? alias } as const;
    try {
      const plugin = await loadDriver(named.use);
      const validate = () => patterns.during(() => plugin.options['~standard'].validate(definition?.options ?? {}));
      const checked = checkedResult(await call(named, 'options.validate', validate));
      if (checked.issues) {
        problems.push(...checked.issues.map((issue) => optionsProblem(alias, issue)));
      } else {
        drivers.set(alias, { plugin, options: checked.value });
        // It may give a promise, which is no list and nothing to wait for.
        const { offered } = await call(named, 'operations', () => ({ offered: plugin.operations(checked.value) }));
        known.set(alias, checkedOperations(offered));
      }
    } catch (error) {
      const where = definition?.use === undefined ? path : `drivers.${alias}.use`;
      problems.push({ path: where, message: errorMessage(error) });
    }
  }
  const resolved = resolveWork(plan, known, scripts);
  problems.push(...resolved.problems);
  if (problems.length > 0) throw new PlanError(problems);
  const { operations, journeys, once } = resolved;
  return { plan, drivers, operations, journeys, once };
}

/** @throws {PluginError} when a driver's `options` did not say whether they are right, as one without a compiler may not */
function checkedResult<Options>(result: SchemaResult<Options> | undefined): SchemaResult<Options> {
  const isResult = Array.isArray(result?.issues) || (typeof result === 'object' && 'value' in result);
  if (isResult) return result as SchemaResult<Options>;
  throw new PluginError(
    'its options are no schema: validate returned neither a value nor issues (https://standardschema.dev)',
  );
}

/** @throws {PluginError} when they are none */
function checkedOperations(operations: readonly OperationInfo[] | undefined): readonly OperationInfo[] {
  const isText = (text: unknown) => typeof text === 'string' && text !== '';
  const areRight =
    Array.isArray(operations) && operations.every((info) => isText(info?.name) && typeof info.type === 'string');
  if (areRight) return operations as readonly OperationInfo[];
  throw new PluginError('its operations are no list of { name, type }');
}

/** @param issue its path is relative to the driver's options */
export function optionsProblem(driver: string, issue: SchemaIssue): PlanProblem {
  const inner = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  return problemAt(['drivers', driver, 'options', ...inner], issue);
}

async function loadScripts(plan: ParsedPlan, loadUser: LoadUser, problems: PlanProblem[]): Promise<Scripts> {
  const scripts = new Map<string, ScriptWork>();
  for (const [name, { user }] of Object.entries(plan.scenarios)) {
    if (user === undefined) continue;
    try {
      const definition = await loadUser(user);
      scripts.set(name, { kind: 'script', definition, drivers: definition.drivers ?? ['http'] });
    } catch (error) {
      problems.push({ path: `scenarios.${name}.user`, message: errorMessage(error) });
    }
  }
  return scripts;
}

/** The names of the drivers in use, with the path of their first use. */
function driversInUse(plan: ParsedPlan, scripts: Scripts): Map<string, string> {
  const uses = new Map<string, string>();
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    for (const { use, path } of operationUses(scenario, `scenarios.${name}`)) {
      if (!uses.has(use.driver)) uses.set(use.driver, `${path}.driver`);
    }
    for (const driver of scripts.get(name)?.drivers ?? []) {
      if (!uses.has(driver)) uses.set(driver, `scenarios.${name}.user`);
    }
  }
  return uses;
}
