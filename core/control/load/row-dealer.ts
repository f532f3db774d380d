import { WireError } from '../../../proto/window-codec.ts';

/** Rows one after the other; `first` is counted on over the end of the set. */
export interface RowBlock {
  readonly first: number;
  readonly count: number;
}

/** One answer to an agent. No rows when none is left. */
export interface RowDeal extends RowBlock {
  /** 1, 2, 3, … for the agent. */
  readonly number: number;
  /** No other row is left for the agent. */
  readonly last: boolean;
}

/** What an agent asks for; see the message RowsWanted. */
export interface RowAsk {
  readonly number: number;
  readonly left: number;
  readonly wanted: number;
  readonly urgent: boolean;
}

/** What a dealer wants done. */
export interface DealerMoves {
  readonly deals: readonly { readonly agent: number; readonly deal: RowDeal }[];
  /** Agents that are to give back what they have not used. */
  readonly recalls: readonly number[];
}

/** What another control process needs to go on. Agents are indices in the run's totals. */
export interface DealerState {
  readonly rows: number;
  readonly repeats: boolean;
  readonly next: number;
  readonly free: readonly RowBlock[];
  readonly hands: readonly {
    readonly agent: number;
    readonly returned: number;
    readonly blocks: readonly (RowBlock & { readonly number: number })[];
    readonly lastDeal?: RowDeal | undefined;
  }[];
}

/** What one agent holds. */
interface Hand {
  /** Rows that the agent may not have used, in the order in which they were dealt. */
  blocks: (RowBlock & { readonly number: number })[];
  lastDeal: RowDeal | undefined;
  /** The agent has given back what it did not use of the deals up to this one. */
  returned: number;
  ask: Pick<RowAsk, 'wanted' | 'urgent'> | undefined;
  isRecalled: boolean;
  /** It says nothing: what it holds cannot be had. */
  isAway: boolean;
}

/** So many rows of a set that repeats, an agent gets that is alone: it need not ask again. */
const ENDLESS = 2 ** 40;
/**
 * An agent asks again when it has used half of what it holds, so it holds twenty deals of a million rows at the most. All that it
 * holds is looked at with each message, and stored with each deal.
 */
const MAX_BLOCKS = 100;
/** Agents ask for what they use in ten seconds; at least a tenth of it they get, however few rows the set has. */
const MIN_PART = 10;

/**
 * Deals the rows of one set to the agents of a run: no row twice, and none left out but those that a lost agent held. It knows
 * no clock and no connection; {@link moves} says what is to be sent.
 *
 * Blocks shrink toward the end of the set: half of an equal part of what is left, which is guided self-scheduling (C. D.
 * Polychronopoulos, D. J. Kuck, IEEE Transactions on Computers C-36, 1987) with a factor of two. When nothing is left and an
 * agent has to wait, the others give back what they have not used, so that the end is told only when there is no row at all.
 */
export class RowDealer {
  readonly rows: number;
  readonly repeats: boolean;
  #next = 0;
  /** Rows that were given back, in rising order. */
  #free: RowBlock[] = [];
  readonly #hands = new Map<number, Hand>();

  constructor({ rows, repeats }: Pick<DealerState, 'rows' | 'repeats'>) {
    this.rows = rows;
    this.repeats = repeats;
  }

  /** Goes on where another control process has stored this. */
  static restored(state: DealerState): RowDealer {
    const dealer = new RowDealer(state);
    dealer.#next = state.next;
    dealer.#free = [...state.free];
    for (const { agent, blocks, lastDeal, returned } of state.hands) {
      Object.assign(dealer.#handOf(agent), { blocks: [...blocks], lastDeal, returned });
    }
    return dealer;
  }

  get state(): DealerState {
    const hands = [...this.#hands].map(([agent, { blocks, lastDeal, returned }]) => {
      return { agent, returned, blocks: [...blocks], lastDeal };
    });
    return { rows: this.rows, repeats: this.repeats, next: this.#next, free: [...this.#free], hands };
  }

  /**
   * @returns the deal that is asked for, where the agent was given it already
   * @throws {WireError} when no agent that keeps the protocol can ask so
   */
  ask(agent: number, { number, left, wanted, urgent }: RowAsk): RowDeal | undefined {
    const hand = this.#handOf(agent);
    const deals = hand.lastDeal?.number ?? 0;
    if (number === deals && hand.lastDeal !== undefined) return hand.lastDeal;
    if (number !== deals + 1) throw new WireError(`rows_wanted.number is ${number} after ${deals} deals`);
    if (hand.blocks.length >= MAX_BLOCKS) {
      throw new WireError(`rows_wanted asks for more, and the agent holds ${MAX_BLOCKS} deals that it has not used`);
    }
    hand.blocks = lastRows(hand.blocks, left, 'rows_wanted.left');
    hand.ask = { wanted, urgent };
    return undefined;
  }

  /** @throws {WireError} when the agent cannot hold what it gives back */
  giveBack(agent: number, number: number, left: number): void {
    const hand = this.#handOf(agent);
    const deals = hand.lastDeal?.number ?? 0;
    if (number > deals) throw new WireError(`rows_returned.number is ${number} after ${deals} deals`);
    // One that was sent before the latest deal came does not answer a recall, which is sent after that deal.
    if (number === deals) hand.isRecalled = false;
    if (number <= hand.returned) return;
    const settled = hand.blocks.filter((block) => block.number <= number);
    this.#release(lastRows(settled, left, 'rows_returned.left'));
    hand.blocks = hand.blocks.filter((block) => block.number > number);
    hand.returned = number;
  }

  /**
   * The agent cannot be reached from now on.
   * @returns how many rows it may not have used
   */
  away(agent: number): number {
    const hand = this.#hands.get(agent);
    if (hand === undefined || hand.isAway) return 0;
    hand.isAway = true;
    return countOf(hand.blocks);
  }

  /** The agent needs no more rows. */
  ended(agent: number): void {
    const hand = this.#hands.get(agent);
    if (hand !== undefined) hand.ask = undefined;
  }

  /**
   * The agent can be reached again; what it was sent meanwhile has not come to it.
   * @returns the deal that it may not have
   */
  back(agent: number): RowDeal | undefined {
    const hand = this.#hands.get(agent);
    if (hand === undefined) return undefined;
    hand.isAway = false;
    hand.isRecalled = false;
    return hand.lastDeal;
  }

  /**
   * Deals what is asked for, as far as there is.
   * @param agents how many take part
   */
  moves(agents: number): DealerMoves {
    const deals: { agent: number; deal: RowDeal }[] = [];
    const give = (agent: number, block: RowBlock) => deals.push({ agent, deal: this.#give(agent, block) });
    const asking = [...this.#hands].filter(([, { ask, isAway }]) => ask !== undefined && !isAway);
    asking.sort(([, a], [, b]) => Number(b.ask?.urgent) - Number(a.ask?.urgent));
    const waiting = asking.filter(([agent, { ask }]) => {
      const block = this.#holdersOfAll(agent, agents).length === 0 && this.#take(this.#size(ask?.wanted ?? 1, agents));
      if (block) give(agent, block);
      return !block;
    });
    if (waiting.length === 0) return { deals, recalls: [] };
    const holders = [...this.#hands].filter(([, { blocks, isAway }]) => !isAway && blocks.length > 0);
    if (holders.length === 0) for (const [agent] of waiting) give(agent, { first: this.#next, count: 0 });
    const recalls = waiting.flatMap(([agent, { ask }]) => {
      const others = this.repeats ? this.#holdersOfAll(agent, agents) : holders;
      return ask?.urgent ? others.filter(([other, { isRecalled }]) => other !== agent && !isRecalled) : [];
    });
    for (const [, hand] of recalls) hand.isRecalled = true;
    return { deals, recalls: [...new Set(recalls.map(([agent]) => agent))] };
  }

  /** Other agents that got a set that repeats for themselves, and are no longer alone. */
  #holdersOfAll(agent: number, agents: number): [number, Hand][] {
    if (!this.repeats || agents < 2) return [];
    return [...this.#hands].filter(
      ([other, { blocks, isAway }]) => other !== agent && !isAway && countOf(blocks) > ENDLESS / 2,
    );
  }

  #size(wanted: number, agents: number): number {
    if (agents < 2) return this.repeats ? ENDLESS : this.rows;
    if (this.repeats) {
      const part = Math.max(Math.ceil(this.rows / agents), Math.ceil(wanted / MIN_PART));
      return Math.max(1, Math.min(wanted, part));
    }
    const left = countOf(this.#free) + this.rows - this.#next;
    return Math.max(1, Math.min(wanted, Math.ceil(left / (2 * agents))));
  }

  #take(size: number): RowBlock | undefined {
    const given = this.#free.shift();
    if (given === undefined) {
      const count = this.repeats ? size : Math.min(size, this.rows - this.#next);
      if (count === 0) return undefined;
      this.#next += count;
      return { first: this.#next - count, count };
    }
    const count = Math.min(size, given.count);
    if (count < given.count) this.#free.unshift({ first: given.first + count, count: given.count - count });
    return { first: given.first, count };
  }

  #give(agent: number, block: RowBlock): RowDeal {
    const hand = this.#handOf(agent);
    const number = (hand.lastDeal?.number ?? 0) + 1;
    if (block.count > 0) hand.blocks.push({ ...block, number });
    const isUsedUp = !this.repeats && this.#next === this.rows && this.#free.length === 0;
    const isHeldByOthers = [...this.#hands].some(([other, { blocks }]) => other !== agent && blocks.length > 0);
    hand.lastDeal = { ...block, number, last: block.count === 0 || (isUsedUp && !isHeldByOthers) };
    hand.ask = undefined;
    return hand.lastDeal;
  }

  #release(blocks: readonly RowBlock[]): void {
    const rising = [...this.#free, ...blocks].sort((a, b) => a.first - b.first);
    this.#free = [];
    for (const { first, count } of rising) {
      const last = this.#free.at(-1);
      if (last !== undefined && last.first + last.count === first) {
        this.#free[this.#free.length - 1] = { first: last.first, count: last.count + count };
      } else this.#free.push({ first, count });
    }
  }

  #handOf(agent: number): Hand {
    let hand = this.#hands.get(agent);
    if (hand === undefined) {
      hand = { blocks: [], lastDeal: undefined, returned: 0, ask: undefined, isRecalled: false, isAway: false };
      this.#hands.set(agent, hand);
    }
    return hand;
  }
}

function countOf(blocks: readonly RowBlock[]): number {
  return blocks.reduce((sum, { count }) => sum + count, 0);
}

/** @throws {WireError} when there are not so many */
function lastRows<Block extends RowBlock>(blocks: readonly Block[], rows: number, field: string): Block[] {
  const held = countOf(blocks);
  if (!(Number.isInteger(rows) && rows >= 0 && rows <= held)) {
    throw new WireError(`${field} is ${rows}, and the agent holds ${held} rows at the most`);
  }
  const last: Block[] = [];
  let missing = rows;
  for (const block of blocks.toReversed()) {
    if (missing === 0) break;
    const count = Math.min(missing, block.count);
    last.push({ ...block, first: block.first + block.count - count, count });
    missing -= count;
  }
  return last.reverse();
}
