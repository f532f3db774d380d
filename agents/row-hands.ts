import type { Clock } from '../core/clock.ts';
import { PluginError } from '../core/plugin.ts';
import type { DealtIndices } from '../core/script/dealt-indices.ts';
import type { RowsDealt } from '../proto/gen/bench/v1/agent_pb.ts';
import type { AgentMessage } from './control-connection.ts';
import { RowHand } from './row-hand.ts';

/** What control deals to one agent in one run: a hand for each set of rows. */
export class RowHands {
  readonly #hands = new Map<string, RowHand>();
  readonly #runId: string;
  readonly #clock: Clock;
  readonly #send: (message: AgentMessage) => void;

  /** @param send sends when there is a session. What is lost with it is sent again by {@link resend} */
  constructor(runId: string, clock: Clock, send: (message: AgentMessage) => void) {
    this.#runId = runId;
    this.#clock = clock;
    this.#send = send;
  }

  /**
   * Asks for the first rows of a set.
   * @param first how many the load may need at its start
   */
  open(set: string, rows: number, repeats: boolean, first: number): DealtIndices {
    const opened = this.#hands.get(set);
    if (opened !== undefined) return opened;
    const runId = this.#runId;
    const hand = new RowHand({
      rows,
      repeats,
      first,
      clock: this.#clock,
      ask: (ask) => this.#send({ case: 'rowsWanted', value: { runId, set, rows, repeats, ...ask } }),
      giveBack: (given) => this.#send({ case: 'rowsReturned', value: { runId, set, ...given } }),
    });
    this.#hands.set(set, hand);
    hand.need();
    return hand;
  }

  /** Resolves when the first rows of all sets are here. @throws {PluginError} when control deals none to this agent */
  async opened(): Promise<void> {
    await Promise.all([...this.#hands.values()].map((hand) => hand.opened));
  }

  dealt(deal: RowsDealt): void {
    const hand = this.#hands.get(deal.set);
    if (deal.problem === '') hand?.dealt(deal);
    else hand?.refused(new PluginError(deal.problem));
  }

  recalled(set: string): void {
    this.#hands.get(set)?.recalled();
  }

  /** Gives back what is not used, at the end of this agent's load. */
  release(): void {
    for (const hand of this.#hands.values()) hand.release();
    this.close();
  }

  /** No row is used any more: virtual users that wait for one are told that there is none. */
  close(): void {
    for (const hand of this.#hands.values()) hand.close();
  }

  resend(): void {
    for (const hand of this.#hands.values()) hand.resend();
  }
}
