import { BenchError, type ErrorDetails } from '../../error.ts';
import { type LoadChange, pausesOf } from '../../plan/load-change.ts';
import { countsIterations, isLoadMovable, takesArrivals } from '../../plan/load-model.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import { ownedBelow, type Share, scenarioTime } from '../../plan/split.ts';
import { formatDuration } from '../../text/duration.ts';
import type { RunSpec } from '../run/run-spec.ts';
import type { RunAgent } from './run-agent.ts';
import { partOf, ShareAllocator } from './share-allocator.ts';

/** A change of the load that an operator asks for. */
export type LoadChangeRequest = { readonly kind: 'pause' } | { readonly kind: 'resume' } | LevelRequest;

export interface LevelRequest {
  readonly kind: 'level';
  /** Name of the scenario; empty means the plan's only one. */
  readonly scenario: string;
  readonly of: 'vus' | 'rate';
  /** Virtual users, or arrivals per second, of all agents together. */
  readonly level: number;
}

/** The load cannot be changed like this; the message says why, as what follows "run … cannot be changed: ". */
export class LoadChangeError extends BenchError {
  override readonly name = 'LoadChangeError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('load_change_refused', message, details);
  }
}

const MAX_VUS = 1_000_000;
const MAX_ARRIVALS_PER_SECOND = 10_000_000;

export interface LoadChangesOptions {
  readonly spec: Pick<RunSpec, 'plan' | 'plannedUs'>;
  /** The agents of the start first; others are added while the load runs. */
  readonly agents: readonly RunAgent[];
  /** The earliest time that a message sent now reaches every agent before, since the run start. */
  readonly nextUs: () => number;
  /** Puts an event into the result. @param atUs since the run start */
  readonly record: (text: string, atUs: number) => void;
}

/** Changes the load while it runs: its level, whether it is paused, and which agent has which share of it. */
export class LoadChanges {
  readonly #options: LoadChangesOptions;
  readonly #shares: ShareAllocator;
  readonly #requested: LoadChange[];
  /** Indices of agents that have no share, and can have none while the others stay. */
  readonly #superfluous = new Set<number>();

  /** @param requested the changes that operators had another control process make; the agents have theirs already */
  constructor(options: LoadChangesOptions, requested: readonly LoadChange[]) {
    this.#options = options;
    this.#requested = [...requested];
    const equalAgents = options.agents.filter(({ load }) => load.first !== undefined).length;
    const held = options.agents.flatMap(({ load: { share } }, at): [number, Share][] => (share ? [[at, share]] : []));
    this.#shares = ShareAllocator.restored(equalAgents, new Map(held));
  }

  /** Load changes requested by operators, in order. */
  get requested(): readonly LoadChange[] {
    return this.#requested;
  }

  /**
   * Carries out what an operator asks for.
   * @returns when it takes effect, since the run start
   * @throws {LoadChangeError} when the plan's load cannot be changed like this
   */
  request(request: LoadChangeRequest): number {
    const atUs = this.#options.nextUs();
    if (atUs >= this.#options.spec.plannedUs) throw new LoadChangeError('its load is about to end');
    const change = this.#changeOf(request, atUs);
    this.#requested.push(change);
    for (const agent of this.#options.agents) agent.load.send(change);
    this.#options.record(this.#sentenceOf(change), atUs);
    return atUs;
  }

  hasShare({ index }: RunAgent): boolean {
    return this.#shares.has(index);
  }

  /**
   * Gives the agent's share to the others, if it can be moved and another agent is there to take it.
   * @returns whether the agent has no share now
   */
  handOver(agent: RunAgent): boolean {
    const { spec, agents, nextUs, record } = this.#options;
    if (!this.hasShare(agent)) return true;
    if (!isLoadMovable(spec.plan)) return false;
    const others = agents.filter((other) => other !== agent && other.isGenerating).map(({ index }) => index);
    const atUs = nextUs();
    const part = this.#shares.partOf(agent.index);
    const moved = this.#shares.move(agent.index, others);
    if (moved.size === 0) return false;
    this.#superfluous.clear();
    this.#sendShares(moved, atUs);
    const takers = others.length === 1 ? 'another agent' : `${others.length} others`;
    const whatStays = Object.values(spec.plan.scenarios).some(countsIterations) ? ', but not its iterations' : '';
    record(`the share of agent ${agent.name}, ${percent(part)} of the load, goes to ${takers}${whatStays}`, atUs);
    return true;
  }

  /** Gives an agent without a share a part of everybody's, if the virtual users are enough for one agent more. */
  giveShare(agent: RunAgent): void {
    const { spec, nextUs, record } = this.#options;
    const { index, name } = agent;
    if (this.hasShare(agent) || this.#superfluous.has(index)) return;
    const atUs = nextUs();
    const moved = this.#shares.add(index, (share) => hasUsers(spec.plan, share));
    const share = moved.get(index);
    if (share === undefined) {
      this.#superfluous.add(index);
      record(`agent ${name} takes no part in the load: maxVus is too small for one more agent`, atUs);
      return;
    }
    // An agent that is new in the run has not been sent the changes from before it came.
    if (agent.load.changes.length === 0) for (const change of this.#requested) agent.load.send(change);
    this.#sendShares(moved, atUs);
    record(`agent ${name} takes ${percent(partOf(share))} of the load`, atUs);
  }

  #sendShares(moved: ReadonlyMap<number, Share>, atUs: number): void {
    for (const { index, load } of this.#options.agents) {
      const share = moved.get(index);
      if (share) load.send({ kind: 'share', atUs, share });
    }
  }

  #changeOf(request: LoadChangeRequest, atUs: number): LoadChange {
    const isPaused = pausesOf(this.#requested).at(-1)?.toUs === Number.POSITIVE_INFINITY;
    switch (request.kind) {
      case 'pause':
        if (isPaused) throw new LoadChangeError('its load is paused already');
        return { kind: 'pause', atUs };
      case 'resume':
        if (!isPaused) throw new LoadChangeError('its load is not paused');
        return { kind: 'resume', atUs };
      case 'level':
        return { kind: 'level', atUs, ...checkedLevel(this.#options.spec.plan, request, atUs) };
    }
  }

  #sentenceOf(change: LoadChange): string {
    if (change.kind === 'pause') return 'the load is paused';
    if (change.kind === 'resume') {
      const pausedUs = change.atUs - (pausesOf(this.#requested).at(-1)?.fromUs ?? change.atUs);
      return `the load is resumed after ${formatDuration(Math.round(pausedUs / 1000) * 1000)}`;
    }
    const [name, scenario] = Object.entries(this.#options.spec.plan.scenarios)[change.scenario] ?? ['', undefined];
    const unit = scenario !== undefined && takesArrivals(scenario) ? 'arrivals per second' : 'virtual users';
    return `the load of scenario ${name} goes to ${change.level} ${unit}`;
  }
}

/**
 * @param atUs when the level is to take effect, since the run start
 * @returns the index of the scenario, and its level
 * @throws {LoadChangeError} when the plan has no such scenario at that time, or its executor no such level
 */
function checkedLevel(plan: ParsedPlan, request: LevelRequest, atUs: number): { scenario: number; level: number } {
  const names = Object.keys(plan.scenarios);
  if (request.scenario === '' && names.length > 1) {
    throw new LoadChangeError(`the plan has ${names.length} scenarios: name one with --scenario (${names.join(', ')})`);
  }
  const scenario = request.scenario === '' ? 0 : names.indexOf(request.scenario);
  const name = names[scenario];
  if (name === undefined) {
    throw new LoadChangeError(`it has no scenario "${request.scenario}": there are ${names.join(', ')}`);
  }
  const described = plan.scenarios[name] as ParsedScenario;
  if (scenarioTime(plan, described).endUs <= atUs) throw new LoadChangeError(`scenario ${name} has ended`);
  const { executor } = described;
  if (executor === 'shape' || 'iterations' in described) {
    const why = executor === 'shape' ? 'whose module says what the load is' : 'whose work is given, not its level';
    throw new LoadChangeError(`scenario ${name} is ${executor}, ${why}`);
  }
  const wanted = takesArrivals(described) ? 'rate' : 'vus';
  if (wanted !== request.of) throw new LoadChangeError(`scenario ${name} is ${executor}: give --${wanted}`);
  const max = wanted === 'vus' ? MAX_VUS : MAX_ARRIVALS_PER_SECOND;
  if (!(request.level >= 0 && request.level <= max) || (wanted === 'vus' && !Number.isInteger(request.level))) {
    throw new LoadChangeError(`--${wanted} must be a ${wanted === 'vus' ? 'whole ' : ''}number from 0 to ${max}`);
  }
  return { scenario, level: request.level };
}

function percent(part: number): string {
  return `${Math.round(part * 1000) / 10} %`;
}

/** Without a virtual user an agent would drop all arrivals of its share, and the target would be blamed for it. */
function hasUsers({ scenarios }: ParsedPlan, share: Share): boolean {
  return Object.values(scenarios).every(
    (scenario) => !takesArrivals(scenario) || ownedBelow(scenario.maxVus, share).length > 0,
  );
}
