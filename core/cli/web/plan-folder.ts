import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { MAX_PLAN_BYTES } from '../../plan/plain-data.ts';
import { isBelow } from '../../plan-files.ts';
import { reasonOf } from '../../text/system-reason.ts';
import { ApiError } from '../../web/api-error.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { type PlanFile, type ReadingLimit, textPlan } from '../plans/plan-file.ts';

const MAX_FILES = 500;
const MAX_DEPTH = 5;
/** They are read in less than a second each, also for whoever only wants to see which there are. */
const MAX_TOKENS = 100_000;
const LIMIT: ReadingLimit = {
  tokens: MAX_TOKENS,
  excess: `it has more than ${MAX_TOKENS.toLocaleString('en')} words, marks and line ends, which would keep others waiting: run it with \`bench run --control\``,
};
const EXTENSION = /(?<!\.schema)\.(ya?ml|json)$/i;
/** Other files of these kinds may lie beside plans. */
const IS_PLAN = /(?:^[ \t]*|[{,]\s*)["']?scenarios["']?\s*:/m;

/** A file of the folder. */
export interface FoundPlan {
  /** From the folder, with `/`. */
  readonly name: string;
  /** Not checked yet. @throws {CommandError} when it cannot be read, as a file or as a plan */
  plan(): PlanFile;
}

/** The folder of plans that callers may start by their names. */
export class PlanFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** @throws {ApiError} when the folder has no such plan */
  async find(name: string): Promise<FoundPlan> {
    const found = EXTENSION.test(name) ? await this.#read(name) : undefined;
    if (found === undefined) throw new ApiError(404, `there is no plan ${name} in the folder of plans`);
    return found;
  }

  /** At most 500, in the order of their names. Files that go meanwhile are left out. */
  async *plans(): AsyncGenerator<FoundPlan> {
    let count = 0;
    for await (const path of planFiles(this.path, 0)) {
      if (count === MAX_FILES) return;
      const plan = await this.#read(relative(this.path, path).split(sep).join('/'), (text) => IS_PLAN.test(text));
      if (plan === undefined) continue;
      count += 1;
      yield plan;
    }
  }

  /**
   * @param isWanted asked of the text, where the folder is searched
   * @returns undefined for a file that is not there, lies elsewhere, or is not wanted
   */
  async #read(name: string, isWanted?: (text: string) => boolean): Promise<FoundPlan | undefined> {
    // Nobody learns what there is elsewhere, or why it cannot be reached.
    const path = await realpath(resolve(this.path, name)).catch(() => undefined);
    if (path === undefined || !isBelow(path, this.path)) return undefined;
    const unreadable = (reason: string, cause?: unknown): FoundPlan => ({
      name,
      plan() {
        throw new CommandError(`${name} cannot be read: ${reason}`, EXIT.invalidInput, { cause });
      },
    });
    try {
      const status = await stat(path);
      if (!status.isFile()) return undefined;
      if (status.size > MAX_PLAN_BYTES) return isWanted ? undefined : unreadable('it is too large for a plan');
      const text = await readFile(path, 'utf8');
      if (isWanted?.(text) === false) return undefined;
      return { name, plan: () => textPlan(name, path, text, LIMIT) };
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : unreadable(reasonOf(error), error);
    }
  }
}

/** Paths of the files that are named like plans. Links to folders are not followed: they could lead round in a circle. */
async function* planFiles(folder: string, depth: number): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      if (EXTENSION.test(entry.name)) yield path;
    } else if (depth < MAX_DEPTH) yield* planFiles(path, depth + 1);
  }
}
