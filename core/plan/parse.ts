import type { z } from 'zod';
import { MAX_DURATION_US, MAX_VUS } from '../agent-limits.ts';
import { placesIn, referenceFault } from '../secrets/reference.ts';
import { formatDuration } from '../text/duration.ts';
import { PatternBudget } from '../text/pattern.ts';
import type { ParsedFlow } from './flow.ts';
import { highestLevel } from './load/load-model.ts';
import { DEFAULT_SEARCH_US } from './load/profile.ts';
import { scenarioTime } from './load/split.ts';
import { shown } from './messages.ts';
import { besidesUnfilled, unfilledParams } from './params/fill.ts';
import { plainDataProblems } from './plain-data.ts';
import { formatPath, PlanError, type PlanProblem, problemAt, withoutEffects } from './problem.ts';
import { type ParsedPlan, planSchema } from './schema.ts';

/**
 * Reads a plan.
 * @param source what the file or module holds, as plain data
 * @throws {PlanError} with all problems
 */
export function parsePlan(source: unknown): ParsedPlan {
  if (typeof source !== 'object' || source === null || Array.isArray(source))
    throw new PlanError([{ path: '', message: noPlan(source) }]);
  const unusable = plainDataProblems(source);
  if (unusable.length > 0) throw new PlanError(unusable);
  const unfilled = unfilledParams(source);
  const parsed = new PatternBudget().during(() => planSchema.safeParse(source));
  if (!parsed.success) {
    const others = besidesUnfilled(
      withoutEffects(parsed.error.issues).map(problemOf),
      unfilled.map(({ path }) => path),
    );
    throw new PlanError([...unfilled, ...others]);
  }
  const problems = [
    ...unfilled,
    ...work(parsed.data),
    ...ramps(parsed.data),
    ...lengths(parsed.data),
    ...searches(parsed.data),
    ...misspelt(parsed.data),
  ];
  if (problems.length > 0) throw new PlanError(problems);
  return parsed.data;
}

/** An empty file is null in YAML, a word that its author has not written. */
function noPlan(source: unknown): string {
  const found = source === null || source === undefined ? 'there is nothing in it: ' : `it is ${shown(source)}: `;
  return `${found}a plan is a map with at least a name and scenarios; \`bench init plan\` writes one to start from`;
}

function hasOperation(flow: ParsedFlow): boolean {
  return flow.some((step) => {
    if (step.kind === 'choose') return step.branches.some((branch) => hasOperation(branch.flow));
    return step.kind === 'operation' || (step.kind === 'repeat' && hasOperation(step.flow));
  });
}

/** A scenario draws operations, goes through a flow, or has a script. */
function work({ scenarios }: ParsedPlan): PlanProblem[] {
  return Object.entries(scenarios).flatMap(([name, scenario]): PlanProblem[] => {
    const path = `scenarios.${name}`;
    const { operations, flow, user, onFailure } = scenario;
    const kinds = [operations.length > 0 && 'operations', flow && 'a flow', user && 'a script'].filter(Boolean);
    if (kinds.length === 0) {
      return [{ path, message: 'does nothing: list its operations, write a flow, or name a script as its user' }];
    }
    if (kinds.length > 1) return [{ path, message: `has ${kinds.join(' and ')}: keep one of them` }];
    if (flow !== undefined && !hasOperation(flow)) {
      return [{ path: `${path}.flow`, message: 'has no step with a driver, so nothing would be sent' }];
    }
    const problems: PlanProblem[] = [];
    if (flow === undefined && onFailure !== undefined) {
      problems.push({ path: `${path}.onFailure`, message: 'is for a flow: leave it out' });
    }
    return [...problems, ...(user === undefined ? onlyForScripts(scenario, path) : notForScripts(scenario, path))];
  });
}

type Scenario = ParsedPlan['scenarios'][string];

function onlyForScripts({ data }: Scenario, path: string): PlanProblem[] {
  if (Object.keys(data).length === 0) return [];
  const message = 'is for a script; the data of operations stand in the options of their driver';
  return [{ path: `${path}.data`, message }];
}

function notForScripts(scenario: Scenario, path: string): PlanProblem[] {
  return (['onStart', 'onStop'] as const).flatMap((field) =>
    scenario[field] === undefined
      ? []
      : [{ path: `${path}.${field}`, message: `is for operations and flows: the script has an ${field} of its own` }],
  );
}

/** References that are not written correctly, in the places where references may be used. */
function misspelt({ target, drivers, monitors, outputs }: ParsedPlan): PlanProblem[] {
  const options = (all: ParsedPlan['monitors']) =>
    Object.fromEntries(Object.entries(all).map(([name, { options }]) => [name, { options }]));
  const plugins = { drivers: options(drivers), monitors: options(monitors), outputs: options(outputs) };
  const places = [...placesIn({ target, ...plugins }, [])];
  return places.flatMap(({ reference, path }) => {
    const message = referenceFault(reference);
    return message === undefined ? [] : [{ path: formatPath(path), message }];
  });
}

/** Problems that the schema cannot express: stages without load or duration, a warm-up without load. */
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

/** Stages and the time before them add up. */
function lengths(plan: ParsedPlan): PlanProblem[] {
  return Object.entries(plan.scenarios).flatMap(([name, scenario]) => {
    const { endUs, gracefulStopUs } = scenarioTime(plan, scenario);
    if (endUs + gracefulStopUs <= MAX_DURATION_US) return [];
    const message = `ends more than ${formatDuration(MAX_DURATION_US)} after the start of the run: make it shorter`;
    return [{ path: `scenarios.${name}`, message }];
  });
}

/** A search needs one load, from the run's start, and levels that its load model has. */
function searches({ scenarios }: ParsedPlan): PlanProblem[] {
  const found = Object.entries(scenarios).filter(([, { executor }]) => executor === 'find-max');
  const [, ...others] = found.map(([name]) => name);
  const twice = others.map((name) => {
    return {
      path: `scenarios.${name}.executor`,
      message: 'the plan has a find-max already: one load can be searched at a time',
    };
  });
  const problems = found.flatMap(([name, scenario]): PlanProblem[] => {
    if (scenario.executor !== 'find-max') return [];
    const path = `scenarios.${name}`;
    const { from, of, startTime, confirm = 0, maxDuration = DEFAULT_SEARCH_US } = scenario;
    const to = highestLevel(scenario);
    const wrong = (field: string, message: string) => [{ path: `${path}.${field}`, message }];
    const most = of === 'vus' ? MAX_VUS : Number.POSITIVE_INFINITY;
    return [
      ...(startTime === undefined
        ? []
        : wrong('startTime', 'is not for find-max, which begins with the run: remove it')),
      ...(of === 'vus' && !Number.isInteger(from)
        ? wrong('from', `must be a whole number of virtual users, not ${from}`)
        : []),
      ...(of === 'vus' && !Number.isInteger(to)
        ? wrong('to', `must be a whole number of virtual users, not ${to}`)
        : []),
      ...(to > most ? wrong('to', `must be at most ${most} virtual users, not ${to}`) : []),
      ...(confirm >= maxDuration
        ? wrong(
            'confirm',
            `must be shorter than maxDuration, which is ${formatDuration(maxDuration)}: the answer could never be confirmed`,
          )
        : []),
      ...(to < from ? wrong('to', `must be at least ${from}, from which the search begins, not ${to}`) : []),
    ];
  });
  return [...twice, ...problems];
}

function problemOf(issue: z.core.$ZodIssue): PlanProblem {
  return problemAt(issue.path, issue);
}
