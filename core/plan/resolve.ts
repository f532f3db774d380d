import { errorMessage } from '../error.ts';
import type { DriverPlugin, OperationInfo, SchemaIssue } from '../plugin.ts';
import { nearest } from '../text/nearest.ts';
import { formatPath, PlanError, type PlanProblem } from './problem.ts';
import type { ParsedPlan } from './schema.ts';

/** An operation of the plan, with what its driver declares about it. */
export interface ResolvedOperation {
  /** Position among the operations of all scenarios in plan order; a window's `operation` refers to it. */
  readonly index: number;
  readonly scenario: number;
  readonly scenarioName: string;
  /** Name of its row in the results table; unique within its scenario. */
  readonly name: string;
  /** Such as `POST`. */
  readonly type: string;
  /** Key into {@link ResolvedPlan.drivers}. */
  readonly driver: string;
  /** The name that the session's `send` expects. */
  readonly driverOperation: string;
  readonly weight: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ResolvedDriver {
  readonly plugin: DriverPlugin;
  /** As the plugin's schema returned them. */
  readonly options: unknown;
}

export interface ResolvedPlan {
  readonly plan: ParsedPlan;
  readonly drivers: ReadonlyMap<string, ResolvedDriver>;
  readonly operations: readonly ResolvedOperation[];
}

/** Finds a driver by built-in name, npm package name or path; throws an Error whose message says how to fix it. */
export type LoadDriver = (reference: string) => Promise<DriverPlugin>;

/**
 * Loads the plan's drivers and checks their options and operations.
 * @throws {PlanError} with all problems
 */
export async function resolvePlan(plan: ParsedPlan, loadDriver: LoadDriver): Promise<ResolvedPlan> {
  const problems: PlanProblem[] = [];
  const drivers = new Map<string, ResolvedDriver>();
  const known = new Map<string, readonly OperationInfo[]>();
  for (const [alias, path] of driversInUse(plan)) {
    const definition = plan.drivers[alias];
    try {
      const plugin = await loadDriver(definition?.use ?? alias);
      const checked = await plugin.options['~standard'].validate(definition?.options ?? {});
      if (checked.issues) {
        problems.push(...checked.issues.map((issue) => optionsProblem(alias, issue)));
      } else {
        drivers.set(alias, { plugin, options: checked.value });
        known.set(alias, plugin.operations(checked.value));
      }
    } catch (error) {
      const where = definition?.use === undefined ? path : `drivers.${alias}.use`;
      problems.push({ path: where, message: errorMessage(error) });
    }
  }
  const operations = resolveOperations(plan, known, problems);
  if (problems.length > 0) throw new PlanError(problems);
  return { plan, drivers, operations };
}

/** @param issue its path is relative to the driver's options */
export function optionsProblem(driver: string, { path = [], message }: SchemaIssue): PlanProblem {
  const inner = path.map((part) => (typeof part === 'object' ? part.key : part));
  return { path: formatPath(['drivers', driver, 'options', ...inner]), message };
}

/** The names of the drivers in use, with the path of their first use. */
function driversInUse(plan: ParsedPlan): Map<string, string> {
  const uses = new Map<string, string>();
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    scenario.operations.forEach(({ driver }, i) => {
      if (!uses.has(driver)) uses.set(driver, `scenarios.${name}.operations[${i}].driver`);
    });
  }
  return uses;
}

function resolveOperations(
  plan: ParsedPlan,
  known: ReadonlyMap<string, readonly OperationInfo[]>,
  problems: PlanProblem[],
): ResolvedOperation[] {
  const resolved: ResolvedOperation[] = [];
  Object.entries(plan.scenarios).forEach(([scenarioName, scenario], scenarioIndex) => {
    const names = new Set<string>();
    scenario.operations.forEach((operation, i) => {
      const offered = known.get(operation.driver);
      if (offered === undefined) return;
      const path = `scenarios.${scenarioName}.operations[${i}]`;
      const info =
        operation.operation === undefined ? only(offered) : offered.find(({ name }) => name === operation.operation);
      if (info === undefined) {
        problems.push({
          path: `${path}.operation`,
          message: unknownOperation(operation.driver, operation.operation, offered),
        });
        return;
      }
      const name = operation.name ?? info.name;
      if (names.has(name)) {
        problems.push({
          path: `${path}.name`,
          message: `"${name}" is used twice in this scenario: give one of them another name`,
        });
      }
      names.add(name);
      resolved.push({
        index: resolved.length,
        scenario: scenarioIndex,
        scenarioName,
        name,
        type: info.type,
        driver: operation.driver,
        driverOperation: info.name,
        weight: operation.weight,
        tags: operation.tags,
      });
    });
  });
  return resolved;
}

function only(offered: readonly OperationInfo[]): OperationInfo | undefined {
  return offered.length === 1 ? offered[0] : undefined;
}

function unknownOperation(driver: string, wanted: string | undefined, offered: readonly OperationInfo[]): string {
  const names = offered.map(({ name }) => name);
  if (wanted === undefined) return `driver "${driver}" has several operations; name one of ${names.join(', ')}`;
  const guess = nearest(wanted, names);
  const hint = guess ? `did you mean "${guess}"?` : `it has ${names.join(', ')}`;
  return `driver "${driver}" has no operation "${wanted}"; ${hint}`;
}
