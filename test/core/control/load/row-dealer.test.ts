import t from 'tap';
import { RowHand } from '../../../../agents/row-hand.ts';
import { RowDealer } from '../../../../core/control/load/row-dealer.ts';
import { RunRows } from '../../../../core/control/load/run-rows.ts';
import fc from '../../../kit/property.ts';

type ToControl =
  | { kind: 'ask'; number: number; left: number; wanted: number; urgent: boolean }
  | { kind: 'return'; number: number; left: number };
type ToAgent = { kind: 'deal'; number: number; first: number; count: number; last: boolean } | { kind: 'recall' };

/** Agents and the dealer of one set, with all that is under way between them. */
class Table {
  dealer: RowDealer;
  readonly agents: Agent[] = [];
  nowUs = 0;

  constructor(rows: number, repeats = false) {
    this.dealer = new RowDealer({ rows, repeats });
  }

  join(first = 1): Agent {
    const agent = new Agent(this, this.agents.length, first);
    this.agents.push(agent);
    agent.hand.need();
    return agent;
  }

  /** Another control process goes on from what is stored; what was under way is lost. */
  restart(): void {
    this.dealer = RowDealer.restored(JSON.parse(JSON.stringify(this.dealer.state)));
    for (const agent of this.agents) if (!agent.isAway) agent.reconnect();
  }

  settle(): void {
    const present = this.agents.filter(({ isAway, hasEnded }) => !isAway && !hasEnded).length;
    const { deals, recalls } = this.dealer.moves(present);
    for (const { agent, deal } of deals) this.agents[agent]?.toAgent.push({ kind: 'deal', ...deal });
    for (const agent of recalls) this.agents[agent]?.toAgent.push({ kind: 'recall' });
  }

  /** Delivers all that is under way, and what comes of it. */
  deliverAll(): void {
    let messages = 0;
    for (let isQuiet = false; !isQuiet; ) {
      isQuiet = true;
      for (const agent of this.agents) {
        while (agent.deliver()) {
          isQuiet = false;
          if (++messages > 10_000) throw new Error('messages go to and fro for ever');
        }
      }
    }
  }

  taken(): number[] {
    return this.agents.flatMap(({ taken }) => taken);
  }
}

class Agent {
  readonly hand: RowHand;
  readonly taken: number[] = [];
  toControl: ToControl[] = [];
  toAgent: ToAgent[] = [];
  isAway = false;
  hasEnded = false;
  readonly #table: Table;
  readonly #index: number;

  constructor(table: Table, index: number, first: number) {
    this.#table = table;
    this.#index = index;
    const { rows, repeats } = table.dealer;
    this.hand = new RowHand({
      rows,
      repeats,
      first,
      clock: { nowUs: () => table.nowUs },
      ask: (ask) => this.toControl.push({ kind: 'ask', ...ask }),
      giveBack: (given) => this.toControl.push({ kind: 'return', ...given }),
    });
  }

  /** What a virtual user does that needs a row. @returns whether it got one; undefined when it waits */
  take(): boolean | undefined {
    if (this.hasEnded) return false;
    const { hasNext } = this.hand;
    if (hasNext === false) return false;
    if (hasNext !== true) return undefined;
    this.taken.push(this.hand.take() as number);
    return true;
  }

  /** Delivers one message. @returns whether there was one */
  deliver(toControlFirst = true): boolean {
    if (this.isAway) return false;
    const { dealer } = this.#table;
    const up = toControlFirst || this.toAgent.length === 0 ? this.toControl.shift() : undefined;
    if (up !== undefined) {
      const given = up.kind === 'ask' ? dealer.ask(this.#index, up) : dealer.giveBack(this.#index, up.number, up.left);
      if (given) this.toAgent.push({ kind: 'deal', ...given });
      this.#table.settle();
      return true;
    }
    const down = this.toAgent.shift();
    if (down?.kind === 'deal') this.hand.dealt(down);
    else if (down?.kind === 'recall') this.hand.recalled();
    return down !== undefined;
  }

  /** Its stream breaks, and another one begins: what was under way is lost. */
  reconnect(): void {
    this.toControl = [];
    this.toAgent = [];
    this.isAway = false;
    const lastDeal = this.#table.dealer.back(this.#index);
    if (lastDeal) this.toAgent.push({ kind: 'deal', ...lastDeal });
    this.hand.resend();
    this.#table.settle();
  }

  /** It is silent for so long that control does without it. */
  lose(): void {
    this.isAway = true;
    this.#table.dealer.away(this.#index);
    this.#table.settle();
  }

  /** Its load ends. */
  leave(): void {
    this.hasEnded = true;
    this.hand.release();
    this.hand.close();
  }
}

const agentOf = fc.nat({ max: 5 });
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('take' as const), agent: agentOf, times: fc.nat({ max: 7 }) }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('deliver' as const), agent: agentOf, up: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), us: fc.nat({ max: 20_000_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join' as const), first: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('lose', 'reconnect', 'leave'), agent: agentOf }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

function play(table: Table, steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): void {
  for (const move of steps) {
    if (move.kind === 'wait') table.nowUs += move.us;
    else if (move.kind === 'restart') table.restart();
    else if (move.kind === 'join') {
      if (table.agents.length < 6) table.join(move.first);
    } else {
      const agent = table.agents[move.agent % table.agents.length] as Agent;
      if (move.kind === 'take') for (let i = 0; i < move.times; i++) agent.take();
      else if (move.kind === 'deliver') agent.deliver(move.up);
      else if (move.kind === 'reconnect') agent.reconnect();
      else if (!agent.hasEnded) agent[move.kind as 'lose' | 'leave']();
    }
  }
}

/** All that are left take rows until none of them gets one. */
function useUp(table: Table): void {
  for (const agent of table.agents) if (agent.isAway) agent.reconnect();
  table.deliverAll();
  const open = new Set(table.agents);
  for (let rounds = 0; open.size > 0; rounds++) {
    if (rounds > 10_000) throw new Error('an agent waits for ever');
    for (const agent of open) if (agent.take() === false) open.delete(agent);
    table.deliverAll();
  }
}

const game = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  agents: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(step, { maxLength: 120 }),
});

t.test(
  'however agents take, leave, join, come back, and control is restarted: each row once, none left out',
  async () => {
    fc.assert(
      fc.property(game, ({ rows, agents, steps }) => {
        const table = new Table(rows);
        for (let i = 0; i < agents; i++) table.join(3);
        play(table, steps);
        // Somebody has to be there at the end.
        table.join();
        useUp(table);
        const taken = table.taken().toSorted((a, b) => a - b);
        return taken.length === rows && taken.every((row, i) => row === i);
      }),
      { numRuns: 500 },
    );
  },
);

t.test('the same of a set that repeats: what is dealt is taken once, or given back', async () => {
  fc.assert(
    fc.property(game, ({ agents, steps }) => {
      // More rows than anybody takes.
      const table = new Table(1_000_000, true);
      for (let i = 0; i < agents; i++) table.join(3);
      play(table, steps);
      for (const agent of table.agents) if (agent.isAway) agent.reconnect();
      table.deliverAll();
      for (const agent of table.agents) agent.leave();
      table.deliverAll();
      const { next, free, hands } = table.dealer.state;
      const given = free.reduce((sum, { count }) => sum + count, 0);
      const taken = table.taken();
      return (
        hands.every(({ blocks }) => blocks.length === 0) &&
        taken.length + given === next &&
        new Set(taken).size === taken.length
      );
    }),
    { numRuns: 300 },
  );
});

t.test('an agent that is alone gets all rows at once, and knows where they end', async (t) => {
  const table = new Table(20);
  const agent = table.join();
  table.deliverAll();
  const asked = agent.toControl.length;
  for (let i = 0; i < 20; i++) t.equal(agent.take(), true);
  t.equal(agent.take(), false, 'without asking again');
  t.equal(agent.toControl.length, asked);
  t.strictSame(
    agent.taken,
    Array.from({ length: 20 }, (_, i) => i),
  );
});

t.test('who waits gets what a slow agent holds, and the end only when there is no row at all', async (t) => {
  const table = new Table(12);
  const slow = table.join(4);
  const fast = table.join(4);
  table.deliverAll();
  slow.take();
  while (fast.take() !== false) table.deliverAll();
  t.equal(fast.taken.length, 11);
  t.equal(slow.take(), undefined, 'its rows were taken');
  table.deliverAll();
  t.equal(slow.take(), false);
});

t.test('a set that repeats is shared when a second agent joins', async (t) => {
  const table = new Table(10, true);
  const first = table.join();
  table.deliverAll();
  for (let i = 0; i < 13; i++) first.take();
  const second = table.join();
  table.deliverAll();
  for (let i = 0; i < 20; i++) {
    table.nowUs += 1e6;
    first.take();
    second.take();
    table.deliverAll();
  }
  const counts = Array.from({ length: 10 }, (_, row) => table.taken().filter((taken) => taken === row).length);
  t.ok(first.taken.length > 25 && second.taken.length > 15, `${first.taken.length} ${second.taken.length}`);
  t.ok(Math.max(...counts) - Math.min(...counts) <= 2, counts.join(' '));
});

t.test('rows of a lost agent are dealt to nobody else, and the others do not wait for it', async (t) => {
  const table = new Table(12);
  const lost = table.join(4);
  const other = table.join(4);
  table.deliverAll();
  lost.take();
  lost.lose();
  while (other.take() !== false) table.deliverAll();
  const held = table.dealer.state.hands[0]?.blocks.reduce((sum, { count }) => sum + count, 0) ?? 0;
  t.equal(other.taken.length, 12 - held);
  t.equal(new Set(table.taken()).size, table.taken().length);
});

t.test('messages that no agent can send are refused', async (t) => {
  const dealer = new RowDealer({ rows: 10, repeats: false });
  const ask = { number: 1, left: 0, wanted: 3, urgent: false };
  t.throws(() => dealer.ask(0, { ...ask, number: 2 }), /rows_wanted\.number is 2 after 0 deals/);
  t.throws(() => dealer.ask(0, { ...ask, left: 1 }), /rows_wanted\.left is 1, and the agent holds 0 rows at the most/);
  dealer.ask(0, ask);
  dealer.moves(2);
  t.throws(() => dealer.giveBack(0, 2, 1), /rows_returned\.number is 2 after 1 deals/);
  t.throws(() => dealer.giveBack(0, 1, 11), /rows_returned\.left is 11/);
  t.throws(() => dealer.giveBack(0, 1, Number.NaN), /rows_returned\.left is NaN/);
  const greedy = new RowDealer({ rows: 2 ** 32 - 1, repeats: false });
  const askAgain = () => {
    for (let number = 1; ; number++) {
      greedy.ask(0, { number, left: number - 1, wanted: 1, urgent: true });
      greedy.moves(2);
    }
  };
  t.throws(askAgain, /rows_wanted asks for more, and the agent holds 100 deals that it has not used/);
});

t.test('an agent that makes up sets is refused: each of them is stored with each deal', (t) => {
  const events = { record() {} } as unknown as ConstructorParameters<typeof RunRows>[0]['events'];
  const rows = new RunRows({ runId: 'r', events, saved: async () => {} });
  const liar = { index: 0, name: 'liar', connection: { send() {} } };
  rows.joined(liar);
  const askFor = (set: string) =>
    rows.wanted(liar, { set, rows: 10, repeats: false, number: 1, left: 0, wanted: 1, urgent: false } as Parameters<
      RunRows['wanted']
    >[1]);
  for (let i = 0; i < 100; i++) askFor(`set ${i}`);
  t.throws(() => askFor('one more'), /rows of more than 100 sets are asked for/);
  t.end();
});
