import { create } from '@bufbuild/protobuf';
import t from 'tap';
import { simulatedLoad } from '../../agents/simulation/simulate.ts';
import nullDriver from '../../plugins/null.ts';
import { SessionResponseSchema } from '../../proto/gen/bench/v1/agent_pb.ts';
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

type Message = Parameters<LoneAgent['say']>[0];

const share = (number: number, slots: number[], of = 2): Message => {
  return {
    case: 'loadChange',
    value: { runId: 'r1', number, atUs: 0, change: { case: 'share', value: { of, slots } } },
  };
};
const level = (scenario: number, level: number): Message => {
  const change = { case: 'level', value: { scenario, level } } as const;
  return { case: 'loadChange', value: { runId: 'r1', number: 1, atUs: 0, change } };
};
const GARBAGE: Readonly<Record<string, Message>> = {
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
  'a start ten years ago, of a load of a minute': { case: 'start', value: { runId: 'r1', atAgentUs: -3e14 } },
  'a start in ten years': { case: 'start', value: { runId: 'r1', atAgentUs: 3e14 } },
  'a million and one users': level(0, 1_000_001),
  'a level of a scenario that is not there': level(1, 5),
  'a level of a second of a scenario that is not there': {
    case: 'loadLevel',
    value: { runId: 'r1', scenario: 7, second: 1, from: 1, to: 1 },
  },
  'the same slot twice': share(1, [0, 0]),
  'slots of four thousand million': share(1, [0], 4_000_000_000),
  'change twenty thousand and one': share(20_001, [0]),
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

t.test('a plan of more virtual users than an agent can have is answered with the problem', async (t) => {
  const agent = await LoneAgent.join(t, { loadDriver: async () => nullDriver, load: simulatedLoad });
  await agent.welcome();
  const { s } = JSON.parse(PLAN).scenarios;
  const many = { ...s, vus: 600_000 };
  const json = JSON.stringify({ name: 'test', scenarios: { s: many, other: many } });
  const { value } = assignment();
  await agent.say({ case: 'assignment', value: { ...value, plan: { json, baseDirectory: '/' } } });
  t.match(agent.sessions[0]?.said.at(-1), {
    case: 'prepared',
    value: { problems: [/to have 1200000 virtual users, and one agent has at most 1000000: use more agents/] },
  });
});

t.test('however many messages come together, the process gets to all else between them', async (t) => {
  let handled = 0;
  const agent = await LoneAgent.join(t, {
    loadDriver: async () => nullDriver,
    load: {
      ...simulatedLoad,
      createGenerator: (options) => {
        const generator = simulatedLoad.createGenerator(options);
        generator.setLevel = () => {
          handled++;
          agent.clock.block(1_000);
        };
        return generator;
      },
    },
  });
  await agent.welcome();
  await agent.say(assignment());
  await agent.clock.advance(1000);
  const message = { case: 'loadLevel', value: { runId: 'r1', scenario: 0, second: 1, from: 1, to: 1 } } as const;
  let handledInTurn = 0;
  agent.clock.soon(() => {
    handledInTurn = handled;
  });
  for (let i = 0; i < 500; i++) {
    agent.sessions[0]?.toAgent.push(create(SessionResponseSchema, { message }));
  }
  await agent.clock.advance(1000);
  t.ok(handledInTurn > 0 && handledInTurn < 20, `${handledInTurn} messages in the first turn`);
  await agent.clock.advance(1e6);
  t.equal(handled, 500);
});
