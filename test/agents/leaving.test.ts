/** What an agent says when its load ends before its time. */
import t, { type Test } from 'tap';
import { simulatedLoad } from '../../agents/simulation/simulate.ts';
import nullDriver from '../../plugins/null.ts';
import { LoneAgent } from '../kit/lone-agent.ts';

const operations = [{ driver: 'null' }];
const plan = { name: 'test', scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1h', operations } } };

/** An agent whose load has begun: a window each second. */
async function running(t: Test): Promise<LoneAgent> {
  const agent = await LoneAgent.join(t, { loadDriver: async () => nullDriver, load: simulatedLoad });
  await agent.welcome();
  const share = { of: 1, slots: [0] };
  const json = JSON.stringify(plan);
  await agent.say({ case: 'assignment', value: { runId: 'r1', plan: { json, baseDirectory: '' }, share } });
  await agent.say({ case: 'start', value: { runId: 'r1', atAgentUs: agent.clock.nowUs() + 500_000 } });
  return agent;
}

/** Time passes, in which control says no more than that it is there. */
async function pass(agent: LoneAgent, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await agent.clock.advance(1e6);
    await agent.say({ case: 'clockProbe', value: { controlUs: i } });
  }
}

/** @returns what it has said in its last session, but heartbeats and clock replies */
const said = ({ sessions }: LoneAgent) =>
  (sessions.at(-1)?.said ?? []).filter((message) => !['heartbeat', 'clockReply'].includes(message.case));
const kinds = (agent: LoneAgent) => said(agent).map((message) => message.case);

t.test('told to end while control is away, it says so first of all when it is back', async (t) => {
  const agent = await running(t);
  await pass(agent, 4);
  await agent.cut();
  agent.leave.abort();
  await agent.clock.advance(1e6);
  t.equal(agent.sessions.length, 2);
  await agent.welcome();
  t.same(kinds(agent), ['join', 'leaving', 'window', 'window', 'window', 'done']);
  t.match(said(agent)[1], {
    value: { runId: 'r1', atUs: 3.5e6, byItself: false, reason: 'agent a was told to end' },
  });
  await agent.cut();
  await agent.clock.advance(1e6);
  await agent.welcome();
  t.equal(kinds(agent)[1], 'leaving', 'and again, until the run has ended');
});

t.test('with ten minutes of windows that control has not acknowledged, it ends its load and says so', async (t) => {
  const agent = await running(t);
  await pass(agent, 599);
  t.notOk(kinds(agent).includes('leaving'));
  await pass(agent, 2);
  const leaving = said(agent).find((message) => message.case === 'leaving');
  t.match(leaving, {
    value: { runId: 'r1', byItself: true, reason: 'control has acknowledged nothing for 600 s' },
  });
  t.ok(Math.abs((leaving?.case === 'leaving' ? (leaving.value.atUs ?? 0) : 0) - 600e6) < 0.1e6);
  t.equal(kinds(agent).at(-1), 'done');
  await pass(agent, 5);
  t.equal(kinds(agent).filter((kind) => kind === 'window').length, 600);
  await agent.cut();
  await agent.clock.advance(1e6);
  await agent.welcome();
  t.same(kinds(agent).slice(0, 3), ['join', 'leaving', 'window']);
});

t.test('what control has ended itself is not its leaving', async (t) => {
  const agent = await running(t);
  await pass(agent, 3);
  await agent.say({ case: 'stop', value: { runId: 'r1', abort: false } });
  t.equal(kinds(agent).at(-1), 'done');
  agent.leave.abort();
  await agent.clock.advance(0);
  t.notOk(kinds(agent).includes('leaving'));
});
