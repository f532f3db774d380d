import { type LoadChange, pausesOf } from '../../plan/load-change.ts';
import { countsIterations, isLoadMovable, takesArrivals } from '../../plan/load-model.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import { ownedBelow, type Share } from '../../plan/split.ts';
import { formatDuration } from '../../text/duration.ts';
import type { RunSpec } from '../run/run-spec.ts';
import { checkedLevel, LoadChangeError, type LoadChangeRequest } from './load-order.ts';
import type { RunAgent } from './run-agent.ts';
import { partOf, ShareAllocator } from './share-allocator.ts';

export interface LoadChangesOptions {
  readonly spec: Pick<RunSpec, 'plan' | 'plannedUs'>;
  /** Those of the start first; others are added while the load runs. */
  readonly agents: readonly RunAgent[];
  /** How many of them have equal shares from the start on. */
  readonly equalAgents: number;
  /** Since second 0, when word sent now has reached every agent. */
  readonly nextUs: () => number;
  /** @param atUs since second 0 */
  readonly note: (text: string, atUs: number) => void;
}

/** Changes the load while it runs: its level, whether it is paused, and which agent has which share of it. */
export class LoadChanges {
  readonly #options: LoadChangesOptions;
  readonly #shares: ShareAllocator;
  readonly #changes: LoadChange[];
  /** Of participants that have no share, and can have none while the others stay. */
  readonly #superfluous = new Set<number>();

  /** @param changes of the run by another control process; what participants were told is theirs already */
  constructor(options: LoadChangesOptions, changes: readonly LoadChange[]) {
    this.#options = options;
    this.#changes = [...changes];
    const held = options.agents.flatMap(({ load: { share } }, at): [number, Share][] => (share ? [[at, share]] : []));
    this.#shares = ShareAllocator.restored(options.equalAgents, new Map(held));
  }

  /** Of all agents together, in order. */
  get changes(): readonly LoadChange[] {
    return this.#changes;
  }

  /**
   * What a person has asked for.
   * @returns when it takes effect, since second 0
   * @throws {LoadChangeError} when the plan's load cannot be changed so
   */
  order(order: LoadChangeRequest): number {
    const atUs = this.#options.nextUs();
    if (atUs >= this.#options.spec.plannedUs) throw new LoadChangeError('its load is about to end');
    const change = this.#changeOf(order, atUs);
    this.#changes.push(change);
    for (const agent of this.#options.agents) agent.load.tell(change);
    this.#options.note(this.#inWords(change), atUs);
    return atUs;
  }

  hasShare({ index }: RunAgent): boolean {
    return this.#shares.has(index);
  }

  /** Others take over the participant's share, where there are any and it can be moved. @returns whether it has none now */
  handOver(agent: RunAgent): boolean {
    const { spec, agents, nextUs, note } = this.#options;
    if (!this.hasShare(agent)) return true;
    if (!isLoadMovable(spec.plan)) return false;
    const others = agents.filter((other) => other !== agent && other.isGenerating).map(({ index }) => index);
    const atUs = nextUs();
    const part = this.#shares.partOf(agent.index);
    const given = this.#shares.move(agent.index, others);
    if (given.size === 0) return false;
    this.#superfluous.clear();
    this.#tell(given, atUs);
    const takers = others.length === 1 ? 'another agent' : `${others.length} others`;
    const whatStays = Object.values(spec.plan.scenarios).some(countsIterations) ? ', but not its iterations' : '';
    note(`the share of agent ${agent.name}, ${percent(part)} of the load, goes to ${takers}${whatStays}`, atUs);
    return true;
  }

  /** Gives a participant without a share its part of everybody's, if the virtual users are enough for one more. */
  take(agent: RunAgent): void {
    const { spec, nextUs, note } = this.#options;
    const { index, name } = agent;
    if (this.hasShare(agent) || this.#superfluous.has(index)) return;
    const atUs = nextUs();
    const given = this.#shares.add(index, (share) => hasUsers(spec.plan, share));
    const share = given.get(index);
    if (share === undefined) {
      this.#superfluous.add(index);
      note(`agent ${name} takes no part in the load: maxVus is not enough for one agent more`, atUs);
      return;
    }
    // What has been changed before it came.
    if (agent.load.changes.length === 0) for (const change of this.#changes) agent.load.tell(change);
    this.#tell(given, atUs);
    note(`agent ${name} takes ${percent(partOf(share))} of the load`, atUs);
  }

  #tell(given: ReadonlyMap<number, Share>, atUs: number): void {
    for (const { index, load } of this.#options.agents) {
      const share = given.get(index);
      if (share) load.tell({ kind: 'share', atUs, share });
    }
  }

  #changeOf(order: LoadChangeRequest, atUs: number): LoadChange {
    const paused = pausesOf(this.#changes).at(-1)?.toUs === Number.POSITIVE_INFINITY;
    switch (order.kind) {
      case 'pause':
        if (paused) throw new LoadChangeError('its load is paused already');
        return { kind: 'pause', atUs };
      case 'resume':
        if (!paused) throw new LoadChangeError('its load is not paused');
        return { kind: 'resume', atUs };
      case 'level':
        return { kind: 'level', atUs, ...checkedLevel(this.#options.spec.plan, order, atUs) };
    }
  }

  #inWords(change: LoadChange): string {
    if (change.kind === 'pause') return 'the load is paused';
    if (change.kind === 'resume') {
      const pausedUs = change.atUs - (pausesOf(this.#changes).at(-1)?.fromUs ?? change.atUs);
      return `the load is resumed after ${formatDuration(Math.round(pausedUs / 1000) * 1000)}`;
    }
    const [name, scenario] = Object.entries(this.#options.spec.plan.scenarios)[change.scenario] ?? ['', undefined];
    const unit = scenario !== undefined && takesArrivals(scenario) ? 'arrivals per second' : 'virtual users';
    return `the load of scenario ${name} goes to ${change.level} ${unit}`;
  }
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
