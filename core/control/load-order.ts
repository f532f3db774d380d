import type { ParsedPlan } from '../plan/schema.ts';

/** How a person asks for another load. */
export type LoadOrder = { readonly kind: 'pause' } | { readonly kind: 'resume' } | LevelOrder;

export interface LevelOrder {
  readonly kind: 'level';
  /** Its name; empty: the plan's only one. */
  readonly scenario: string;
  readonly of: 'vus' | 'rate';
  /** Virtual users, or arrivals per second, of all agents together. */
  readonly level: number;
}

/** The load cannot be changed so; the message says why, as what follows "run … cannot be changed: ". */
export class LoadChangeError extends Error {
  override readonly name = 'LoadChangeError';
}

const MOST_VUS = 1_000_000;
const MOST_PER_SECOND = 10_000_000;

/** @throws {LoadChangeError} when the plan has no such scenario, or its executor no such level */
export function levelOrder(plan: ParsedPlan, order: LevelOrder): { scenario: number; level: number } {
  const names = Object.keys(plan.scenarios);
  if (order.scenario === '' && names.length > 1) {
    throw new LoadChangeError(`the plan has ${names.length} scenarios: name one with --scenario (${names.join(', ')})`);
  }
  const scenario = order.scenario === '' ? 0 : names.indexOf(order.scenario);
  const name = names[scenario];
  if (name === undefined) {
    throw new LoadChangeError(`it has no scenario "${order.scenario}": there are ${names.join(', ')}`);
  }
  const executor = plan.scenarios[name]?.executor ?? '';
  const wanted = executor.endsWith('-arrival-rate') ? 'rate' : executor.endsWith('-vus') ? 'vus' : undefined;
  if (wanted === undefined) {
    const why = executor === 'shape' ? 'whose module says what the load is' : 'whose work is given, not its level';
    throw new LoadChangeError(`scenario ${name} is ${executor}, ${why}`);
  }
  if (wanted !== order.of) throw new LoadChangeError(`scenario ${name} is ${executor}: give --${wanted}`);
  const most = wanted === 'vus' ? MOST_VUS : MOST_PER_SECOND;
  if (!(order.level >= 0 && order.level <= most) || (wanted === 'vus' && !Number.isInteger(order.level))) {
    throw new LoadChangeError(`--${wanted} must be a ${wanted === 'vus' ? 'whole ' : ''}number from 0 to ${most}`);
  }
  return { scenario, level: order.level };
}
