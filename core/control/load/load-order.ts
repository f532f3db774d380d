import { BenchError, type ErrorDetails } from '../../error.ts';
import { takesArrivals } from '../../plan/load-model.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import { scenarioTime } from '../../plan/split.ts';

/** How a person asks for another load. */
export type LoadChangeRequest = { readonly kind: 'pause' } | { readonly kind: 'resume' } | LevelRequest;

export interface LevelRequest {
  readonly kind: 'level';
  /** Its name; empty: the plan's only one. */
  readonly scenario: string;
  readonly of: 'vus' | 'rate';
  /** Virtual users, or arrivals per second, of all agents together. */
  readonly level: number;
}

/** The load cannot be changed so; the message says why, as what follows "run … cannot be changed: ". */
export class LoadChangeError extends BenchError {
  override readonly name = 'LoadChangeError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('load_change_refused', message, details);
  }
}

const MAX_VUS = 1_000_000;
const MAX_ARRIVALS_PER_SECOND = 10_000_000;

/**
 * @param atUs when it is to take effect, since the run's second 0
 * @throws {LoadChangeError} when the plan has no such scenario then, or its executor no such level
 */
export function checkedLevel(plan: ParsedPlan, order: LevelRequest, atUs: number): { scenario: number; level: number } {
  const names = Object.keys(plan.scenarios);
  if (order.scenario === '' && names.length > 1) {
    throw new LoadChangeError(`the plan has ${names.length} scenarios: name one with --scenario (${names.join(', ')})`);
  }
  const scenario = order.scenario === '' ? 0 : names.indexOf(order.scenario);
  const name = names[scenario];
  if (name === undefined) {
    throw new LoadChangeError(`it has no scenario "${order.scenario}": there are ${names.join(', ')}`);
  }
  const described = plan.scenarios[name] as ParsedScenario;
  if (scenarioTime(plan, described).endUs <= atUs) throw new LoadChangeError(`scenario ${name} has ended`);
  const { executor } = described;
  if (executor === 'shape' || 'iterations' in described) {
    const why = executor === 'shape' ? 'whose module says what the load is' : 'whose work is given, not its level';
    throw new LoadChangeError(`scenario ${name} is ${executor}, ${why}`);
  }
  const wanted = takesArrivals(described) ? 'rate' : 'vus';
  if (wanted !== order.of) throw new LoadChangeError(`scenario ${name} is ${executor}: give --${wanted}`);
  const most = wanted === 'vus' ? MAX_VUS : MAX_ARRIVALS_PER_SECOND;
  if (!(order.level >= 0 && order.level <= most) || (wanted === 'vus' && !Number.isInteger(order.level))) {
    throw new LoadChangeError(`--${wanted} must be a ${wanted === 'vus' ? 'whole ' : ''}number from 0 to ${most}`);
  }
  return { scenario, level: order.level };
}
