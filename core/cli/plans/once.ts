import { parsePlan } from '../../plan/parse.ts';
import { formatProblem, PlanError } from '../../plan/problem.ts';
import { type ResolvedPlan, resolvePlan } from '../../plan/resolve.ts';
import type { PlanInput } from '../../plan/schema.ts';
import { quoteName } from '../../verdict/criterion/select.ts';
import { parseThreshold } from '../../verdict/criterion.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { callingPlugins } from '../plugins/plugin-calls.ts';
import type { RunnablePlan } from './checked-plan.ts';
import { filesOfPlan } from './files-of-plan.ts';

type ScenarioInput = PlanInput['scenarios'][string];

/** What a scenario keeps when its users go through its work once: everything but how many they are, when, and how often. */
const WORK_FIELDS: readonly string[] = [
  'operations',
  'flow',
  'user',
  'data',
  'onStart',
  'onStop',
  'onFailure',
  'gracefulStop',
];

/** What `--once` makes of a plan, in a sentence. */
export const ONCE_NOTICE =
  'Because of --once, one virtual user of each scenario goes through its work once: the load, warm-up, monitors, outputs and reports of the plan do not apply, nor do its thresholds, except those about failed checks.';

/**
 * The same plan for one pass; see {@link oncePlan}.
 * @throws {CommandError} when no order of its operations sets each variable before it is read
 */
export async function onePassOf(plan: RunnablePlan): Promise<RunnablePlan> {
  const { loadDriver, loadUser } = await import('../../../plugins/loader/load.ts');
  const { baseDirectory } = plan;
  const input = oncePlan(plan.input, plan.resolved);
  try {
    const resolved = await resolvePlan(
      parsePlan(input),
      (reference) => loadDriver(reference, baseDirectory),
      (reference) => loadUser(reference, baseDirectory),
    );
    const { names: files } = await callingPlugins(({ call }) => filesOfPlan(resolved, [], baseDirectory, call));
    return { ...plan, input, resolved, files, notices: [ONCE_NOTICE] };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const reasons = error.problems.map(formatProblem).join('; ');
    throw new CommandError(`--once cannot put the operations in order: ${reasons}`, EXIT.invalidInput);
  }
}

/**
 * The plan for one pass: one virtual user of each scenario, through its flow or its script, or through each of its operations
 * in turn. What it asks for is that nothing fails, and what the plan asks of the checks of its scripts; a user that cannot
 * begin ends the run.
 * @param plan a valid plan
 * @param resolved the same plan
 */
export function oncePlan(plan: PlanInput, resolved: ResolvedPlan): PlanInput {
  const { warmup: _, monitors: __, outputs: ___, ...rest } = plan;
  const names = Object.keys(plan.scenarios);
  const scenarios = names.map((name, index): [string, ScenarioInput] => {
    return [name, onceScenario(plan.scenarios[name] as ScenarioInput, index, resolved)];
  });
  const passes = names.map((name) => ({ criterion: `journey ${quoteName(name)} error_rate == 0`, abort: true }));
  const ofChecks = (plan.thresholds ?? []).filter((threshold) => {
    const { check, metric, limit } = parseThreshold(typeof threshold === 'string' ? threshold : threshold.criterion);
    // How often something was checked is a matter of the load, and so are the figures of a baseline.
    return check !== undefined && metric.kind !== 'requests' && limit.baseline === undefined;
  });
  const thresholds = ['error_rate == 0', ...passes, ...ofChecks];
  return { ...rest, scenarios: Object.fromEntries(scenarios), thresholds, reports: [] };
}

function onceScenario(source: ScenarioInput, index: number, resolved: ResolvedPlan): ScenarioInput {
  const { operations = [], ...work } = Object.fromEntries(
    Object.entries(source).filter(([field]) => WORK_FIELDS.includes(field)),
  ) as Partial<ScenarioInput>;
  const drawn = settersFirst(operations, index, resolved);
  return {
    executor: 'per-vu-iterations',
    vus: 1,
    iterations: 1,
    ...work,
    // Drawn by weight, no operation waits for another one to succeed.
    ...(drawn.length > 0 && { flow: drawn, onFailure: 'continue' }),
  } as ScenarioInput;
}

type OperationInput = NonNullable<ScenarioInput['operations']>[number];

/**
 * The operations of a scenario as steps, without those that are never drawn. In a run, any of them may come before another;
 * here one that sets a variable comes before those that read it.
 */
function settersFirst(
  operations: readonly OperationInput[],
  scenario: number,
  { operations: rows, drivers }: ResolvedPlan,
) {
  const ofScenario = rows.filter((row) => row.scenario === scenario);
  const waiting = operations
    .map(({ weight = 1, ...step }, i) => {
      const row = ofScenario[i];
      const driver = row && drivers.get(row.driver);
      const infos = driver?.plugin.operations(driver.options) ?? [];
      const { reads = [], sets = [] } = infos.find(({ name }) => name === row?.driverOperation) ?? {};
      return { weight, step, reads, sets };
    })
    .filter(({ weight }) => weight > 0);
  const steps: Omit<OperationInput, 'weight'>[] = [];
  while (waiting.length > 0) {
    const later = new Set(waiting.flatMap(({ sets }) => sets));
    const next = waiting.findIndex(({ reads, sets }) => reads.every((name) => !later.has(name) || sets.includes(name)));
    steps.push(...waiting.splice(Math.max(0, next), 1).map(({ step }) => step));
  }
  return steps;
}
