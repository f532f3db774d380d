import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorMessage } from '../../error.ts';
import { MAX_PLAN_BYTES, plainDataProblems } from '../../plan/plain-data.ts';
import { formatPath, type PlanProblem } from '../../plan/problem.ts';
import type { PlanInput } from '../../plan/schema.ts';
import { nearest } from '../../text/nearest.ts';
import { CommandError, PlanFileError, planFileError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { inputText } from '../files/input-file.ts';
import { hasMoreTokens, readPlanText, type TextFault } from './plan-text.ts';

/** A plan as its file holds it: plain data, not checked yet. */
export interface PlanFile {
  /** As the user named it. */
  readonly file: string;
  /** Absolute: relative paths in the plan start here. */
  readonly baseDirectory: string;
  readonly source: unknown;
  /** The line that a problem's path points to; undefined for plans that are modules. */
  readonly lineOf: (path: string) => number | undefined;
  /** How the file writes a number; undefined for plans that are modules. */
  readonly written?: (path: readonly string[]) => string | undefined;
  /** Undefined where the plan is that of the user who runs this process. */
  readonly rights?: PlanRights;
}

/** What a plan may name. It is judged as it will run: with parameters and target filled in; it need not be valid. */
export interface PlanRights {
  /** What it names and may not, asked before any of it is loaded. */
  problems(source: unknown): readonly PlanProblem[];
  /**
   * Why a file, or an address whose references could name one, may not be named that a plugin found in its options; undefined when it
   * may. Asked before anything is told of what is in it.
   */
  problemOf(name: string, source: unknown): string | undefined;
}

const TEXT_EXTENSIONS = ['.yaml', '.yml', '.json'];
const MODULE_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

/**
 * Loads a plan from YAML, JSON, or a module with a default export; `-` is YAML or JSON on standard input.
 * @throws {CommandError} that says what is wrong and, for a syntax error, in which line
 */
export async function loadPlanFile(file: string): Promise<PlanFile> {
  if (file === '-')
    return textPlan('The plan on standard input', resolve('-'), await inputText('The plan', '-', MAX_PLAN_BYTES));
  const path = resolve(file);
  const extension = extname(path).toLowerCase();
  await assertExists(file, path);
  const text = await inputText('The plan', file, MAX_PLAN_BYTES);
  if (TEXT_EXTENSIONS.includes(extension)) return textPlan(file, path, text);
  if (MODULE_EXTENSIONS.includes(extension)) return modulePlan(file, path);
  throw invalid(
    `${file} is not named like a plan: its name must end in ${[...TEXT_EXTENSIONS, ...MODULE_EXTENSIONS].join(', ')}.`,
  );
}

async function assertExists(file: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw invalid(`${file} is a folder: name the plan in it.`);
  // What is no regular file, or too large, is refused when it is read.
  if (found) return;
  const beside = await readdir(dirname(path)).catch(() => []);
  const plans = beside.filter((name) => [...TEXT_EXTENSIONS, ...MODULE_EXTENSIONS].includes(extname(name)));
  const guess = nearest(basename(path), plans);
  throw invalid(`There is no plan ${file}${guess ? `; did you mean ${file.replace(/[^/\\]*$/, guess)}?` : '.'}`);
}

/** How much of a text is read where others wait meanwhile. */
export interface ReadingLimit {
  readonly tokens: number;
  /** What is said of a longer plan: a sentence without its subject. */
  readonly excess: string;
}

/**
 * A plan of text that a person or another command has written.
 * @param file what messages call it
 * @param path absolute; relative paths in the plan start in its folder
 * @param limit undefined where nobody waits
 */
export function textPlan(file: string, path: string, text: string, limit?: ReadingLimit): PlanFile {
  if (limit !== undefined && hasMoreTokens(text, limit.tokens)) {
    throw planFileError(file, [{ path: '', message: limit.excess }]);
  }
  const read = readPlanText(text);
  if (!('source' in read)) throw unreadable(file, read);
  const { source, lineOf, written } = read;
  const problems = plainDataProblems(source);
  if (problems.length > 0) throw planFileError(file, problems, lineOf);
  return { file, baseDirectory: dirname(path), source, lineOf, written };
}

async function modulePlan(file: string, path: string): Promise<PlanFile> {
  const { offerToolkit } = await import('../../../plugins/loader/offer-toolkit.ts');
  offerToolkit();
  const { callingPlugins } = await import('../plugins/plugin-calls.ts');
  const importing = callingPlugins(({ call }) => {
    return call({ kind: 'plan', use: file }, 'the module', () => import(pathToFileURL(path).href));
  });
  const loaded: unknown = await importing.catch((error: unknown) => {
    throw invalid(`${file} cannot be loaded: ${errorMessage(error).split('\n')[0]}`, error);
  });
  const source: unknown = (loaded as { default?: unknown }).default;
  if (source === undefined) {
    throw invalid(`${file} has no default export: write \`export default definePlan({ … })\`.`);
  }
  return objectPlan(file, dirname(path), isScript(source) ? planOfScript(path) : source);
}

/** What `defineUser` returns. */
function isScript(source: unknown): boolean {
  const { iterate, tasks, scenarios } = (source ?? {}) as Readonly<Record<string, unknown>>;
  return scenarios === undefined && (typeof iterate === 'function' || typeof tasks === 'object');
}

/** A script that is run without a plan: flags say the target, and another load. */
function planOfScript(path: string): PlanInput {
  const name = basename(path);
  const user = { executor: 'constant-vus' as const, vus: 1, duration: '10s', user: `./${name}` };
  return { name, scenarios: { users: user } };
}

/**
 * A plan that a module or a program has made.
 * @param file what messages call it
 * @throws {CommandError} when it holds what a plan cannot hold
 */
export function objectPlan(file: string, baseDirectory: string, source: unknown): PlanFile {
  const odd = notPlain(source, [], new Set());
  if (odd !== undefined) throw invalid(`${file}: ${odd}`);
  const plain: unknown = JSON.parse(JSON.stringify(source));
  const problems = plainDataProblems(plain);
  if (problems.length > 0) throw planFileError(file, problems);
  return { file, baseDirectory, source: plain, lineOf: () => undefined };
}

/** A plan travels to agents as JSON: what JSON would drop or change without a word is refused. */
function notPlain(value: unknown, path: readonly PropertyKey[], above: Set<object>): string | undefined {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean')
    return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  const where = formatPath(path) || 'the default export';
  if (typeof value !== 'object')
    return `${where} is ${typeof value === 'number' ? value : `a ${typeof value}`}, which a plan cannot hold.`;
  if (above.has(value)) return `${where} refers back to an object that holds it, which a plan cannot do.`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return `${where} is a ${value.constructor.name}, which a plan cannot hold: write it as text, number, list or object.`;
  }
  const inside = new Set(above).add(value);
  for (const [key, inner] of Object.entries(value)) {
    const odd = notPlain(inner, [...path, Array.isArray(value) ? Number(key) : key], inside);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

function unreadable(file: string, faults: readonly TextFault[]): PlanFileError {
  const lines = faults.map(({ message, line }) => `  ${line === undefined ? '' : `line ${line}: `}${message}`);
  const problems = faults.map(({ message, line }) => ({ path: '', message, line }));
  return new PlanFileError(`${file} cannot be read:\n${lines.join('\n')}`, problems);
}

function invalid(message: string, cause?: unknown): CommandError {
  return new CommandError(message, EXIT.invalidInput, { cause });
}
