import { BenchError } from '../error.ts';
import type { SchemaIssue } from '../options-schema.ts';

/** One thing that is wrong with a plan. */
export interface PlanProblem {
  /** Where, such as `scenarios.devices.stages[2].duration`; empty for the plan as a whole. */
  readonly path: string;
  /** What is wrong and how to fix it. */
  readonly message: string;
  /** Path of what is to be looked at, where that is more than {@link path}: a key that may not be there. */
  readonly place?: string;
}

/** More problems than this are counted but not listed. */
const MAX_LISTED = 50;

/** A plan that cannot be run; lists every problem found, not only the first. */
export class PlanError extends BenchError {
  override readonly name = 'PlanError';
  readonly problems: readonly PlanProblem[];

  constructor(problems: readonly PlanProblem[]) {
    const listed = problems.slice(0, MAX_LISTED);
    if (problems.length > MAX_LISTED) {
      listed.push({ path: '', message: `There are ${problems.length - MAX_LISTED} more problems.` });
    }
    super('invalid_plan', listed.map(formatProblem).join('\n'));
    this.problems = listed;
  }
}

export function formatProblem({ path, message }: PlanProblem): string {
  return path === '' ? message : `${path}: ${message}`;
}

/** Such as `scenarios.devices.stages[2]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

/**
 * What a schema finds wrong with the options of a plugin.
 * @param base path of the options
 */
export function optionProblems(base: string, issues: readonly SchemaIssue[]): PlanProblem[] {
  return withoutEffects(issues).map((issue) => {
    const keys = keysOf(issue);
    return problemAt(base === '' ? keys : [base, ...keys], issue);
  });
}

/** What a schema has found, without what follows from it: what is no text, say, is not too short as well. */
export function withoutEffects<Issue extends SchemaIssue>(issues: readonly Issue[]): Issue[] {
  const isOfWrongType = (issue: Issue) => (issue as { readonly code?: unknown }).code === 'invalid_type';
  const wrong = new Set(issues.filter(isOfWrongType).map((issue) => formatPath(keysOf(issue))));
  return issues.filter((issue) => isOfWrongType(issue) || !wrong.has(formatPath(keysOf(issue))));
}

function keysOf({ path = [] }: SchemaIssue): PropertyKey[] {
  return path.map((part) => (typeof part === 'object' ? part.key : part));
}

/** What a schema has found, which may be one of zod's. */
export function problemAt(path: readonly PropertyKey[], issue: SchemaIssue): PlanProblem {
  const { message } = issue;
  const { code, keys } = issue as { readonly code?: unknown; readonly keys?: readonly string[] };
  const [unknown] = code === 'unrecognized_keys' ? (keys ?? []) : [];
  const problem = { path: formatPath(path), message };
  return unknown === undefined ? problem : { ...problem, place: formatPath([...path, unknown]) };
}
