import type { OperationInfo } from '../plugin.ts';
import { namesToShow, nearest } from '../text/nearest.ts';
import type { ParsedFlow, ParsedStep } from './flow.ts';
import type { FlowWork, Journey, JourneyStep, OnceSteps, ScriptWork } from './journey.ts';
import type { PlanProblem } from './problem.ts';
import type { ResolvedOperation } from './resolved-operation.ts';
import type { ParsedPlan, ParsedScenario } from './schema.ts';
import { variableProblems } from './variables.ts';

/** What the scripts of a plan turned out to be, by the scenario's name; a script that could not be loaded is missing. */
export type Scripts = ReadonlyMap<string, ScriptWork>;

/** What a plan writes where it names an operation. */
interface Use {
  readonly driver: string;
  readonly operation?: string | undefined;
  readonly name?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly weight?: number;
}

export interface PlacedUse {
  readonly use: Use;
  readonly path: string;
}

/** Operations that the drivers of a plan offer, by the driver's name. */
export type Offered = ReadonlyMap<string, readonly OperationInfo[]>;

export interface ResolvedWork {
  readonly operations: readonly ResolvedOperation[];
  readonly journeys: readonly Journey[];
  readonly once: readonly OnceSteps[];
  readonly problems: readonly PlanProblem[];
}

/** Every place of a scenario that names an operation, in the order in which it is written. */
export function operationUses({ operations, onStart, flow, onStop }: ParsedScenario, path: string): PlacedUse[] {
  return [
    ...operations.map((use, i) => ({ use, path: `${path}.operations[${i}]` })),
    ...flowUses(onStart ?? [], `${path}.onStart`),
    ...flowUses(flow ?? [], `${path}.flow`),
    ...flowUses(onStop ?? [], `${path}.onStop`),
  ];
}

function flowUses(flow: ParsedFlow, path: string): PlacedUse[] {
  return flow.flatMap((step, i): PlacedUse[] => {
    const at = `${path}[${i}]`;
    if (step.kind === 'operation') return [{ use: step, path: at }];
    if (step.kind === 'repeat') return flowUses(step.flow, `${at}.flow`);
    if (step.kind === 'choose')
      return step.branches.flatMap(({ flow }, j) => flowUses(flow, `${at}.choose[${j}].flow`));
    return [];
  });
}

/** Gives every operation of the plan its row, and every flow and script its journey. */
export function resolveWork(plan: ParsedPlan, offered: Offered, scripts: Scripts): ResolvedWork {
  const rows: ResolvedOperation[] = [];
  const problems: PlanProblem[] = [];
  const infos = new Map<number, OperationInfo>();
  const parts = Object.entries(plan.scenarios).map(([name, scenario], index) => {
    const resolver = new ScenarioRows(index, name, offered, rows, infos, problems);
    const path = `scenarios.${name}`;
    const { operations, onStart = [], flow, onStop = [] } = scenario;
    const mix = operations.flatMap((use, i) => resolver.own(use, `${path}.operations[${i}]`) ?? []);
    const start = resolver.flow(onStart, `${path}.onStart`);
    const steps = flow && resolver.flow(flow, `${path}.flow`);
    const stop = resolver.flow(onStop, `${path}.onStop`);
    problems.push(...variableProblems({ mix, start, flow: steps ?? [], stop }, infos, path));
    const ofFlow: FlowWork | undefined = steps && {
      kind: 'flow',
      flow: steps,
      stopsAtFailure: scenario.onFailure !== 'continue',
    };
    return { index, name, start, stop, work: ofFlow ?? scripts.get(name) };
  });
  const withJourney = parts.flatMap(({ work, ...part }) => (work === undefined ? [] : [{ ...part, work }]));
  return {
    operations: rows,
    journeys: withJourney.map(({ index, name, work }, i) => ({ index: rows.length + i, scenario: index, name, work })),
    once: parts.map(({ start, stop }) => ({ start, stop })),
    problems,
  };
}

/** The rows of one scenario. A step that occurs again in its flows, under the same name, is the same row. */
class ScenarioRows {
  readonly #scenario: number;
  readonly #scenarioName: string;
  readonly #offered: Offered;
  readonly #rows: ResolvedOperation[];
  readonly #infos: Map<number, OperationInfo>;
  readonly #problems: PlanProblem[];
  readonly #byName = new Map<string, ResolvedOperation>();

  constructor(
    scenario: number,
    scenarioName: string,
    offered: Offered,
    rows: ResolvedOperation[],
    infos: Map<number, OperationInfo>,
    problems: PlanProblem[],
  ) {
    this.#scenario = scenario;
    this.#scenarioName = scenarioName;
    this.#offered = offered;
    this.#rows = rows;
    this.#infos = infos;
    this.#problems = problems;
  }

  /** A row of its own. @returns undefined, and a problem, where there is no such operation */
  own(use: Use, path: string): ResolvedOperation | undefined {
    const info = this.#info(use, path);
    if (info === undefined) return undefined;
    const name = use.name ?? info.name;
    if (this.#byName.has(name)) this.#refuseName(name, path);
    return this.#add(use, info, name);
  }

  flow(flow: ParsedFlow, path: string): JourneyStep[] {
    return flow.flatMap((step, i) => this.#step(step, `${path}[${i}]`) ?? []);
  }

  #step(step: ParsedStep, path: string): JourneyStep | undefined {
    const { when } = step;
    switch (step.kind) {
      case 'operation': {
        const row = this.#shared(step, path);
        return row && { kind: 'operation', operation: row.index, when };
      }
      case 'pause':
        return { kind: 'pause', pause: step.pause, when };
      case 'choose': {
        const branches = step.branches.map(({ weight, flow }, i) => ({
          weight,
          flow: this.flow(flow, `${path}.choose[${i}].flow`),
        }));
        return { kind: 'choose', branches, when };
      }
      case 'repeat':
        return {
          kind: 'repeat',
          times: step.times,
          until: step.until,
          flow: this.flow(step.flow, `${path}.flow`),
          when,
        };
    }
  }

  #shared(use: Use, path: string): ResolvedOperation | undefined {
    const info = this.#info(use, path);
    if (info === undefined) return undefined;
    const name = use.name ?? info.name;
    const known = this.#byName.get(name);
    if (known === undefined) return this.#add(use, info, name);
    if (known.driver !== use.driver || known.driverOperation !== info.name) this.#refuseName(name, path);
    return known;
  }

  #refuseName(name: string, path: string): void {
    this.#problems.push({
      path: `${path}.name`,
      message: `"${name}" is used twice in this scenario: give one of them another name`,
    });
  }

  #info(use: Use, path: string): OperationInfo | undefined {
    const offered = this.#offered.get(use.driver);
    if (offered === undefined) return undefined;
    const info = use.operation === undefined ? only(offered) : offered.find(({ name }) => name === use.operation);
    if (info === undefined) {
      const message = unknownOperation(use.driver, use.operation, offered);
      this.#problems.push({ path: `${path}.operation`, message });
    }
    return info;
  }

  #add({ driver, tags, weight = 0 }: Use, info: OperationInfo, name: string): ResolvedOperation {
    const row: ResolvedOperation = {
      index: this.#rows.length,
      scenario: this.#scenario,
      scenarioName: this.#scenarioName,
      name,
      type: info.type,
      driver,
      driverOperation: info.name,
      weight,
      tags,
    };
    this.#rows.push(row);
    this.#infos.set(row.index, info);
    this.#byName.set(name, row);
    return row;
  }
}

function only(offered: readonly OperationInfo[]): OperationInfo | undefined {
  return offered.length === 1 ? offered[0] : undefined;
}

function unknownOperation(driver: string, wanted: string | undefined, offered: readonly OperationInfo[]): string {
  const names = offered.map(({ name }) => name);
  if (names.length === 0) return `driver "${driver}" has no operation: name one in its options, under operations`;
  if (wanted === undefined) return `driver "${driver}" has several operations; name one of ${namesToShow(names)}`;
  const guess = nearest(wanted, names);
  const hint = guess ? `did you mean "${guess}"?` : `it has ${namesToShow(names)}`;
  return `driver "${driver}" has no operation "${wanted}"; ${hint}`;
}
