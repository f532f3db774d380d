import type { OpenBundle } from '../../bundle/open-bundle.ts';
import { errorMessage } from '../../error.ts';
import { clashes, writers } from '../../plan/driver-use.ts';
import type { LoadShape } from '../../plan/load/shape.ts';
import { plannedDurationUs, scenarioTime } from '../../plan/load/split.ts';
import { parsePlan } from '../../plan/parse.ts';
import { MAX_PLAN_BYTES, MAX_PLAN_LEVELS, MAX_PLAN_SIZE, TOO_DEEP } from '../../plan/plain-data.ts';
import { optionProblems, PlanError, type PlanProblem } from '../../plan/problem.ts';
import { type ResolvedPlan, resolvePlan } from '../../plan/resolve.ts';
import type { ParsedPlan, PlanInput } from '../../plan/schema.ts';
import type { DriverPlugin, MonitorPlugin, OutputPlugin, PluginBase } from '../../plugin.ts';
import { type CallPlugin, callWithoutLimit, type NamedPlugin } from '../../plugin-call.ts';
import type { UserDefinition } from '../../script/define-user.ts';
import type { RunShape } from '../../stats/run-shape.ts';
import { isJsonNestedDeeper } from '../../text/nesting.ts';
import { type BaselineFigures, withoutFigure } from '../../verdict/baseline/baseline-figures.ts';
import { selectableRows } from '../../verdict/criterion/select.ts';
import { checkThresholds, planThresholds, type Threshold } from '../../verdict/thresholds.ts';

/** Find plugins by built-in name, npm package name, or path relative to the plan's folder. */
export interface PluginLoaders {
  loadDriver(reference: string, baseDirectory: string): Promise<DriverPlugin>;
  loadMonitor(reference: string, baseDirectory: string): Promise<MonitorPlugin>;
  loadOutput(reference: string, baseDirectory: string): Promise<OutputPlugin>;
  loadShape(reference: string, baseDirectory: string): Promise<LoadShape>;
  /** Undefined where plans have no scripts. */
  loadUser?(reference: string, baseDirectory: string): Promise<UserDefinition>;
  /** Default: a function of a plugin may take as long as it likes. */
  readonly callPlugin?: CallPlugin;
}

/** A plugin that the plan gives a name, with its options. */
interface Resolved<Plugin> {
  readonly name: string;
  readonly plugin: Plugin;
  /** As the plugin's schema returned them. */
  readonly options: unknown;
}

/** Its name is the prefix of its metrics' names. */
export type ResolvedMonitor = Resolved<MonitorPlugin>;
export type ResolvedOutput = Resolved<OutputPlugin>;

/** A plan that has passed all checks, with its plugins: everything that a run of it needs. */
export interface RunSpec {
  /** The plan as its author wrote it, with overrides applied. */
  readonly input: PlanInput;
  /** The same as JSON, as it travels. */
  readonly json: string;
  /** The plan's folder where the run was started; secrets are relative to it. */
  readonly baseDirectory: string;
  /** What was sent with the run; undefined where all that the plan names lies in its folder. */
  readonly bundle?: OpenBundle | undefined;
  /** The command line that started the run; may be empty. */
  readonly command: string;
  /** What its criteria are compared with; undefined for a run without a baseline. */
  readonly baseline?: BaselineFigures | undefined;
  readonly plan: ParsedPlan;
  readonly resolved: ResolvedPlan;
  /** Names of the drivers that compare what was written with what is stored. */
  readonly verifying: ReadonlySet<string>;
  readonly monitors: readonly ResolvedMonitor[];
  readonly outputs: readonly ResolvedOutput[];
  /** By name of the scenario, for those whose executor is `shape`. */
  readonly shapes: ReadonlyMap<string, LoadShape>;
  readonly thresholds: readonly Threshold[];
  readonly warmupUs: number;
  /** How long the load lasts as planned, warm-up included. */
  readonly plannedUs: number;
  /** The longest graceful stop of its scenarios. */
  readonly gracefulStopUs: number;
}

type SpecSource = Pick<RunSpec, 'json' | 'baseDirectory' | 'command' | 'bundle' | 'baseline'>;

/** The folder from which what the plan names is found here. */
export function planFolder({ bundle, baseDirectory }: Pick<RunSpec, 'bundle' | 'baseDirectory'>): string {
  return bundle?.folder ?? baseDirectory;
}

/**
 * Reads the plan of a new run.
 * @throws {PlanError} with all problems
 */
export async function readNewSpec(source: SpecSource, loaders: PluginLoaders): Promise<RunSpec> {
  const spec = await readSpec(source, loaders);
  const problems = [...(await clashes(spec.resolved, loaders.callPlugin)), ...withoutFigure(spec.plan, spec.baseline)];
  if (problems.length > 0) throw new PlanError(problems);
  return spec;
}

/**
 * Reads a plan from the wire or from the store, and loads its plugins.
 * @throws {PlanError} with all problems
 */
export async function readSpec(source: SpecSource, loaders: PluginLoaders): Promise<RunSpec> {
  const { json, baseDirectory, command, bundle, baseline } = source;
  const folder = planFolder(source);
  const input = inputOf(json);
  const plan = parsePlan(input);
  const problems: PlanProblem[] = [];
  const collect = async <Part>(part: Promise<Part>): Promise<Part | undefined> => {
    try {
      return await part;
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const { loadUser } = loaders;
  const resolved = await collect(
    resolvePlan(
      plan,
      (reference) => loaders.loadDriver(reference, folder),
      loadUser && ((reference) => loadUser(reference, folder)),
      loaders.callPlugin,
    ),
  );
  const monitors = await collect(
    resolveNamed('monitors', plan.monitors, (reference) => loaders.loadMonitor(reference, folder), loaders.callPlugin),
  );
  const outputs = await collect(
    resolveNamed('outputs', plan.outputs, (reference) => loaders.loadOutput(reference, folder), loaders.callPlugin),
  );
  const shapes = await collect(resolveShapes(plan, folder, loaders));
  if (resolved) problems.push(...checkThresholds(plan, selectableRows(resolved), Object.keys(plan.monitors)));
  if (problems.length > 0 || !resolved || !monitors || !outputs || !shapes) throw new PlanError(problems);
  const verifying = await writers(resolved, loaders.callPlugin);
  const scenarios = Object.values(plan.scenarios);
  return {
    input,
    json,
    baseDirectory,
    bundle,
    command,
    baseline,
    plan,
    resolved,
    verifying,
    monitors,
    outputs,
    shapes,
    thresholds: planThresholds(plan, verifying.size > 0, baseline),
    warmupUs: plan.warmup ?? 0,
    plannedUs: plannedDurationUs(plan),
    gracefulStopUs: Math.max(...scenarios.map((scenario) => scenarioTime(plan, scenario).gracefulStopUs)),
  };
}

export function shapeOf({ plan, resolved }: RunSpec): RunShape {
  return {
    operations: resolved.operations.length + resolved.journeys.length,
    journeys: resolved.journeys.length,
    drivers: resolved.drivers.size,
    scenarios: Object.keys(plan.scenarios).length,
    hasScripts: resolved.journeys.some(({ work }) => work.kind === 'script'),
  };
}

/**
 * Its type is a claim that `parsePlan` checks next.
 * @throws {PlanError} also before it is parsed, which takes long for what no plan is
 */
function inputOf(json: string): PlanInput {
  if (json.length > MAX_PLAN_BYTES)
    throw notRead(`the plan is larger than ${MAX_PLAN_SIZE}: move data into data files`);
  if (isJsonNestedDeeper(json, MAX_PLAN_LEVELS + 1)) throw notRead(`the plan ${TOO_DEEP}`);
  try {
    return JSON.parse(json) as PlanInput;
  } catch (error) {
    throw notRead(`the plan is not JSON: ${errorMessage(error)}`);
  }
}

function notRead(message: string): PlanError {
  return new PlanError([{ path: '', message }]);
}

async function resolveShapes(
  plan: ParsedPlan,
  baseDirectory: string,
  { loadShape }: PluginLoaders,
): Promise<Map<string, LoadShape>> {
  const problems: PlanProblem[] = [];
  const shapes = new Map<string, LoadShape>();
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    if (scenario.executor !== 'shape') continue;
    try {
      shapes.set(name, await loadShape(scenario.shape, baseDirectory));
    } catch (error) {
      const message = errorMessage(error);
      problems.push({ path: `scenarios.${name}.shape`, message });
    }
  }
  if (problems.length > 0) throw new PlanError(problems);
  return shapes;
}

/** @param section of the plan */
async function resolveNamed<Plugin extends PluginBase<unknown>>(
  section: 'monitors' | 'outputs',
  named: ParsedPlan[typeof section],
  load: (reference: string) => Promise<Plugin>,
  call: CallPlugin = callWithoutLimit,
): Promise<Resolved<Plugin>[]> {
  const problems: PlanProblem[] = [];
  const found: Resolved<Plugin>[] = [];
  for (const [name, { use, options }] of Object.entries(named)) {
    const path = `${section}.${name}`;
    try {
      const kind: NamedPlugin['kind'] = section === 'monitors' ? 'monitor' : 'output';
      const plugin = await load(use ?? name);
      const validate = () => plugin.options['~standard'].validate(options);
      const checked = await call({ kind, use: use ?? name }, 'options.validate', validate);
      if (checked.issues === undefined) found.push({ name, plugin, options: checked.value });
      problems.push(...optionProblems(`${path}.options`, checked.issues ?? []));
    } catch (error) {
      const message = errorMessage(error);
      problems.push({ path: use === undefined ? path : `${path}.use`, message });
    }
  }
  if (problems.length > 0) throw new PlanError(problems);
  return found;
}
