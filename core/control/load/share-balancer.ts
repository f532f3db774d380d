import { countsIterations, isLoadMovable, takesArrivals } from '../../plan/load/load-model.ts';
import { ownedBelow, type Share } from '../../plan/load/split.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import type { ChangeableLoad, LoadChanges } from './load-changes.ts';
import type { RunAgent } from './run-agent.ts';
import { partOf, ShareAllocator } from './share-allocator.ts';

/**
 * How long after shares were sent others wait for the next tick. Agents that come or go in numbers, as after a break of the
 * network, have their shares move together: else each of them would have all the others sent new ones, which are kept.
 */
const TOGETHER_US = 500_000;

/**
 * Moves shares of a running load: from agents that are lost or leave to the others, and to agents that join or are back. What
 * it decides is told to the agents by {@link send}.
 */
export class ShareBalancer {
  readonly #load: ChangeableLoad;
  readonly #changes: LoadChanges;
  readonly #shares: ShareAllocator;
  /** Indices of agents that have no share, and can have none while the others stay. */
  readonly #superfluous = new Set<number>();
  /** What has been decided and not been sent: new shares by agent, and sentences for the result. */
  readonly #moved = new Map<number, Share>();
  readonly #sentences: string[] = [];
  /** When shares were last sent, in microseconds since the run start. */
  #sentUs = Number.NEGATIVE_INFINITY;

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
    const { spec, agents } = this.#load;
    if (!this.hasShare(agent)) return true;
    if (!isLoadMovable(spec.plan)) return false;
    const others = agents.filter((other) => other !== agent && other.isGenerating).map(({ index }) => index);
    const part = this.#shares.partOf(agent.index);
    const moved = this.#shares.move(agent.index, others);
    if (moved.size === 0) return false;
    this.#superfluous.clear();
    const takers = others.length === 1 ? 'another agent' : `${others.length} others`;
    const whatStays = Object.values(spec.plan.scenarios).some(countsIterations) ? ', but not its iterations' : '';
    this.#note(moved, `the share of agent ${agent.name}, ${percent(part)} of the load, goes to ${takers}${whatStays}`);
    return true;
  }

  /** Gives an agent without a share a part of everybody's, if the virtual users are enough for one agent more. */
  giveShare(agent: RunAgent): void {
    const { spec, nextUs, record } = this.#load;
    const { index, name } = agent;
    if (this.hasShare(agent) || this.#superfluous.has(index)) return;
    const moved = this.#shares.add(index, (share) => hasUsers(spec.plan, share));
    const share = moved.get(index);
    if (share === undefined) {
      this.#superfluous.add(index);
      record(`agent ${name} takes no part in the load: maxVus is too small for one more agent`, nextUs());
      return;
    }
    this.#changes.sendAll(agent.load);
    this.#note(moved, `agent ${name} takes ${percent(partOf(share))} of the load`);
  }

  /** Sends the shares that have changed, unless some were sent a moment ago: those that follow go together. */
  sendUnlessRecent(): void {
    if (this.#moved.size > 0 && this.#load.nextUs() - this.#sentUs >= TOGETHER_US) this.send();
  }

  /** Sends each agent the share that it has by now, if it is another one than it was sent. */
  send(): void {
    if (this.#moved.size === 0) return;
    const { agents, nextUs, record } = this.#load;
    const atUs = nextUs();
    this.#sentUs = atUs;
    for (const { index, load } of agents) {
      const share = this.#moved.get(index);
      if (share) load.send({ kind: 'share', atUs, share });
    }
    for (const sentence of this.#sentences) record(sentence, atUs);
    this.#moved.clear();
    this.#sentences.length = 0;
  }

  #note(moved: ReadonlyMap<number, Share>, sentence: string): void {
    for (const [index, share] of moved) this.#moved.set(index, share);
    this.#sentences.push(sentence);
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
