import { create, type MessageInitShape } from '@bufbuild/protobuf';
import t, { type Test } from 'tap';
import { runAgent } from '../../agents/index.ts';
import { type SessionResponse, SessionResponseSchema } from '../../proto/gen/bench/v1/agent_pb.ts';
import { MessageQueue } from '../../proto/message-queue.ts';
import { FakeClock } from '../kit/fake-clock.ts';

/** An agent on a clock of its own, and the sessions that it has opened. */
async function lonely(t: Test) {
  const clock = new FakeClock();
  const log: string[] = [];
  const sessions: { readonly toAgent: MessageQueue<SessionResponse>; isOpen: boolean }[] = [];
  const connect = () => {
    const session = { toAgent: new MessageQueue<SessionResponse>(), isOpen: true };
    sessions.push(session);
    const stream = {
      messages: session.toAgent,
      send: () => true,
      end: () => session.toAgent.end(),
      cancel: () => session.toAgent.end(),
    };
    return {
      session: () => stream,
      close: () => {
        session.isOpen = false;
      },
    };
  };
  const leave = new AbortController();
  const loadDriver = () => Promise.reject(new Error('no run in this test'));
  const common = { control: 'control:7070', name: 'a', labels: {}, drivers: [], loadDriver, clock, connect };
  const agent = runAgent({ ...common, log: (line) => log.push(line), signal: leave.signal });
  t.teardown(async () => {
    leave.abort();
    await agent;
  });
  await clock.advance(0);
  const say = async (message: NonNullable<MessageInitShape<typeof SessionResponseSchema>['message']>) => {
    sessions.at(-1)?.toAgent.push(create(SessionResponseSchema, { message }));
    await clock.advance(0);
  };
  const welcome = () => say({ case: 'welcome', value: { controlVersion: 'test' } });
  return { clock, log, sessions, say, welcome };
}

t.test('when control says nothing for five seconds, the agent gives the whole connection up', async (t) => {
  const { clock, log, sessions, say, welcome } = await lonely(t);
  await welcome();
  for (let i = 0; i < 10; i++) {
    await clock.advance(1e6);
    await say({ case: 'clockProbe', value: { controlUs: i } });
  }
  t.equal(sessions.length, 1);
  await clock.advance(6e6);
  t.equal(sessions.length, 2);
  t.same(
    sessions.map(({ isOpen }) => isOpen),
    [false, true],
  );
  await welcome();
  t.same(log, [
    'joined control at control:7070 as a',
    'control at control:7070 says nothing: connecting anew',
    'reached control at control:7070 again',
  ]);
});

t.test('an agent that was held up itself does not take that for silence of control', async (t) => {
  const { clock, sessions, welcome } = await lonely(t);
  await welcome();
  await clock.advance(1.5e6);
  clock.block(20e6);
  await clock.advance(2e6);
  t.equal(sessions.length, 1);
});

t.test('control may take its time for the first word, but not for ever', async (t) => {
  const { clock, sessions } = await lonely(t);
  await clock.advance(25e6);
  t.equal(sessions.length, 1);
  await clock.advance(10e6);
  t.equal(sessions.length, 2);
});
