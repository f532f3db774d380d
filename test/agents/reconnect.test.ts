import t, { type Test } from 'tap';
import { runAgent } from '../../agents/index.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { LoneAgent } from '../kit/lone-agent.ts';

const lonely = (t: Test) => LoneAgent.join(t, { loadDriver: () => Promise.reject(new Error('no run in this test')) });

t.test('when control says nothing for five seconds, the agent gives the whole connection up', async (t) => {
  const agent = await lonely(t);
  await agent.welcome();
  for (let i = 0; i < 10; i++) {
    await agent.clock.advance(1e6);
    await agent.say({ case: 'clockProbe', value: { controlUs: i } });
  }
  t.equal(agent.sessions.length, 1);
  await agent.clock.advance(6e6);
  t.equal(agent.sessions.length, 2);
  t.same(
    agent.sessions.map(({ isOpen }) => isOpen),
    [false, true],
  );
  await agent.welcome();
  t.same(agent.log, [
    'joined control at control:7070 as a',
    'control at control:7070 says nothing: connecting anew',
    'reached control at control:7070 again',
  ]);
});

t.test('an agent that was held up itself does not take that for silence of control', async (t) => {
  const agent = await lonely(t);
  await agent.welcome();
  await agent.clock.advance(1.5e6);
  agent.clock.block(20e6);
  await agent.clock.advance(2e6);
  t.equal(agent.sessions.length, 1);
});

t.test('control may take its time for the first word, but not for ever', async (t) => {
  const agent = await lonely(t);
  await agent.clock.advance(25e6);
  t.equal(agent.sessions.length, 1);
  await agent.clock.advance(10e6);
  t.equal(agent.sessions.length, 2);
});

t.test('an agent that cannot even begin to connect tries again: it may have no free descriptor', async (t) => {
  const clock = new FakeClock();
  const leave = new AbortController();
  const log: string[] = [];
  let attempts = 0;
  const ended = runAgent({
    control: 'control:7070',
    name: 'a',
    labels: {},
    drivers: [],
    loadDriver: () => Promise.reject(new Error('no run in this test')),
    clock,
    connect: () => {
      attempts++;
      throw new Error('EMFILE: too many open files');
    },
    log: (line) => log.push(line),
    signal: leave.signal,
  });
  await clock.advance(3e6);
  t.ok(attempts > 2, `${attempts} attempts`);
  t.match(
    log[0],
    /^control at control:7070 cannot be reached \(EMFILE: too many open files\); trying again in \d\.\d s$/,
  );
  leave.abort();
  t.match(await clock.until(ended), { kind: 'told-to-end', handedOver: true });
});

t.test('an agent that is cut off whenever it has joined waits longer and longer', async (t) => {
  const agent = await lonely(t);
  const cutFor = async (us: number) => {
    const before = agent.sessions.length;
    for (const endUs = agent.clock.nowUs() + us; agent.clock.nowUs() < endUs; ) {
      await agent.welcome();
      await agent.cut();
      await agent.clock.advance(50_000);
    }
    return agent.sessions.length - before;
  };
  const often = await cutFor(60e6);
  t.ok(often >= 12 && often <= 40, `${often} sessions`);
  await agent.clock.advance(6e6);
  await agent.welcome();
  await agent.clock.advance(3e6);
  await agent.cut();
  const before = agent.sessions.length;
  await agent.clock.advance(250_000);
  t.equal(agent.sessions.length, before + 1, 'a session that has lasted was none that failed');
});

t.test('a reason of megabytes, with which control refuses an agent, is cut', async (t) => {
  const agent = await LoneAgent.join(t, { loadDriver: () => Promise.reject(new Error('no run in this test')) });
  await agent.say({ case: 'refused', value: { reason: `no \u001b[31m${'R'.repeat(3e6)}` } });
  const exit = await agent.exit;
  t.ok(exit.kind === 'refused' && exit.reason.startsWith('no ␛[31mRRR') && exit.reason.length < 1000);
});
