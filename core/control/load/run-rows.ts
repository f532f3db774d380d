import type { RowsReturned, RowsWanted } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { WireError } from '../../../proto/window-codec.ts';
import { oneLine } from '../../text/printable.ts';
import type { AgentConnection, ToAgent } from '../agents/agent-connection.ts';
import { STORE_PATIENCE_US } from '../limits.ts';
import type { RunContext } from '../run/run-context.ts';
import { type DealerState, type RowDeal, RowDealer } from './row-dealer.ts';

/** An agent that takes part in a run, or prepares to. */
export interface RowTaker {
  /** Its place in the run's totals. */
  readonly index: number;
  readonly name: string;
  readonly connection: Pick<AgentConnection, 'send'>;
}

/** The rows of one set as they are stored. */
export interface StoredRows extends DealerState {
  readonly set: string;
}

/** Agents name the sets, and each is stored with each deal. */
const MAX_SETS = 100;
const MAX_SET_NAME = 300;

/** Deals the rows that all agents of a run use up together, and keeps track of who has which. */
export class RunRows {
  readonly #run: Pick<RunContext, 'runId' | 'events' | 'saved'>;
  readonly #dealers = new Map<string, RowDealer>();
  readonly #takers = new Map<number, RowTaker>();
  /** Those that can be reached and have not ended their load. */
  readonly #present = new Set<number>();
  readonly #posted: { readonly agent: number; readonly message: ToAgent }[] = [];

  constructor(run: Pick<RunContext, 'runId' | 'events' | 'saved'>) {
    this.#run = run;
  }

  get stored(): StoredRows[] {
    return [...this.#dealers].map(([set, { state }]) => ({ set, ...state }));
  }

  /** Goes on with what another control process has dealt. */
  recover(stored: readonly StoredRows[]): void {
    for (const { set, ...state } of stored) this.#dealers.set(set, RowDealer.restored(state));
  }

  joined(agent: RowTaker): void {
    this.#takers.set(agent.index, agent);
    this.#present.add(agent.index);
  }

  /** The agent is on a new stream, and may not have what was sent on the one before. @param hasLoad its load has not ended */
  back({ index }: RowTaker, hasLoad: boolean): void {
    if (hasLoad) this.#present.add(index);
    for (const [set, dealer] of this.#dealers) {
      const lastDeal = dealer.back(index);
      if (lastDeal !== undefined) this.#deal(index, set, lastDeal);
      this.#move(set, dealer);
    }
  }

  /** The agent is out of sight, for a time or for good. What it holds is not dealt again: it may have used it. */
  lost(agent: RowTaker): void {
    this.#present.delete(agent.index);
    for (const [set, dealer] of this.#dealers) {
      const held = dealer.away(agent.index);
      if (held > 0 && !dealer.repeats) {
        this.#run.events.record(
          `agent ${agent.name} held up to ${held} rows of ${set}: unless it comes back, they are left out, because it may have used them`,
        );
      }
      this.#move(set, dealer);
    }
  }

  /** The agent's load has ended, and it has given back what it held. */
  ended({ index }: RowTaker): void {
    this.#present.delete(index);
    for (const [set, dealer] of this.#dealers) {
      dealer.ended(index);
      this.#move(set, dealer);
    }
  }

  /** @throws {WireError} when no agent that keeps the protocol can ask so */
  wanted(agent: RowTaker, message: RowsWanted): void {
    const { set, rows, repeats } = message;
    const dealer = this.#dealers.get(set) ?? this.#opened(set, rows, repeats);
    if (dealer.rows !== rows || dealer.repeats !== repeats) {
      const problem = `${set} has ${rows} rows on this agent, and ${dealer.rows} on another one: give all agents the same file`;
      this.#deal(agent.index, set, { number: message.number, first: 0, count: 0, last: true, problem });
      return;
    }
    const given = dealer.ask(agent.index, message);
    if (given === undefined) this.#move(set, dealer);
    else this.#deal(agent.index, set, given);
  }

  /** @throws {WireError} when the agent cannot hold what it gives back */
  returned(agent: RowTaker, { set, number, left }: RowsReturned): void {
    const dealer = this.#dealers.get(set);
    // What was asked for may not have arrived.
    if (dealer === undefined) return;
    dealer.giveBack(agent.index, number, left);
    this.#move(set, dealer);
  }

  #opened(set: string, rows: number, repeats: boolean): RowDealer {
    if (set === '' || set.length > MAX_SET_NAME || set !== oneLine(set)) {
      throw new WireError(`rows_wanted.set is no name: ${oneLine(set, 100)}`);
    }
    if (rows === 0) throw new WireError('rows_wanted.rows is 0');
    if (this.#dealers.size >= MAX_SETS) throw new WireError(`rows of more than ${MAX_SETS} sets are asked for`);
    const dealer = new RowDealer({ rows, repeats });
    this.#dealers.set(set, dealer);
    return dealer;
  }

  #move(set: string, dealer: RowDealer): void {
    const { deals, recalls } = dealer.moves(this.#present.size);
    const { runId } = this.#run;
    for (const { agent, deal } of deals) this.#deal(agent, set, deal);
    for (const agent of recalls) this.#post(agent, { case: 'rowsRecall', value: { runId, set } });
  }

  #deal(agent: number, set: string, deal: RowDeal & { readonly problem?: string }): void {
    this.#post(agent, { case: 'rowsDealt', value: { runId: this.#run.runId, set, ...deal } });
  }

  #post(agent: number, message: ToAgent): void {
    this.#posted.push({ agent, message });
    if (this.#posted.length === 1) void this.#send();
  }

  /** What is dealt is stored first, so that no other control process deals it to anybody else. The order stays. */
  async #send(): Promise<void> {
    while (this.#posted.length > 0) {
      const due = this.#posted.length;
      await this.#run.saved(STORE_PATIENCE_US);
      for (const { agent, message } of this.#posted.slice(0, due)) this.#takers.get(agent)?.connection.send(message);
      this.#posted.splice(0, due);
    }
  }
}
