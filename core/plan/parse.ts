import type { z } from 'zod';
import { BenchError } from '../error.ts';
import { placesIn, referenceFault } from '../secrets/reference.ts';
import { shown } from './fields.ts';
import { type ParsedPlan, planSchema } from './schema.ts';

/** One thing that is wrong with a plan. */
export interface PlanProblem {
  /** Where, such as `scenarios.devices.stages[2].duration`; empty for the plan as a whole. */
  readonly path: string;
  /** What is wrong and how to fix it. */
  readonly message: string;
}

/** A plan that cannot be run; holds every problem found, not only the first. */
export class PlanError extends BenchError {
  override readonly name = 'PlanError';
  readonly problems: readonly PlanProblem[];

  constructor(problems: readonly PlanProblem[]) {
    super('invalid_plan', problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

export function formatProblem({ path, message }: PlanProblem): string {
  return path === '' ? message : `${path}: ${message}`;
}

/**
 * Reads a plan.
 * @param source what the file or module holds, as plain data
 * @throws {PlanError} with all problems
 */
export function parsePlan(source: unknown): ParsedPlan {
  const parsed = planSchema.safeParse(source, { error: wrongType });
  if (!parsed.success) throw new PlanError(parsed.error.issues.map(problemOf));
  const problems = [...ramps(parsed.data), ...misspelt(parsed.data)];
  if (problems.length > 0) throw new PlanError(problems);
  return parsed.data;
}

/** Where references may stand. */
function misspelt({ target, drivers, monitors }: ParsedPlan): PlanProblem[] {
  const options = (all: ParsedPlan['drivers']) =>
    Object.fromEntries(Object.entries(all).map(([name, { options }]) => [name, { options }]));
  const places = [...placesIn({ target, drivers: options(drivers), monitors: options(monitors) }, [])];
  return places.flatMap(({ reference, path }) => {
    const message = referenceFault(reference);
    return message === undefined ? [] : [{ path: formatPath(path), message }];
  });
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  record: 'a map',
  object: 'a map',
  array: 'a list',
  boolean: 'true or false',
};

/** For fields that do not say it themselves. */
function wrongType(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    const wanted = KINDS[issue.expected] ?? `a ${issue.expected}`;
    return issue.input === undefined
      ? `is missing: it must be ${wanted}`
      : `must be ${wanted}, not ${shown(issue.input)}`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}, not ${shown(issue.input)}`;
  return undefined;
}

/** What one schema cannot say: stages that go nowhere, a warm-up without load. */
function ramps(plan: ParsedPlan): PlanProblem[] {
  const problems: PlanProblem[] = [];
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    const path = `scenarios.${name}`;
    if (!('stages' in scenario)) continue;
    const start = scenario.executor === 'ramping-vus' ? scenario.startVus : scenario.startRate;
    if (scenario.stages.every(({ duration }) => duration === 0)) {
      problems.push({ path: `${path}.stages`, message: 'the stages last 0s together: give at least one a duration' });
    } else if (start === 0 && scenario.stages.every(({ target }) => target === 0)) {
      problems.push({
        path: `${path}.stages`,
        message: 'no stage has a target above 0, so there is no load: raise one of them',
      });
    } else if (start === 0 && (plan.warmup ?? 0) > 0) {
      const field = scenario.executor === 'ramping-vus' ? 'startVus' : 'startRate';
      problems.push({ path: `${path}.${field}`, message: `must be above 0, because the warm-up runs at that level` });
    }
  }
  return problems;
}

function problemOf(issue: z.core.$ZodIssue): PlanProblem {
  return { path: formatPath(issue.path), message: describe(issue) };
}

/** A union's own message is "Invalid input": the branch that came furthest says more. */
function describe(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue.message;
  const deepest = issue.errors
    .flat()
    .filter((inner) => inner.code !== 'invalid_type' || inner.path.length > 0)
    .map((inner) => (inner.path.length > 0 ? `${formatPath(inner.path)}: ${describe(inner)}` : describe(inner)));
  return deepest.length > 0 ? deepest.join('; ') : issue.message;
}

export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}
