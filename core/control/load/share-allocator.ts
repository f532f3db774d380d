import type { Share } from '../../plan/load/split.ts';

/** Slots per agent; bounds the rounding error when shares move. */
const SLOTS_PER_AGENT = 60;
/** Slots of all agents together, at least: a run that begins with one agent may have fifty before it ends. */
const MIN_SLOTS = 2520;

/**
 * Decides which agent has which slots of the load. Agents are named by their indices in the run's totals. At the start each
 * of n agents has every n-th slot. When an agent goes, its slots are dealt to those that have the fewest; an agent that
 * comes gets some of everybody's. No slot moves that need not.
 */
export class ShareAllocator {
  readonly #of: number;
  /** By agent; an agent without slots has no entry. */
  readonly #slots = new Map<number, readonly number[]>();

  private constructor(of: number) {
    this.#of = of;
  }

  /** Equal shares for agents 0 … agents − 1. */
  static equal(agents: number): ShareAllocator {
    const slotsPerAgent = Math.max(SLOTS_PER_AGENT, Math.ceil(MIN_SLOTS / agents));
    const shares = new ShareAllocator(agents * slotsPerAgent);
    for (let agent = 0; agent < agents; agent++) {
      const slots = Array.from({ length: slotsPerAgent }, (_, n) => agent + n * agents);
      shares.#slots.set(agent, slots);
    }
    return shares;
  }

  /**
   * The state in which another control process left it.
   * @param agents how many had equal shares at the start
   * @param held the latest share of each agent that was sent one since
   */
  static restored(agents: number, held: ReadonlyMap<number, Share>): ShareAllocator {
    const shares = ShareAllocator.equal(agents);
    for (const [agent, { slots }] of held) {
      if (slots.length === 0) shares.#slots.delete(agent);
      else shares.#slots.set(agent, slots);
    }
    return shares;
  }

  has(agent: number): boolean {
    return this.#slots.has(agent);
  }

  /** The agent's part of the whole load, 0 to 1. */
  partOf(agent: number): number {
    return (this.#slots.get(agent)?.length ?? 0) / this.#of;
  }

  /** Deals the agent's slots to these agents. @returns the new shares of all agents whose share has changed */
  move(agent: number, to: readonly number[]): Map<number, Share> {
    const given = new Map<number, Share>();
    const slots = this.#slots.get(agent);
    if (slots === undefined || to.length === 0) return given;
    this.#slots.delete(agent);
    const takers = to
      .map((other) => ({ other, slots: [...(this.#slots.get(other) ?? [])] }))
      .toSorted((a, b) => a.slots.length - b.slots.length);
    let at = 0;
    for (const slot of slots) {
      const taker = takers[at] as (typeof takers)[number];
      taker.slots.push(slot);
      given.set(taker.other, { of: this.#of, slots: [] });
      // The takers before this one have as many slots as it has: the next one follows only if it has fewer.
      const next = takers[at + 1];
      at = next !== undefined && next.slots.length < taker.slots.length ? at + 1 : 0;
    }
    for (const { other, slots: all } of takers) if (given.has(other)) given.set(other, this.#set(other, all));
    given.set(agent, { of: this.#of, slots: [] });
    return given;
  }

  /**
   * Gives an agent without slots a fair part of everybody's.
   * @param isEnough whether an agent can work with the share; if it cannot with one of the new shares, nothing changes
   * @returns the new shares of all agents whose share has changed
   */
  add(agent: number, isEnough: (share: Share) => boolean = () => true): Map<number, Share> {
    if (this.#slots.has(agent) || this.#slots.size === 0) return new Map();
    const given = this.#sharesWith(agent);
    if (![...given.values()].every(isEnough)) return new Map();
    for (const [other, { slots }] of given) this.#slots.set(other, slots);
    return given;
  }

  #sharesWith(agent: number): Map<number, Share> {
    const given = new Map<number, Share>();
    const fair = Math.floor(this.#of / (this.#slots.size + 1));
    const taken: number[] = [];
    const byLength = [...this.#slots].toSorted(([, a], [, b]) => b.length - a.length);
    byLength.forEach(([other, slots], i) => {
      const due = Math.ceil((fair - taken.length) / (byLength.length - i));
      const count = Math.max(0, Math.min(slots.length - fair, due));
      if (count === 0) return;
      // The places are spread evenly, and differ from agent to agent, so that low slots are shared too: a small load has no others.
      const offset = (i + 0.5) / byLength.length;
      const places = new Set(
        Array.from({ length: count }, (_, n) => Math.floor(((n + offset) * slots.length) / count)),
      );
      taken.push(...slots.filter((_, place) => places.has(place)));
      given.set(other, { of: this.#of, slots: slots.filter((_, place) => !places.has(place)) });
    });
    given.set(agent, { of: this.#of, slots: taken.toSorted((a, b) => a - b) });
    return given;
  }

  #set(agent: number, slots: readonly number[]): Share {
    const rising = slots.toSorted((a, b) => a - b);
    this.#slots.set(agent, rising);
    return { of: this.#of, slots: rising };
  }
}

/** The part of the whole load that a share makes up, 0 to 1. */
export function partOf({ of, slots }: Share): number {
  return slots.length / of;
}
