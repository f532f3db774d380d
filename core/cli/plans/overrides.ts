import { resolve } from 'node:path';
import { loadProfile } from '../../plan/load/profile.ts';
import type { ParsedPlan, ParsedScenario, PlanInput } from '../../plan/schema.ts';
import { formatDuration } from '../../text/duration.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { OutToFlag, StageFlag } from '../flags/flags.ts';
import { FLAG_NAMES, type OverrideNames } from './override-names.ts';
import { type SearchFlags, searchingPlan } from './searching-plan.ts';

/** What replaces parts of a plan: flags, or fields of a request. */
export interface PlanOverrides {
  /** Default: those of flags. */
  readonly names?: OverrideNames;
  /** Texts, by the names of the plan's parameters. */
  readonly param?: Readonly<Record<string, string>>;
  readonly host?: string;
  readonly seed?: number;
  readonly vus?: number;
  /** Virtual users per second until they are all there. */
  readonly spawnRate?: number;
  readonly duration?: string;
  readonly stage?: readonly StageFlag[];
  readonly outTo?: readonly OutToFlag[];
  /** Set to search the greatest load, in place of the plan's load. */
  readonly search?: SearchFlags;
}

export interface OverriddenPlan {
  readonly plan: PlanInput;
  /** What the flags made of the load, one sentence each. */
  readonly notices: readonly string[];
}

type ScenarioInput = PlanInput['scenarios'][string];
/** The fields that make the load model; the others (operations, think time, …) stay as they are. */
const LOAD_FIELDS = ['executor', 'vus', 'duration', 'spawnRate', 'startVus', 'stages', 'iterations', 'maxDuration'];
const CLOSED = ['constant-vus', 'ramping-vus', 'shared-iterations', 'per-vu-iterations'];

/**
 * Applies the command line to a valid plan. As in k6, `--stage` makes the load `ramping-vus`, and `--vus` with `--duration`
 * makes it `constant-vus`. A flag whose effect would be a guess is refused. When `--stage` replaces the stages of a
 * `ramping-vus` load, the new ones start at the same level as the old ones, because the warm-up runs at that level.
 *
 * @param source the plan as written
 * @param parsed the same plan after parsing
 * @throws {CommandError} when a flag does not fit the plan
 */
export function applyOverrides(source: PlanInput, parsed: ParsedPlan, overrides: PlanOverrides): OverriddenPlan {
  const plan: PlanInput = { ...source };
  if (overrides.host !== undefined) plan.target = overrides.host;
  if (overrides.seed !== undefined) plan.seed = overrides.seed;
  if (overrides.outTo !== undefined) plan.outputs = withOutputs(source.outputs, overrides.outTo);
  if (overrides.search !== undefined) return searchingPlan(plan, parsed, overrides.search);
  const flags = loadFlags(overrides);
  if (flags.length === 0) return { plan, notices: [] };
  const [name, ...others] = Object.keys(source.scenarios) as [string, ...string[]];
  if (others.length > 0) {
    throw refusal(
      `${flags.join(' and ')} cannot be applied: the plan has ${others.length + 1} scenarios (${[name, ...others].join(', ')}). Change their load in the plan.`,
    );
  }
  const scenario = changedScenario(
    name,
    source.scenarios[name] as ScenarioInput,
    parsed.scenarios[name] as ParsedScenario,
    parsed.warmup ?? 0,
    overrides,
  );
  plan.scenarios = { [name]: scenario };
  return { plan, notices: [`Because of ${flags.join(' and ')}, scenario ${name} runs as ${inWords(scenario)}.`] };
}

/** An output that the plan names too gets another URL. A path on the command line starts where the command does. */
function withOutputs(named: PlanInput['outputs'] = {}, added: readonly OutToFlag[]): PlanInput['outputs'] {
  const outputs = added.map(({ use, url }) => {
    const { options, ...output } = named[use] ?? (/^\.\.?\//.test(use) ? { use: resolve(use) } : {});
    return [use, { ...output, options: { ...options, ...(url !== undefined && { url }) } }] as const;
  });
  return { ...named, ...Object.fromEntries(outputs) };
}

function loadFlags({ vus, spawnRate, duration, stage, names = FLAG_NAMES }: PlanOverrides): string[] {
  const given = [
    [names.vus, vus],
    [names.spawnRate, spawnRate],
    [names.duration, duration],
    [names.stage, stage],
  ] as const;
  return given.flatMap(([flag = '', value]) => (value === undefined ? [] : [flag]));
}

function changedScenario(
  name: string,
  source: ScenarioInput,
  parsed: ParsedScenario,
  warmupUs: number,
  { vus, spawnRate, duration, stage, names = FLAG_NAMES }: PlanOverrides,
): ScenarioInput {
  const { executor } = parsed;
  const isConstant = executor === 'constant-vus' || (executor === 'ramping-vus' && vus !== undefined);
  if (spawnRate !== undefined && !isConstant) {
    throw refusal(
      `a spawn rate does not fit scenario ${name}, which is ${executor}: only users that stay until the end are spawned at a rate.`,
    );
  }
  if (spawnRate !== undefined && stage !== undefined) {
    throw refusal(`${names.spawnRate} and --stage cannot be given together: the stages say when users come.`);
  }
  if (stage !== undefined && duration !== undefined) {
    throw refusal('--stage and --duration cannot be given together: the stages say how long the load lasts.');
  }
  if (!CLOSED.includes(executor)) {
    const onlyDuration = duration !== undefined && vus === undefined;
    if (executor === 'constant-arrival-rate' && onlyDuration) return { ...source, duration } as ScenarioInput;
    if ((executor === 'shape' || executor === 'find-max') && onlyDuration)
      return { ...source, maxDuration: duration } as ScenarioInput;
    const flag = (stage !== undefined ? names.stage : vus !== undefined ? names.vus : undefined) ?? names.duration;
    const reason =
      executor === 'find-max'
        ? 'its search says what the load is'
        : executor === 'shape'
          ? 'its module says what the load is'
          : flag === names.duration
            ? 'its stages say how long it lasts'
            : 'it is driven by a rate, not by virtual users';
    throw refusal(`${flag} does not fit scenario ${name}, which is ${executor}: ${reason}. Change it in the plan.`);
  }
  if (stage !== undefined) {
    const startVus = vus ?? (executor === 'ramping-vus' ? parsed.startVus : 0);
    if (startVus === 0 && warmupUs > 0) {
      throw refusal(
        `--stage starts scenario ${name} from 0 virtual users, but the plan's warm-up of ${formatDuration(warmupUs)} runs at the level it starts from: give that level with --vus.`,
      );
    }
    return withLoad(source, { executor: 'ramping-vus', ...(startVus > 0 && { startVus }), stages: [...stage] });
  }
  if (executor === 'shared-iterations' || executor === 'per-vu-iterations') {
    return { ...source, ...(vus && { vus }), ...(duration && { maxDuration: duration }) } as ScenarioInput;
  }
  if (executor === 'constant-vus')
    return {
      ...source,
      ...(vus && { vus }),
      ...(spawnRate && { spawnRate }),
      ...(duration && { duration }),
    } as ScenarioInput;
  if (vus === undefined) {
    throw refusal(
      `${names.duration} does not fit scenario ${name}, whose stages last ${planned(parsed)}: give ${names.stage === undefined ? '' : `${names.stage}, or `}${names.vus} and ${names.duration} for a constant load.`,
    );
  }
  const spawned = spawnRate === undefined ? {} : { spawnRate };
  return withLoad(source, { executor: 'constant-vus', vus, ...spawned, duration: duration ?? planned(parsed) });
}

function withLoad(source: ScenarioInput, load: object): ScenarioInput {
  const kept = Object.entries(source).filter(([field]) => !LOAD_FIELDS.includes(field));
  return { ...load, ...Object.fromEntries(kept) } as ScenarioInput;
}

function planned(scenario: ParsedScenario): string {
  return formatDuration(loadProfile(scenario, 0).durationUs);
}

function inWords(scenario: ScenarioInput): string {
  switch (scenario.executor) {
    case 'constant-vus':
      return scenario.spawnRate === undefined
        ? `constant-vus: ${scenario.vus} virtual users for ${scenario.duration}`
        : `constant-vus: ${scenario.vus} virtual users, ${scenario.spawnRate} more each second, for ${scenario.duration}`;
    case 'ramping-vus':
      return `ramping-vus: ${scenario.startVus ?? 0} virtual users, then ${scenario.stages.map(({ duration, target }) => `${target} in ${duration}`).join(', ')}`;
    case 'constant-arrival-rate':
      return `constant-arrival-rate: ${scenario.rate} per second for ${scenario.duration}`;
    case 'shared-iterations':
    case 'per-vu-iterations':
      return `${scenario.executor}: ${scenario.vus} virtual users, ${scenario.iterations} iterations, at most ${scenario.maxDuration ?? '10m'}`;
    case 'shape':
      return `shape: ${scenario.shape}, at most ${scenario.maxDuration ?? '10m'}`;
    case 'ramping-arrival-rate':
    case 'find-max':
      return scenario.executor;
  }
}

function refusal(message: string): CommandError {
  return new CommandError(message, EXIT.invalidInput);
}
