import process from 'node:process';
import { besidesUnfilled, type FilledParam, type FilledPlan, fillParams } from '../../plan/params/fill.ts';
import { parsePlan } from '../../plan/parse.ts';
import { longPasses } from '../../plan/pass-pauses.ts';
import { formatProblem, PlanError, type PlanProblem } from '../../plan/problem.ts';
import { type LoadDriver, type LoadUser, type ResolvedPlan, resolvePlan } from '../../plan/resolve.ts';
import type { ParsedPlan, PlanInput } from '../../plan/schema.ts';
import type { Environment } from '../../secrets/reference.ts';
import type { Baseline, BaselineFigures } from '../../verdict/baseline/baseline-figures.ts';
import { CommandError, planFileError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { callingPlugins, type PluginCalls } from '../plugins/plugin-calls.ts';
import { checkedPlugins, isFaulty, targetProblems } from './checked-plugins.ts';
import { type CheckedPlugin, filesOfPlan } from './files-of-plan.ts';
import { FLAG_NAMES } from './override-names.ts';
import { applyOverrides, type PlanOverrides } from './overrides.ts';
import { loadPlanFile, type PlanFile } from './plan-file.ts';
import { criteria } from './plugin-references.ts';

/** A plan that has passed all checks that are made before a run. */
export interface RunnablePlan {
  /** The plan that goes to control, with parameters filled in and the overrides applied. */
  readonly input: PlanInput;
  readonly resolved: ResolvedPlan;
  readonly baseDirectory: string;
  /** The names of the files that it reads; some hold references such as `${env:NAME}`. */
  readonly files: readonly string[];
  readonly params: readonly FilledParam[];
  /** What the overrides made of the load, and doubts about what the plan would do, one sentence each. */
  readonly notices: readonly string[];
  /** What its criteria are compared with; undefined without a baseline. */
  readonly against?: BaselineFigures | undefined;
}

/** What a run is compared with. A plan that is only checked need not be compared with anything. */
export interface Compared {
  /** Undefined where whoever runs the plan has named none. */
  readonly baseline: Baseline | undefined;
}

/**
 * Loads a plan, applies the command line and checks the whole: parameters, fields, plugins with their options, thresholds.
 * @throws {CommandError} with all problems at once
 */
export async function readRunnablePlan(
  file: string,
  overrides: PlanOverrides,
  compared?: Compared,
): Promise<RunnablePlan> {
  return checkedPlan(await loadPlanFile(file), overrides, process.env, compared);
}

/**
 * Checks a plan that need not come from a file.
 * @param environment gives the values of parameters
 * @throws {CommandError} with all problems at once
 */
export async function checkedPlan(
  file: PlanFile,
  overrides: PlanOverrides,
  environment: Environment = process.env,
  compared?: Compared,
): Promise<RunnablePlan> {
  return callingPlugins((calls) => checkedWith(calls, file, overrides, environment, compared));
}

async function checkedWith(
  calls: PluginCalls,
  file: PlanFile,
  overrides: PlanOverrides,
  environment: Environment,
  compared: Compared | undefined,
): Promise<RunnablePlan> {
  const { param = {}, names = FLAG_NAMES } = overrides;
  const {
    source,
    settings: params,
    ...faults
  } = fillParams(file.source, param, environment, names.params, file.written);
  const plan = { ...file, source };
  const written = await parsed(calls, plan, source, faults);
  const { plan: input, notices } = applyOverrides(source as PlanInput, written, overrides);
  const final = input === source ? written : await parsed(calls, plan, input);
  const { against, problems: unlike } = await comparedWith(compared, final, input);
  const others = await checkedPlugins(calls, { ...plan, source: input }, ({ kind }) => kind !== 'driver');
  const resolved = await resolution(calls, { ...plan, source: input }, final, others.checked);
  const own = [...(isFaulty(resolved) ? resolved : []), ...others.problems];
  // What the plan itself lacks, its baseline need not have.
  const problems = [...own, ...unlike.filter(({ path }) => own.every((problem) => problem.path !== path))];
  if (problems.length > 0 || isFaulty(resolved)) throw problemsOf(plan, problems, overrides);
  const { renderMessage } = await import('../../verdict/messages/message.ts');
  const { shareWarnings } = await import('../../verdict/thresholds.ts');
  const doubts = [
    ...longPasses(final).map(formatProblem),
    ...shareWarnings(final).map(({ path, message }) => `${path}: ${renderMessage(message, 'en')}`),
  ];
  const { baseDirectory } = plan;
  return { input, ...resolved, baseDirectory, params, notices: [...notices, ...doubts], against };
}

/** What is wrong with a target or an output that did not come from the plan is told by its flag, without a line of the plan. */
function problemsOf(
  plan: PlanFile,
  problems: readonly PlanProblem[],
  { outTo = [], host, names = FLAG_NAMES }: PlanOverrides,
): CommandError {
  const { outputs = {} } = plan.source as PlanInput;
  const added = outTo.map(({ use }) => use).filter((use) => !Object.hasOwn(outputs, use));
  const toldByFlag = ({ path, message }: PlanProblem): string[] => {
    if (path === 'target' && host !== undefined) return [`${names.host}: ${message}`];
    const use = added.find((use) => path === `outputs.${use}` || path.startsWith(`outputs.${use}.`));
    if (use === undefined) return [];
    return [`--out-to ${use}: ${formatProblem({ path: path.slice(`outputs.${use}.options.`.length), message })}`];
  };
  const ofFlags = problems.flatMap(toldByFlag);
  const ofPlan = problems.filter((problem) => toldByFlag(problem).length === 0);
  if (ofFlags.length === 0) return planFileError(plan.file, ofPlan, plan.lineOf);
  const told = ofPlan.length === 0 ? [] : [planFileError(plan.file, ofPlan, plan.lineOf).message];
  return new CommandError([...ofFlags, ...told].join('\n'), EXIT.invalidInput);
}

/** The figures of the baseline for the plan's criteria, and what keeps the two from being compared. */
async function comparedWith(compared: Compared | undefined, plan: ParsedPlan, input: PlanInput) {
  const problems: readonly PlanProblem[] = [];
  if (compared === undefined || !(await criteriaCanBeRead(plan))) return { against: undefined, problems };
  const { baselineFigures, withoutFigure } = await import('../../verdict/baseline/baseline-figures.ts');
  const { baseline } = compared;
  if (baseline === undefined) return { against: undefined, problems: withoutFigure(plan, undefined) };
  return baselineFigures(plan, input, baseline);
}

/** What is wrong with a criterion is told with the plan's other problems. */
async function criteriaCanBeRead(plan: ParsedPlan): Promise<boolean> {
  return (await unreadable(criteria(plan))).length === 0;
}

/** What is wrong with a plan's parameters, and the texts that stay without a value because of it. */
type ParamFaults = Pick<FilledPlan, 'problems' | 'unfilled'>;
const NO_FAULTS: ParamFaults = { problems: [], unfilled: [] };

/**
 * Plugins and thresholds are checked even if the schema or the parameters have problems, so that the user sees all of them at
 * once; but where a plan names what it may not, nothing that it names is loaded.
 */
async function parsed(calls: PluginCalls, plan: PlanFile, source: unknown, faults = NO_FAULTS): Promise<ParsedPlan> {
  const refused = plan.rights?.problems(source) ?? [];
  const read = readPlan(source);
  if (!isFaulty(read) && faults.problems.length + refused.length === 0) return read;
  const others = [
    ...(isFaulty(read) ? read : []),
    ...(refused.length > 0 ? [] : (await checkedPlugins(calls, plan)).problems),
    ...(await criterionProblems(plan)),
  ];
  const found = [...refused, ...faults.problems, ...besidesUnfilled(others, faults.unfilled)];
  throw planFileError(plan.file, found, plan.lineOf);
}

/** @returns the plan, or all that is wrong with it */
function readPlan(source: unknown): ParsedPlan | readonly PlanProblem[] {
  try {
    return parsePlan(source);
  } catch (error) {
    if (error instanceof PlanError) return error.problems;
    throw error;
  }
}

async function criterionProblems({ source }: PlanFile): Promise<PlanProblem[]> {
  return unreadable(criteria(source));
}

async function unreadable(written: ReturnType<typeof criteria>): Promise<PlanProblem[]> {
  const { parseThreshold } = await import('../../verdict/criterion.ts');
  const { ThresholdError } = await import('../../verdict/criterion/threshold-error.ts');
  return written.flatMap(({ path, text }) => {
    try {
      parseThreshold(text);
      return [];
    } catch (error) {
      if (!(error instanceof ThresholdError)) throw error;
      return [{ path, message: error.message }];
    }
  });
}

/** @returns the plan with its plugins and the names of its files, or all that is wrong with them */
async function resolution(
  calls: PluginCalls,
  { baseDirectory, source, rights }: PlanFile,
  plan: ParsedPlan,
  others: readonly CheckedPlugin[],
): Promise<Pick<RunnablePlan, 'resolved' | 'files'> | readonly PlanProblem[]> {
  const { loadDriver, loadUser } = await import('../../../plugins/loader/load.ts');
  const { checkThresholds } = await import('../../verdict/thresholds.ts');
  const { selectableRows } = await import('../../verdict/criterion/select.ts');
  const { clashes } = await import('../../plan/driver-use.ts');
  const load: LoadDriver = (use) =>
    calls.watch({ kind: 'driver', use }, 'the module', () => loadDriver(use, baseDirectory));
  const user: LoadUser = (use) =>
    calls.watch({ kind: 'script', use }, 'the module', () => loadUser(use, baseDirectory));
  try {
    const resolved = await resolvePlan(plan, load, user, calls.call);
    const clash = await clashes(resolved, calls.call);
    const refusalOf = rights && ((name: string) => rights.problemOf(name, source));
    const { names: files, problems: inFiles } = await filesOfPlan(
      resolved,
      others,
      baseDirectory,
      calls.call,
      refusalOf,
    );
    const thresholds = checkThresholds(plan, selectableRows(resolved), Object.keys(plan.monitors));
    const problems = [...(await targetProblems(resolved, calls.call)), ...clash, ...inFiles, ...thresholds];
    return problems.length > 0 ? problems : { resolved, files };
  } catch (error) {
    if (error instanceof PlanError) return error.problems;
    throw error;
  }
}
