import type { OperationInfo } from '../plugin.ts';
import { namesToShow, nearest } from '../text/nearest.ts';
import type { Condition } from './flow.ts';
import type { JourneyStep } from './journey.ts';
import type { PlanProblem } from './problem.ts';
import type { ResolvedOperation } from './resolved-operation.ts';

/** A scenario's work, in the order in which a virtual user does it. */
export interface ScenarioWork {
  readonly mix: readonly ResolvedOperation[];
  readonly start: readonly JourneyStep[];
  readonly flow: readonly JourneyStep[];
  readonly stop: readonly JourneyStep[];
}

/** What drivers put in the place of `${…}` without a step that sets it. A misspelt one reads like a variable. */
const PLACEHOLDERS = ['vu', 'iteration', 'runId', 'uuid', 'traceparent'];

type Infos = ReadonlyMap<number, OperationInfo>;

/**
 * Variables that are read where no step before can have set them. Whether one has set them is known only at run time: a
 * branch may not have been taken, an answer may lack the value.
 * @param infos what each row's driver says of its operation
 * @param path of the scenario
 */
export function variableProblems(work: ScenarioWork, infos: Infos, path: string): PlanProblem[] {
  const reader = new VariableReader(infos);
  reader.flow(work.start, `${path}.onStart`);
  // Drawn by weight, any of them may have come before.
  for (const { index } of work.mix) reader.set(index);
  work.mix.forEach(({ index }, i) => {
    reader.read(index, `${path}.operations[${i}]`);
  });
  reader.flow(work.flow, `${path}.flow`);
  reader.flow(work.stop, `${path}.onStop`);
  return reader.problems;
}

class VariableReader {
  readonly problems: PlanProblem[] = [];
  readonly #infos: Infos;
  readonly #known = new Set<string>();

  constructor(infos: Infos) {
    this.#infos = infos;
  }

  set(operation: number): void {
    for (const name of this.#infos.get(operation)?.sets ?? []) this.#known.add(name);
  }

  read(operation: number, path: string): void {
    for (const name of this.#infos.get(operation)?.reads ?? []) this.#check(name, path, `\${${name}}`);
  }

  flow(flow: readonly JourneyStep[], path: string): void {
    flow.forEach((step, i) => {
      this.#step(step, `${path}[${i}]`);
    });
  }

  #step(step: JourneyStep, path: string): void {
    this.#condition(step.when, `${path}.if`);
    switch (step.kind) {
      case 'operation':
        this.read(step.operation, path);
        this.set(step.operation);
        break;
      case 'choose':
        // What one branch sets, another cannot read; what comes after them can read all of it.
        this.#branches(step.branches.map(({ flow }, i) => ({ flow, path: `${path}.choose[${i}].flow` })));
        break;
      case 'repeat':
        this.flow(step.flow, `${path}.flow`);
        this.#condition(step.until, `${path}.until`);
        break;
    }
  }

  #branches(branches: readonly { readonly flow: readonly JourneyStep[]; readonly path: string }[]): void {
    const before = new Set(this.#known);
    const after = new Set(before);
    for (const { flow, path } of branches) {
      this.#known.clear();
      for (const name of before) this.#known.add(name);
      this.flow(flow, path);
      for (const name of this.#known) after.add(name);
    }
    for (const name of after) this.#known.add(name);
  }

  #condition(condition: Condition | undefined, path: string): void {
    // Asking whether it is there is good for one that may never be.
    if (condition !== undefined && condition.kind !== 'exists')
      this.#check(condition.variable, path, condition.variable);
  }

  #check(name: string, path: string, written: string): void {
    if (this.#known.has(name)) return;
    if ([...this.#infos.values()].some(({ sets }) => sets?.includes(name))) {
      this.problems.push({
        path,
        message: `no step before can have set ${written}; the step that sets it must come first`,
      });
      return;
    }
    const guess = nearest(name, written === name ? [...this.#known] : [...this.#known, ...PLACEHOLDERS]);
    const known =
      this.#known.size === 0 ? 'no step before sets a variable' : `known here: ${namesToShow([...this.#known])}`;
    const hint = guess === undefined ? known : `did you mean ${guess}?`;
    this.problems.push({ path, message: `no step before can have set ${written}; ${hint}` });
  }
}
