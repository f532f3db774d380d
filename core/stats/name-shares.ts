/**
 * Shares out what has an end among agents, so that one that is broken or hostile does not take what the others need. Of what is
 * left, each may have a multiple: the first one comes to `mostOfOne`, and those after it to less and less, but never to nothing.
 * The rule is that of shared buffers in switches: A. Choudhury, E. Hahne, "Dynamic queue length thresholds for shared-memory packet
 * switches" (1998).
 */
export class FairShare {
  readonly #mostOfAll: number;
  readonly #ofEachLeft: number;

  constructor(mostOfOne: number, mostOfAll: number) {
    this.#mostOfAll = mostOfAll;
    this.#ofEachLeft = mostOfOne / (mostOfAll - mostOfOne);
  }

  /**
   * @param own what the agent has already
   * @param taken what all have together
   * @param more what it wants besides
   */
  allows(own: number, taken: number, more = 1): boolean {
    return own + more <= this.#ofEachLeft * (this.#mostOfAll - taken - more);
  }
}

/** The owner of a name that several agents give. */
const SHARED = -1;

/** Names that agents give, shared out as {@link FairShare} says. What several agents give counts for none of them. */
export class NameShares {
  readonly #share: FairShare;
  readonly #owners = new Map<string, number>();
  /** How many names each agent gives alone. */
  readonly #alone = new Map<number, number>();

  /**
   * @param mostOfOne how many names an agent may give that is alone
   * @param mostOfAll how many there may be
   */
  constructor(mostOfOne: number, mostOfAll: number) {
    this.#share = new FairShare(mostOfOne, mostOfAll);
  }

  get size(): number {
    return this.#owners.size;
  }

  /** @returns whether the agent may give this name; then it is taken */
  take(name: string, agent: number): boolean {
    const owner = this.#owners.get(name);
    if (owner === undefined) {
      const alone = this.#aloneOf(agent);
      if (!this.#share.allows(alone, this.#owners.size)) return false;
      this.#owners.set(name, agent);
      this.#alone.set(agent, alone + 1);
    } else if (owner !== agent && owner !== SHARED) {
      this.#owners.set(name, SHARED);
      this.#alone.set(owner, this.#aloneOf(owner) - 1);
    }
    return true;
  }

  /** Counts a name of which it is no longer known who gave it. */
  keep(name: string): void {
    this.#owners.set(name, SHARED);
  }

  #aloneOf(agent: number): number {
    return this.#alone.get(agent) ?? 0;
  }
}
