/** Assignments that end, or are to end, while their drivers open and their users connect. */
import t, { type Test } from 'tap';
import { Engine } from '../../agents/engine/engine.ts';
import type { LoadSource } from '../../agents/generator.ts';
import { IDLE_HOST } from '../../agents/simulation/synthetic-window.ts';
import { type DriverPlugin, defineDriver } from '../../core/plugin.ts';
import { OK } from '../kit/engine.ts';
import { LoneAgent } from '../kit/lone-agent.ts';
import { matchEach } from '../kit/match-each.ts';

const SECOND_US = 1e6;
const operations = [{ driver: 'slow' }];
const plan = { name: 'test', scenarios: { s: { executor: 'constant-vus', vus: 10_000, duration: '1h', operations } } };
const load: LoadSource = {
  watchHost: () => ({ take: () => IDLE_HOST, restart: () => {}, stop: () => {} }),
  createGenerator: (options) => new Engine(options),
};

/** An agent whose assigned run prepares with a driver that takes its time, and heeds no signal. */
async function preparing(t: Test, takesUs: { readonly open: number; readonly connect: number }) {
  const counts = { connects: 0, connected: 0, opened: 0 };
  const pass = (us: number) => new Promise<void>((resolve) => void agent.clock.after(us, resolve));
  const driver: DriverPlugin = defineDriver({
    name: 'slow',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => [{ name: 'turn', type: 'TEST' }],
    open: async () => {
      await pass(takesUs.open);
      counts.opened++;
      return {
        connect: async () => {
          counts.connects++;
          await pass(takesUs.connect);
          counts.connected++;
          return {
            send: () => OK,
            close: () => {
              counts.connected--;
            },
          };
        },
        close: () => {
          counts.opened--;
        },
      };
    },
  });
  const agent = await LoneAgent.join(t, { loadDriver: async () => driver, load });
  await agent.welcome();
  const share = { of: 1, slots: [0] };
  const json = JSON.stringify(plan);
  await agent.say({ case: 'assignment', value: { runId: 'r1', plan: { json, baseDirectory: '' }, share } });
  return { agent, counts };
}

const said = ({ sessions }: LoneAgent) =>
  (sessions.at(-1)?.said ?? []).filter(({ case: kind }) => kind === 'leaving' || kind === 'prepared');

t.test('a run that ends while its users connect connects no more of them, and closes those it has', async (t) => {
  const { agent, counts } = await preparing(t, { open: 0, connect: 0.1 * SECOND_US });
  await agent.clock.advance(0.95 * SECOND_US);
  const { connects } = counts;
  t.ok(connects > 500 && connects < 1100, `${connects}`);
  await agent.say({ case: 'runEnded', value: { runId: 'r1' } });
  await agent.clock.advance(2 * SECOND_US);
  t.same(counts, { connects, connected: 0, opened: 0 });
  t.same(said(agent), []);
});

t.test('a run that ends while a driver opens connects nobody', async (t) => {
  const { agent, counts } = await preparing(t, { open: SECOND_US, connect: 0 });
  await agent.say({ case: 'runEnded', value: { runId: 'r1' } });
  await agent.clock.advance(2 * SECOND_US);
  t.same(counts, { connects: 0, connected: 0, opened: 0 });
});

t.test('an agent that is told to end while its users connect says so, and goes', async (t) => {
  const { agent, counts } = await preparing(t, { open: 0, connect: 3600 * SECOND_US });
  const session = agent.sessions[0];
  agent.leave.abort();
  await agent.clock.advance(0);
  matchEach(t, said(agent), [
    { case: 'leaving', value: { runId: 'r1', atUs: 0, byItself: false } },
    { case: 'prepared', value: { problems: ['it was stopped before it was ready'] } },
  ]);
  await agent.clock.advance(9 * SECOND_US);
  t.equal(session?.isOpen, false);
  t.equal(counts.connects, 100);
});

t.test('a run that control stops while its users connect is over', async (t) => {
  const { agent, counts } = await preparing(t, { open: 0, connect: 0.1 * SECOND_US });
  await agent.say({ case: 'stop', value: { runId: 'r1', abort: false } });
  await agent.clock.advance(SECOND_US);
  t.same(counts, { connects: 100, connected: 0, opened: 0 });
  t.equal(said(agent).length, 1, 'it says once that it is not ready');
});
