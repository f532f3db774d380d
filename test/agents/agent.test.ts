import { create, type MessageInitShape } from '@bufbuild/protobuf';
import t from 'tap';
import type { EngineOptions } from '../../agents/engine/engine.ts';
import { runAgent } from '../../agents/index.ts';
import { SimulatedEngine } from '../../agents/simulation/simulated-engine.ts';
import { IDLE_HOST } from '../../agents/simulation/synthetic-window.ts';
import { type DriverPlugin, defineDriver, PluginError } from '../../core/plugin.ts';
import { PROTOCOL_VERSION } from '../../core/version.ts';
import {
  type SessionRequestSchema,
  type SessionResponse,
  SessionResponseSchema,
} from '../../proto/gen/bench/v1/agent_pb.ts';
import { RpcError } from '../../proto/rpc/adapter.ts';
import { MessageQueue } from '../../proto/rpc/message-queue.ts';
import { decodeWindow } from '../../proto/window-codec.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { OK } from '../kit/engine.ts';
import { joinedAgent } from '../kit/joined-agent.ts';
import { noContent } from '../kit/no-contents.ts';
import { type RequestOf, ScriptedControl } from '../kit/scripted-control.ts';

/** Each operation ends when the event loop turns. */
const driver: DriverPlugin = defineDriver({
  name: 'turn',
  description: '',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
  operations: () => [{ name: 'turn', type: 'TEST' }],
  open: (options, context) => {
    if ((options as { broken?: boolean }).broken) throw new PluginError('the target is away: start it');
    const tally = context.tally('device');
    return {
      connect: () => ({
        send: () =>
          new Promise((resolve) =>
            setImmediate(() => {
              tally.acknowledged++;
              resolve(OK);
            }),
          ),
        close: () => {},
      }),
      close: () => {},
    };
  },
});

const plan = (iterations: number, options: object = {}) => ({
  name: 'test',
  drivers: { turn: { options: { ...options } } },
  scenarios: {
    s: { executor: 'shared-iterations' as const, vus: 2, iterations, operations: [{ driver: 'turn' }] },
  },
});

type Told = Extract<MessageInitShape<typeof SessionResponseSchema>['message'], { case: string }>;

const START = { runId: 'r1', atAgentUs: 0 };
function countOf(windows: readonly RequestOf<'window'>[]): number {
  return windows
    .flatMap(({ window }) => decodeWindow(window, { operations: 1, scenarios: 1 }).operations)
    .flatMap(({ responseTime }) => responseTime.counts)
    .reduce((sum, count) => sum + count, 0);
}

t.test('from joining to the end of a run: the windows add up to the closing totals', async (t) => {
  const { control, leave, agent } = await joinedAgent(t, driver);
  t.match(await control.next('join'), { name: 'a1', protocolVersion: PROTOCOL_VERSION, labels: {}, drivers: ['turn'] });
  control.send({ case: 'clockProbe', value: { controlUs: 42 } });
  const clock = await control.next('clockReply');
  t.equal(clock.controlUs, 42);
  control.assign('r1', plan(500));
  t.same((await control.next('prepared')).problems, []);
  control.send({ case: 'start', value: { ...START, atAgentUs: clock.receivedUs } });
  const done = await control.next('done');
  t.match(done, {
    runId: 'r1',
    stopped: false,
    acknowledged: 500,
    unknown: 0,
    totals: [{ operation: 0, count: 500, errors: 0 }],
  });
  const windows = control.of('window');
  t.same(
    windows.map(({ seq }) => seq),
    windows.map((_, i) => i + 1),
  );
  t.equal(done.lastSeq, windows.length);
  t.equal(countOf(windows), 500);
  t.equal(
    windows
      .flatMap(({ window }) => decodeWindow(window, { operations: 1, scenarios: 1 }).writes)
      .reduce((sum, write) => sum + write.acknowledged, 0),
    500,
  );
  control.send({ case: 'runEnded', value: { runId: 'r1' } });
  leave.abort();
  t.same(await agent, { kind: 'told-to-end', handedOver: true });
});

t.test(
  'after a cut connection the agent comes back as the same epoch and sends again what was not acknowledged',
  async (t) => {
    const { control, log } = await joinedAgent(t, driver);
    control.assign('r1', plan(300));
    await control.next('prepared');
    control.send({ case: 'start', value: START });
    const done = await control.next('done');
    const before = control.of('window');
    control.hangUp();
    const again = await control.next('join', 2);
    t.equal(again.epoch, control.of('join')[0]?.epoch);
    control.send({ case: 'welcome', value: { controlVersion: 'test' } });
    t.same(await control.next('done', 2), done);
    const resent = control.of('window').slice(before.length);
    t.same(resent, before, 'the same windows under the same numbers');
    control.send({ case: 'windowAck', value: { runId: 'r1', seq: done.lastSeq } });
    control.hangUp();
    await control.next('join', 3);
    control.send({ case: 'welcome', value: { controlVersion: 'test' } });
    await control.next('done', 3);
    t.equal(control.of('window').length, 2 * before.length, 'what is acknowledged is not sent again');
    t.match(log.join('\n'), /trying again in .* s\n.*reached control at .* again/);
  },
);

t.test('what keeps a run from being prepared is told in sentences', async (t) => {
  const { control } = await joinedAgent(t, driver);
  control.assign('r1', plan(1, { broken: true }));
  t.same((await control.next('prepared')).problems, ['the target is away: start it']);
  control.send({
    case: 'assignment',
    value: { runId: 'r2', plan: { json: '{"name":7}' }, share: { of: 1, slots: [0] } },
  });
  const { problems } = await control.next('prepared', 2);
  t.match(problems.join('\n'), /^name: must be text, not 7\nscenarios: is missing: it must be a map$/);
});

t.test('an agent that is told to end says so, drains and sends the rest', async (t) => {
  const { control, leave, agent } = await joinedAgent(t, driver);
  control.assign('r1', plan(1_000_000_000));
  await control.next('prepared');
  control.send({ case: 'start', value: START });
  await control.next('window');
  leave.abort();
  t.match((await control.next('leaving')).reason, /a1/);
  const done = await control.next('done');
  t.equal(countOf(control.of('window')), done.totals[0]?.count);
  t.notOk(done.stopped, 'control did not tell it to');
  control.send({ case: 'runEnded', value: { runId: 'r1' } });
  t.same(await agent, { kind: 'told-to-end', handedOver: true });
});

t.test('an agent that is told to end and that control does not release says whether all is handed over', async (t) => {
  for (const handedOver of [true, false]) {
    const clock = new FakeClock();
    const messages = new MessageQueue<SessionResponse>();
    const told = (message: Told) => messages.push(create(SessionResponseSchema, { message }));
    const windows: number[] = [];
    const send = ({ message }: MessageInitShape<typeof SessionRequestSchema>) => {
      if (message?.case === 'window') windows.push(message.value.seq ?? 0);
      return true;
    };
    const leave = new AbortController();
    const agent = runAgent({
      control: 'nowhere',
      name: 'a1',
      labels: {},
      drivers: [],
      loadDriver: async () => driver,
      load: {
        watchHost: () => ({ take: () => IDLE_HOST, restart: () => {}, stop: () => {} }),
        createGenerator: (options: EngineOptions) => new SimulatedEngine(options),
      },
      log: () => {},
      clock,
      connect: () => ({
        session: () => ({ messages, send, end: () => {}, cancel: () => {} }),
        getContent: noContent,
        close: () => {},
      }),
      signal: leave.signal,
    });
    told({ case: 'welcome', value: {} });
    const json = JSON.stringify(plan(500));
    told({
      case: 'assignment',
      value: { runId: 'r1', plan: { json, baseDirectory: '' }, share: { of: 1, slots: [0] } },
    });
    await clock.advance(1000);
    told({ case: 'start', value: { runId: 'r1', atAgentUs: clock.nowUs() } });
    await clock.advance(2_500_000);
    t.strictSame(windows, [1, 2]);
    told({ case: 'windowAck', value: { runId: 'r1', seq: handedOver ? 2 : 1 } });
    leave.abort();
    await clock.advance(20_000_000);
    t.strictSame(await agent, { kind: 'told-to-end', handedOver });
  }
});

t.test('an assignment that is stopped before its start is done with nothing', async (t) => {
  const { control } = await joinedAgent(t, driver);
  control.assign('r1', plan(10));
  await control.next('prepared');
  control.send({ case: 'stop', value: { runId: 'r1', abort: false } });
  t.match(await control.next('done'), { lastSeq: 0, totals: [], stopped: true });
});

t.test('an agent that is refused ends and says why', async (t) => {
  const { control, agent } = await joinedAgent(t, driver);
  control.send({ case: 'refused', value: { reason: 'another agent is called a1' } });
  t.same(await agent, { kind: 'refused', reason: 'another agent is called a1' });
});

t.test(
  'an agent whose certificate or message control does not take ends: sending it again would change nothing',
  async (t) => {
    for (const code of ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED'] as const) {
      const session = () => {
        const messages = new MessageQueue<never>();
        messages.fail(new RpcError(code, 'a message of 40 MB, where at most 16 MB are taken'));
        return { messages, send: () => true, end: () => {}, cancel: () => {} };
      };
      const exit = await runAgent({
        control: 'nowhere',
        name: 'a1',
        labels: {},
        drivers: [],
        loadDriver: async () => driver,
        log: () => {},
        connect: () => ({ session, getContent: noContent, close: () => {} }),
        signal: new AbortController().signal,
      });
      t.same(exit, { kind: 'refused', reason: 'a message of 40 MB, where at most 16 MB are taken' }, code);
    }
  },
);

t.test('an agent that cannot reach control tries again, and says so', async (t) => {
  const finder = new ScriptedControl();
  const port = await finder.listen();
  finder.close();
  const tried = Promise.withResolvers<string>();
  const leave = new AbortController();
  const agent = runAgent({
    control: `127.0.0.1:${port}`,
    name: 'a1',
    labels: {},
    drivers: [],
    loadDriver: async () => driver,
    log: tried.resolve,
    signal: leave.signal,
  });
  t.match(await tried.promise, /control at 127\.0\.0\.1:\d+ cannot be reached \(.*\); trying again in \d\.\d s/);
  const control = new ScriptedControl();
  await control.listen(port);
  t.match(await control.next('join'), { name: 'a1' });
  control.close();
  leave.abort();
  t.same(await agent, { kind: 'told-to-end', handedOver: true });
});

t.test('an agent that knows what keeps it from control says what to do', async (t) => {
  const leave = new AbortController();
  const said = Promise.withResolvers<string>();
  const messages = new MessageQueue<never>();
  messages.fail(new RpcError('UNAVAILABLE', 'it does not speak TLS', { hint: 'leave the credentials away' }));
  const session = () => ({ messages, send: () => true, end: () => {}, cancel: () => {} });
  const agent = runAgent({
    control: 'h:7',
    name: 'a1',
    labels: {},
    drivers: [],
    loadDriver: async () => driver,
    log: said.resolve,
    connect: () => ({ session, getContent: noContent, close: () => {} }),
    signal: leave.signal,
  });
  t.match(
    await said.promise,
    /^control at h:7 cannot be reached \(it does not speak TLS\): leave the credentials away; trying again in /,
  );
  leave.abort();
  await agent;
});
