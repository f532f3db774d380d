import { MAX_DURATION_US, MAX_LOAD_CHANGES, MAX_RATE_PER_SECOND, MAX_VUS } from '../../agent-limits.ts';
import { BenchError, type ErrorDetails } from '../../error.ts';
import { type LevelChange, type LoadChange, pausesOf, wantedLevel } from '../../plan/load/load-change.ts';
import { isLive, takesArrivals } from '../../plan/load/load-model.ts';
import { scenarioTime } from '../../plan/load/split.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';

/** A change of the load that an operator asks for. */
export type LoadChangeRequest = { readonly kind: 'pause' } | { readonly kind: 'resume' } | LevelRequest;

export interface LevelRequest {
  readonly kind: 'level';
  /** Name of the scenario; empty means the plan's only one. */
  readonly scenario: string;
  readonly of: 'vus' | 'rate';
  /** Virtual users, or arrivals per second, of all agents together. */
  readonly level: number;
  /** How many of them come or go each second until the level is reached; at once without it. */
  readonly spawnRate?: number | undefined;
}

/** The load cannot be changed like this; the message says why, as what follows "run … cannot be changed: ". */
export class LoadChangeError extends BenchError {
  override readonly name = 'LoadChangeError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('load_change_refused', message, details);
  }
}

const WHY_FIXED: Readonly<Record<string, string>> = {
  shape: 'whose module says what the load is',
  'find-max': 'whose search says what the load is',
};

/**
 * @param before the changes that operators have made so far, in order
 * @param atUs when the change is to take effect, since the run start
 * @throws {LoadChangeError} when the load of this plan cannot be changed like this at that time
 */
export function requestedChange(
  request: LoadChangeRequest,
  plan: ParsedPlan,
  before: readonly LoadChange[],
  atUs: number,
): LoadChange {
  if (before.length >= MAX_LOAD_CHANGES) {
    throw new LoadChangeError(`its load has been changed ${MAX_LOAD_CHANGES} times, and no run takes more changes`);
  }
  const isPaused = pausesOf(before).at(-1)?.toUs === Number.POSITIVE_INFINITY;
  switch (request.kind) {
    case 'pause':
      if (isPaused) throw new LoadChangeError('its load is paused already');
      if (!canPause(plan)) {
        throw new LoadChangeError(
          'it searches the greatest load, and would take the pause for the limit of the target',
        );
      }
      return { kind: 'pause', atUs };
    case 'resume':
      if (!isPaused) throw new LoadChangeError('its load is not paused');
      return { kind: 'resume', atUs };
    case 'level':
      return { kind: 'level', atUs, ...requestedLevel(plan, request, before, atUs) };
  }
}

/** Whether runs of the plan can be paused: a search would take the pause for the limit of the target. */
export function canPause({ scenarios }: ParsedPlan): boolean {
  return !Object.values(scenarios).some(({ executor }) => executor === 'find-max');
}

function requestedLevel(
  plan: ParsedPlan,
  request: LevelRequest,
  before: readonly LoadChange[],
  atUs: number,
): Omit<LevelChange, 'kind' | 'atUs'> {
  const names = Object.keys(plan.scenarios);
  if (request.scenario === '' && names.length > 1) {
    throw new LoadChangeError(`the plan has ${names.length} scenarios: name one of them (${names.join(', ')})`);
  }
  const scenario = request.scenario === '' ? 0 : names.indexOf(request.scenario);
  const name = names[scenario];
  if (name === undefined) {
    throw new LoadChangeError(`it has no scenario "${request.scenario}": there are ${names.join(', ')}`);
  }
  const described = plan.scenarios[name] as ParsedScenario;
  if (scenarioTime(plan, described).endUs <= atUs) throw new LoadChangeError(`scenario ${name} has ended`);
  const { executor } = described;
  if (isLive(described) || 'iterations' in described) {
    const why = WHY_FIXED[executor] ?? 'whose work is given, not its level';
    throw new LoadChangeError(`scenario ${name} is ${executor}, ${why}`);
  }
  const wanted = takesArrivals(described) ? 'rate' : 'vus';
  if (wanted !== request.of)
    throw new LoadChangeError(`scenario ${name} is ${executor}: give \`${wanted}\`, not \`${request.of}\``);
  const max = wanted === 'vus' ? MAX_VUS : MAX_RATE_PER_SECOND;
  if (!(request.level >= 0 && request.level <= max) || (wanted === 'vus' && !Number.isInteger(request.level))) {
    throw new LoadChangeError(`\`${wanted}\` must be a ${wanted === 'vus' ? 'whole ' : ''}number from 0 to ${max}`);
  }
  const { level, spawnRate } = request;
  if (spawnRate === undefined) return { scenario, level };
  if (!(spawnRate > 0 && spawnRate <= MAX_RATE_PER_SECOND)) {
    throw new LoadChangeError(`the spawn rate must be a number above 0, up to ${MAX_RATE_PER_SECOND}`);
  }
  // A pause takes no users away, and arrivals go on from where they were.
  const levels = before.filter(({ kind }) => kind === 'level');
  const rampUs = Math.round((Math.abs(level - wantedLevel(plan, scenario, levels, atUs)) / spawnRate) * 1e6);
  if (rampUs > MAX_DURATION_US) {
    throw new LoadChangeError(
      `with a spawn rate of ${spawnRate}, the change would take longer than any run: give a greater one`,
    );
  }
  return { scenario, level, ...(rampUs > 0 && { rampUs }) };
}
