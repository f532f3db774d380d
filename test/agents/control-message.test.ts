import t from 'tap';
import { simulatedLoad } from '../../agents/simulation/simulate.ts';
import nullDriver from '../../plugins/null.ts';
import { LoneAgent } from '../kit/lone-agent.ts';

const PLAN = JSON.stringify({
  name: 'test',
  scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '60s', operations: [{ driver: 'null' }] } },
});
const assignment = (share = { of: 1, slots: [0] }) =>
  ({
    case: 'assignment',
    value: { runId: 'r1', attempt: 'a', plan: { json: PLAN, baseDirectory: '/' }, share },
  }) as const;

const GARBAGE: Readonly<Record<string, Parameters<LoneAgent['say']>[0]>> = {
  'a start that is no time': { case: 'start', value: { runId: 'r1', atAgentUs: Number.NaN } },
  'a start in a million years': { case: 'start', value: { runId: 'r1', atAgentUs: 1e20 } },
  'a level that is no number': {
    case: 'loadLevel',
    value: { runId: 'r1', scenario: 0, second: 1, from: Number.NaN, to: 1 },
  },
  'more users than there is memory': {
    case: 'loadChange',
    value: { runId: 'r1', number: 1, atUs: 0, change: { case: 'level', value: { scenario: 0, level: 1e300 } } },
  },
  'a share that cannot be': {
    case: 'loadChange',
    value: { runId: 'r1', number: 1, atUs: 0, change: { case: 'share', value: { of: 2, slots: [5] } } },
  },
};

for (const [name, message] of Object.entries(GARBAGE)) {
  t.test(`control sends ${name}: the agent leaves the run, says why, and stays`, async (t) => {
    const agent = await LoneAgent.join(t, { loadDriver: async () => nullDriver, load: simulatedLoad });
    await agent.welcome();
    await agent.say(assignment());
    await agent.clock.advance(1000);
    await agent.say(message);
    const leaving = agent.sessions[0]?.said.find((said) => said.case === 'leaving');
    t.match(leaving?.value, { runId: 'r1', byItself: true, reason: /a message of control could not be handled: / });
    t.match(agent.log.at(-1), /a message of control could not be handled: /);
    await agent.say({ case: 'clockProbe', value: { controlUs: 7 } });
    t.match(agent.sessions[0]?.said.at(-1), { case: 'clockReply', value: { controlUs: 7 } });
    t.equal(agent.sessions.length, 1);
  });
}

t.test('an assignment that makes no sense is answered with the problem', async (t) => {
  const agent = await LoneAgent.join(t, { loadDriver: async () => nullDriver, load: simulatedLoad });
  await agent.welcome();
  await agent.say(assignment({ of: 1, slots: [3] }));
  t.match(agent.sessions[0]?.said.at(-1), {
    case: 'prepared',
    value: { runId: 'r1', attempt: 'a', problems: [/assignment\.share\.slots has 3/] },
  });
});
