import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import process from 'node:process';
import type { ContentCache } from '../../bundle/content-cache.ts';
import { errorMessage } from '../../error.ts';
import { highestLevel, isLive, takesArrivals } from '../../plan/load-model.ts';
import { loadProfile } from '../../plan/profile.ts';
import { plannedDurationUs } from '../../plan/split.ts';
import { isBelow } from '../../plan-files.ts';
import { planThresholds } from '../../verdict/thresholds.ts';
import type { PlanOutline, PlanProblemBody } from '../../web/api/bodies.ts';
import { ApiError } from '../../web/api-error.ts';
import type { PlanDesk, PlanSource, PreparedPlan } from '../../web/plan-desk.ts';
import { type PlanBundle, planBundle } from '../bundle/plan-bundle.ts';
import { CommandError, PlanFileError } from '../command-error.ts';
import { checkedPlan, type RunnablePlan } from '../plans/checked-plan.ts';
import type { PlanOverrides } from '../plans/overrides.ts';
import { MAX_PLAN_BYTES, type PlanFile, textPlan } from '../plans/plan-file.ts';
import { SenderRights, type SenderRules } from './sender-rights.ts';

const MAX_FILES = 500;
const MAX_DEPTH = 5;
const EXTENSION = /(?<!\.schema)\.(ya?ml|json)$/i;
/** Other files of these kinds may lie beside plans. */
const IS_PLAN = /^\s*["']?scenarios["']?\s*:/m;
const UPLOADED = 'the plan';

/** Without a folder, there are only plans that are sent. */
export interface PlanDeskOptions extends SenderRules {
  readonly cache: ContentCache;
}

/** Reads plans of a folder, and plans that are sent. */
export class FolderPlanDesk implements PlanDesk {
  readonly #options: PlanDeskOptions;

  constructor(options: PlanDeskOptions) {
    this.#options = options;
  }

  get hasFolder(): boolean {
    return this.#options.folder !== undefined;
  }

  async list() {
    const plans = [];
    for (const file of await this.#files()) {
      const { outline, problems } = await this.check({ file });
      plans.push({ file, outline, problems });
    }
    return { plans };
  }

  async check(source: PlanSource) {
    try {
      return { ok: true, outline: outlineOf((await this.#checked(source)).plan), problems: [] };
    } catch (error) {
      return { ok: false, outline: null, problems: problemsOf(error) };
    }
  }

  async prepare(source: PlanSource): Promise<PreparedPlan> {
    try {
      const { plan, rights } = await this.#checked(source);
      const refusal = (name: string) => rights.problemOf(name, plan.input);
      const bundle = await planBundle(plan, source.text === undefined, refusal);
      await this.#keep(bundle);
      return { json: JSON.stringify(plan.input), baseDirectory: plan.baseDirectory, bundle: bundle.entries };
    } catch (error) {
      const problems = problemsOf(error);
      const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
      throw new ApiError(422, `the plan has ${count}`, { problems, cause: error });
    }
  }

  /** @throws {CommandError} with all problems, {ApiError} when there is no such file */
  async #checked(source: PlanSource): Promise<{ readonly plan: RunnablePlan; readonly rights: SenderRights }> {
    const { file: name = '', text } = source;
    if ((source.file === undefined) === (text === undefined)) {
      throw new ApiError(400, 'the body must have one of `file` and `text`');
    }
    const file = text === undefined ? await this.#fileOf(name) : this.#sentPlan(text);
    const rights = new SenderRights(file, text !== undefined, this.#options);
    const refusals = (filled: unknown) => rights.problems(filled);
    return { plan: await checkedPlan({ ...file, refusals }, overridesOf(source), {}), rights };
  }

  async #fileOf(name: string): Promise<PlanFile> {
    const { folder } = this.#options;
    const file = folder === undefined ? undefined : await realpath(resolve(folder, name)).catch(() => undefined);
    if (folder === undefined || file === undefined || !isBelow(file, folder) || !EXTENSION.test(file)) {
      throw new ApiError(404, `there is no plan ${name} in the folder of plans`);
    }
    const { size } = await stat(file);
    if (size > MAX_PLAN_BYTES) throw new ApiError(404, `${name} is too large for a plan`);
    return textPlan(name, file, await readFile(file, 'utf8'));
  }

  /** Where there is no folder, the plan names no file, so that it does not matter where it would begin. */
  #sentPlan(text: string): PlanFile {
    return textPlan(UPLOADED, join(resolve(this.#options.folder ?? process.cwd()), 'sent.yaml'), text);
  }

  async #keep({ entries, contents }: PlanBundle): Promise<void> {
    for (const entry of entries) {
      const content = contents.get(entry.sha256);
      if (content !== undefined) await this.#options.cache.obtain(entry, () => piecesOf(content));
    }
  }

  async #files(): Promise<string[]> {
    const { folder } = this.#options;
    if (folder === undefined) return [];
    const found: string[] = [];
    const visit = async (place: string, depth: number): Promise<void> => {
      const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = join(place, entry.name);
        if (found.length >= MAX_FILES || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
        if (entry.isDirectory() && depth < MAX_DEPTH) await visit(path, depth + 1);
        else if (entry.isFile() && EXTENSION.test(entry.name) && (await isPlan(path))) {
          found.push(relative(folder, path).split(sep).join('/'));
        }
      }
    };
    await visit(resolve(folder), 0);
    return found;
  }
}

async function isPlan(path: string): Promise<boolean> {
  const { size } = await stat(path);
  return size <= MAX_PLAN_BYTES && IS_PLAN.test(await readFile(path, 'utf8'));
}

async function* piecesOf(content: Uint8Array | string): AsyncGenerator<Uint8Array> {
  if (typeof content !== 'string') {
    yield content;
    return;
  }
  const file = await open(content);
  try {
    for await (const piece of file.createReadStream({ autoClose: false })) yield piece as Uint8Array;
  } finally {
    await file.close();
  }
}

function overridesOf({ overrides = {} }: PlanSource): PlanOverrides {
  const { users, spawnRate, runTime, host, seed, params } = overrides;
  return {
    ...(users !== undefined && { vus: users }),
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

function outlineOf({ parsed, params, notices }: RunnablePlan): PlanOutline {
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
      level: isLive(scenario) ? highestLevel(scenario) : loadProfile(scenario, 0).peak,
      of: takesArrivals(scenario) ? 'rate' : 'vus',
    })),
    thresholds: planThresholds(parsed, false).map(({ criterion }) => criterion.text),
    params: params.map(({ name, value, description = '' }) => {
      return { name, kind: typeof value, default: String(value), description };
    }),
    notices: [...notices],
  };
}
