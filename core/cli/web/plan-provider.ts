import { join } from 'node:path';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import type { ContentCache } from '../../bundle/content-cache.ts';
import { errorMessage } from '../../error.ts';
import { highestLevel, isLive, takesArrivals } from '../../plan/load/load-model.ts';
import { loadProfile } from '../../plan/load/profile.ts';
import { plannedDurationUs } from '../../plan/load/split.ts';
import type { ParsedScenario } from '../../plan/schema.ts';
import { planThresholds } from '../../verdict/thresholds.ts';
import type { PlanOutline, PlanProblemBody } from '../../web/api/bodies.ts';
import { ApiError } from '../../web/api-error.ts';
import type { PlanProvider, PlanSource, PreparedPlan } from '../../web/providers.ts';
import { type PlanBundle, planBundle } from '../bundle/plan-bundle.ts';
import { piecesOf } from '../bundle/send-contents.ts';
import { CommandError, PlanFileError } from '../command-error.ts';
import { checkedPlan, type RunnablePlan } from '../plans/checked-plan.ts';
import { FIELD_NAMES } from '../plans/override-names.ts';
import type { PlanOverrides } from '../plans/overrides.ts';
import { type PlanFile, type ReadingLimit, textPlan } from '../plans/plan-file.ts';
import { PlanFolder } from './plan-folder.ts';
import { SenderRights, type SenderRules } from './sender-rights.ts';

const UPLOADED = 'the plan';
/** They are read in less than 100 ms, in which nobody else is answered; the plans that come with bench have a twentieth of it. */
const MAX_TOKENS = 12_000;
const LIMIT: ReadingLimit = {
  tokens: MAX_TOKENS,
  excess: `it has more than ${MAX_TOKENS.toLocaleString('en')} words, marks and line ends, which would keep others waiting: put it in the folder of plans, or run it with \`bench run --control\``,
};

/** Without a folder, there are only plans that are sent. */
export interface PlanProviderOptions extends SenderRules {
  readonly cache: ContentCache;
}

type Listed = Awaited<ReturnType<PlanProvider['list']>>;

/** Reads plans of a folder, and plans that are sent. */
export class FolderPlanProvider implements PlanProvider {
  readonly #options: PlanProviderOptions;
  readonly #folder: PlanFolder | undefined;
  /** The one that is under way, which whoever asks meanwhile gets too. */
  #listing: Promise<Listed> | undefined;

  constructor(options: PlanProviderOptions) {
    this.#options = options;
    this.#folder = options.folder === undefined ? undefined : new PlanFolder(options.folder);
  }

  get hasFolder(): boolean {
    return this.#folder !== undefined;
  }

  list(): Promise<Listed> {
    this.#listing ??= this.#listed().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  async #listed(): Promise<Listed> {
    const plans = [];
    for await (const found of this.#folder?.plans() ?? []) {
      await setImmediate();
      const { outline, problems } = await this.#outlined(() => this.#judged(found.plan(), false, {}));
      plans.push({ file: found.name, outline, problems });
    }
    return { plans };
  }

  check(source: PlanSource) {
    return this.#outlined(() => this.#checked(source));
  }

  async prepare(source: PlanSource): Promise<PreparedPlan> {
    try {
      const plan = await this.#checked(source);
      const bundle = await planBundle(plan, source.text === undefined);
      await this.#keep(bundle);
      return { json: JSON.stringify(plan.input), baseDirectory: plan.baseDirectory, bundle: bundle.entries };
    } catch (error) {
      const problems = problemsOf(error);
      const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
      throw new ApiError(422, `the plan has ${count}`, { problems, cause: error });
    }
  }

  async #outlined(checked: () => Promise<RunnablePlan>) {
    try {
      return { ok: true, outline: outlineOf(await checked()), problems: [] };
    } catch (error) {
      return { ok: false, outline: null, problems: problemsOf(error) };
    }
  }

  /** @throws {CommandError} with all problems, {ApiError} when there is no such file */
  async #checked(source: PlanSource): Promise<RunnablePlan> {
    const { file, text } = source;
    if (file !== undefined && text === undefined) {
      if (this.#folder === undefined)
        throw new ApiError(404, 'there is no folder of plans: start control with --plans');
      return this.#judged((await this.#folder.find(file)).plan(), false, source);
    }
    if (file !== undefined || text === undefined)
      throw new ApiError(400, 'the body must have one of `file` and `text`');
    // Where there is no folder, the plan names no file, so that it does not matter where it would begin.
    const path = join(this.#folder?.path ?? process.cwd(), 'sent.yaml');
    const plan = textPlan(UPLOADED, path, text, LIMIT);
    await setImmediate();
    return this.#judged(plan, true, source);
  }

  #judged(plan: PlanFile, isSent: boolean, source: PlanSource): Promise<RunnablePlan> {
    const rights = new SenderRights(plan, isSent, this.#options);
    return checkedPlan({ ...plan, rights }, overridesOf(source), {});
  }

  async #keep({ entries, contents }: PlanBundle): Promise<void> {
    for (const entry of entries) {
      const content = contents.get(entry.sha256);
      if (content !== undefined) await this.#options.cache.obtain(entry, () => piecesOf(content));
    }
  }
}

function overridesOf({ overrides = {} }: PlanSource): PlanOverrides {
  const { vus, spawnRate, runTime, host, seed, params } = overrides;
  return {
    names: FIELD_NAMES,
    ...(vus !== undefined && { vus }),
    ...(spawnRate !== undefined && { spawnRate }),
    ...(runTime !== undefined && { duration: runTime }),
    ...(host !== undefined && { host }),
    ...(seed !== undefined && { seed }),
    ...(params !== undefined && { param: params }),
  };
}

/** @throws what is no problem of the plan */
function problemsOf(error: unknown): PlanProblemBody[] {
  if (error instanceof PlanFileError) {
    return error.problems.map(({ line, path, message }) => ({ line: line ?? null, path, message, hint: '' }));
  }
  if (!(error instanceof CommandError)) throw error;
  return [{ line: null, path: '', message: errorMessage(error), hint: error.hint ?? '' }];
}

function outlineOf({ resolved: { plan: parsed }, params, notices }: RunnablePlan): PlanOutline {
  return {
    name: parsed.name,
    target: parsed.target ?? '',
    plannedUs: plannedDurationUs(parsed),
    warmupUs: parsed.warmup ?? 0,
    scenarios: Object.entries(parsed.scenarios).map(([name, scenario]) => ({
      name,
      executor: scenario.executor,
      operations: [
        ...new Set(scenario.operations.map(({ name: shown, operation, driver }) => shown ?? operation ?? driver)),
      ],
      level: levelOf(scenario),
      of: takesArrivals(scenario) ? 'rate' : 'vus',
    })),
    thresholds: planThresholds(parsed, false).map(({ criterion }) => criterion.text),
    params: params.map(({ name, value, description = '' }) => {
      return { name, kind: typeof value, default: String(value), description };
    }),
    notices: [...notices],
  };
}

function levelOf(scenario: ParsedScenario): number | null {
  const level = isLive(scenario) ? highestLevel(scenario) : loadProfile(scenario, 0).peak;
  return Number.isFinite(level) ? level : null;
}
