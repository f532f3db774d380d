import t from 'tap';
import { simulatedLoad } from '../../agents/simulation/simulate.ts';
import nullDriver from '../../plugins/null.ts';
import { LoneAgent } from '../kit/lone-agent.ts';

const operations = [{ driver: 'null' }];
const plan = { name: 'test', scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1h', operations } } };

t.test('what drivers do wrong while the load runs is told to control, once and after each reconnect', async (t) => {
  let warn: (text: string) => void = () => {};
  const load: typeof simulatedLoad = {
    ...simulatedLoad,
    createGenerator: (options) => {
      warn = options.warn;
      options.warn('the pool is small');
      return simulatedLoad.createGenerator(options);
    },
  };
  const agent = await LoneAgent.join(t, { loadDriver: async () => nullDriver, load });
  await agent.welcome();
  const said = () =>
    agent.sessions.at(-1)?.said.flatMap((message) => (message.case === 'warned' ? message.value.text : [])) ?? [];
  const json = JSON.stringify(plan);
  const share = { of: 1, slots: [0] };
  await agent.say({ case: 'assignment', value: { runId: 'r1', plan: { json, baseDirectory: '' }, share } });
  const prepared = agent.sessions[0]?.said.find((message) => message.case === 'prepared');
  t.match(prepared, { value: { warnings: ['the pool is small'] } });
  await agent.say({ case: 'start', value: { runId: 'r1', atAgentUs: agent.clock.nowUs() } });
  for (const text of ['driver x leaks', 'driver y leaks', 'driver x leaks']) warn(text);
  t.strictSame(said(), ['driver x leaks', 'driver y leaks']);
  await agent.cut();
  await agent.clock.advance(1e6);
  await agent.welcome();
  t.strictSame(said(), ['driver x leaks', 'driver y leaks']);
  t.equal(agent.log.filter((line) => line === 'run r1: driver x leaks').length, 2);
});
