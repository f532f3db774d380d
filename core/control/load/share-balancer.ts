import { countsIterations, isLoadMovable, takesArrivals } from '../../plan/load-model.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import { ownedBelow, type Share } from '../../plan/split.ts';
import type { ChangeableLoad, LoadChanges } from './load-changes.ts';
import type { RunAgent } from './run-agent.ts';
import { partOf, ShareAllocator } from './share-allocator.ts';

/** Moves shares of a running load: from agents that are lost or leave to the others, and to agents that join or are back. */
export class ShareBalancer {
  readonly #load: ChangeableLoad;
  readonly #changes: LoadChanges;
  readonly #shares: ShareAllocator;
  /** Indices of agents that have no share, and can have none while the others stay. */
  readonly #superfluous = new Set<number>();

  constructor(load: ChangeableLoad, changes: LoadChanges) {
    this.#load = load;
    this.#changes = changes;
    const equalAgents = load.agents.filter(({ load: { first } }) => first !== undefined).length;
    const held = load.agents.flatMap(({ load: { share } }, at): [number, Share][] => (share ? [[at, share]] : []));
    this.#shares = ShareAllocator.restored(equalAgents, new Map(held));
  }

  hasShare({ index }: RunAgent): boolean {
    return this.#shares.has(index);
  }

  /**
   * Gives the agent's share to the others, if it can be moved and another agent is there to take it.
   * @returns whether the agent has no share now
   */
  handOver(agent: RunAgent): boolean {
    const { spec, agents, nextUs, record } = this.#load;
    if (!this.hasShare(agent)) return true;
    if (!isLoadMovable(spec.plan)) return false;
    const others = agents.filter((other) => other !== agent && other.isGenerating).map(({ index }) => index);
    const atUs = nextUs();
    const part = this.#shares.partOf(agent.index);
    const moved = this.#shares.move(agent.index, others);
    if (moved.size === 0) return false;
    this.#superfluous.clear();
    this.#send(moved, atUs);
    const takers = others.length === 1 ? 'another agent' : `${others.length} others`;
    const whatStays = Object.values(spec.plan.scenarios).some(countsIterations) ? ', but not its iterations' : '';
    record(`the share of agent ${agent.name}, ${percent(part)} of the load, goes to ${takers}${whatStays}`, atUs);
    return true;
  }

  /** Gives an agent without a share a part of everybody's, if the virtual users are enough for one agent more. */
  giveShare(agent: RunAgent): void {
    const { spec, nextUs, record } = this.#load;
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
    this.#changes.sendAll(agent.load);
    this.#send(moved, atUs);
    record(`agent ${name} takes ${percent(partOf(share))} of the load`, atUs);
  }

  #send(moved: ReadonlyMap<number, Share>, atUs: number): void {
    for (const { index, load } of this.#load.agents) {
      const share = moved.get(index);
      if (share) load.send({ kind: 'share', atUs, share });
    }
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
