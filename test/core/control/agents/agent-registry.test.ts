import { create } from '@bufbuild/protobuf';
import t from 'tap';
import type { AgentConnection } from '../../../../core/control/agents/agent-connection.ts';
import type { AgentListener } from '../../../../core/control/agents/agent-listener.ts';
import { AgentRegistry } from '../../../../core/control/agents/agent-registry.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { PROTOCOL_VERSION } from '../../../../core/version.ts';
import { JoinSchema } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { histogramOf, memoryTransport, ScriptedAgent } from '../scene/scripted-agent.ts';
import { fakePlan, type Stage, stage } from '../scene/stage.ts';

const names = async (scene: Stage) => (await scene.agents()).map(({ name }) => name);

t.test('a second agent of the same name is refused while the first is there, and only then', async (t) => {
  const scene = await stage(t);
  const first = await scene.agent({ name: 'a', epoch: '1' });
  const second = new ScriptedAgent(scene.clock, { name: 'a', epoch: '2' });
  const closed = second.join(memoryTransport(scene.control));
  t.equal(
    (await scene.clock.until(second.next('refused'))).reason,
    'an agent named "a" has joined already, from host-1: give this one another name with --name',
  );
  await scene.clock.until(closed);
  t.same(await names(scene), ['a'], 'the first one stays');
  first.cut();
  await scene.clock.advance(10_000);
  t.same(await names(scene), []);
  await scene.agent({ name: 'a', epoch: '3' });
  t.same(await names(scene), ['a']);
});

t.test('an agent of another protocol, without a name, or that says something else first is refused', async (t) => {
  const scene = await stage(t);
  const cases: [RegExp, { name?: string; epoch?: string; protocolVersion?: number }][] = [
    [/speaks protocol 7, control \(version .*\) speaks \d+: install the same version/, { protocolVersion: 7 }],
    [/name of an agent must have 1 to 80 characters/, { name: '' }],
    [/name of an agent must have 1 to 80 characters/, { name: 'x'.repeat(81) }],
    [/all of them printable/, { name: 'a\nb' }],
    [/all of them printable/, { name: 'a\u009bb' }],
    [/all of them printable/, { name: 'a\u202eb' }],
    [/1 to 80 characters/, { name: 'x'.repeat(81) }],
    [/epoch of an agent must have/, { epoch: '' }],
  ];
  for (const [sentence, change] of cases) {
    const agent = new ScriptedAgent(scene.clock);
    const closed = agent.join(memoryTransport(scene.control), change);
    t.match((await scene.clock.until(agent.next('refused'))).reason, sentence);
    await scene.clock.until(closed);
  }
  const rude = memoryTransport(scene.control);
  rude.send({ message: { case: 'heartbeat', value: {} } });
  const answers: (string | undefined)[] = [];
  for await (const { message } of rude.messages) answers.push(message.case);
  t.same(answers, ['refused']);
  t.same(await names(scene), []);
});

t.test('a stream on which nobody joins is closed', async (t) => {
  const scene = await stage(t);
  const silent = memoryTransport(scene.control);
  const heard = (async () => {
    const cases: (string | undefined)[] = [];
    for await (const { message } of silent.messages) cases.push(message.case);
    return cases;
  })();
  const before = scene.clock.nowUs();
  t.same(await scene.clock.until(heard), ['refused']);
  t.ok(scene.clock.nowUs() - before <= 5.1e6);
});

t.test('an idle agent that is silent for 3 s is forgotten; one that beats stays', async (t) => {
  const scene = await stage(t);
  const frozen = await scene.agent({ name: 'frozen' });
  await scene.agent({ name: 'beating' });
  frozen.freeze();
  await scene.clock.advance(2.5e6);
  t.same(await names(scene), ['beating', 'frozen']);
  await scene.clock.advance(1e6);
  t.same(await names(scene), ['beating']);
});

t.test('an agent is said to have been silent for as long as it may be: for longer while it prepares', async (t) => {
  const clock = new FakeClock();
  const registry = new AgentRegistry({ clock, log: () => {} });
  t.teardown(() => registry.close());
  const silent: Record<string, number[]> = { preparing: [], loading: [] };
  for (const [name, told] of Object.entries(silent)) {
    const stream = { peer: '', certificate: '', send() {}, close() {} };
    const join = create(JoinSchema, { name, epoch: '1', protocolVersion: PROTOCOL_VERSION });
    const connection = registry.join(join, stream) as AgentConnection;
    const lost = (us: number) => void told.push(us);
    connection.attach({ isPreparing: name === 'preparing', lost, gone() {} } as unknown as AgentListener);
  }
  await clock.advance(70e6);
  t.strictSame(silent, { preparing: [60e6], loading: [3e6] });
});

t.test(
  'reconnected with windows that were not acknowledged, doubled and out of order: every sample counts once',
  async (t) => {
    const scene = await stage(t);
    const agent = await scene.agent({ clockOffsetUs: 77 });
    const plan = {
      ...fakePlan,
      scenarios: { devices: { ...fakePlan.scenarios.devices, duration: '8s' } },
    } as PlanInput;
    const runId = await scene.running([agent], { plan: plan, forUs: 1.5e6 });
    const all: number[] = [];
    for (let second = 0; second < 8; second++) {
      const responseUs = [1000 * (second + 1), 30_000, 77];
      all.push(...responseUs);
      agent.window(second + 1, second, [{ responseUs }], 1, ['device-1']);
    }
    agent.sendWindow(runId, 1);
    agent.sendWindow(runId, 1);
    await scene.clock.advance(0.1e6);
    t.equal((await scene.clock.until(agent.next('windowAck'))).seq, 1);
    // Sent, and the stream is cut before anything can be acknowledged.
    agent.sendWindow(runId, 2);
    agent.sendWindow(runId, 3);
    agent.cut();
    await scene.clock.advance(2e6);
    const closed = agent.join(memoryTransport(scene.control));
    await scene.clock.until(agent.next('welcome'));
    t.ok((await scene.clock.until(agent.next('windowAck'))).seq >= 1, 'it is told what need not be sent again');
    for (const seq of [4, 2, 3, 5, 2, 4, 1]) agent.sendWindow(runId, seq);
    await scene.clock.advance(0.1e6);
    agent.sendWindow(runId, 8);
    agent.sendDone(runId);
    await scene.clock.advance(1e6);
    t.not((await scene.summary(runId))?.state, RunState.FINISHED, 'windows 6 and 7 are still to come');
    agent.cut();
    await closed;
    void agent.join(memoryTransport(scene.control));
    await scene.clock.until(agent.next('welcome'));
    for (const seq of [6, 7, 8]) agent.sendWindow(runId, seq);
    agent.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.strictSame(result.operations[0]?.phases.measure.responseTime, histogramOf(all));
    t.same(result.timeline.all.requests, Array(8).fill(3));
    matchEach(t, result.agents, [{ closingTotals: 'agree', requests: 24, clockOffsetUs: 77 }]);
    t.match(
      result.validity.find(({ name }) => name === 'closing-totals'),
      { ok: true },
    );
    t.notOk(result.events.some(({ text }) => /lost|agree/.test(text)));
  },
);

t.test(
  'a new process under the name of a lost agent is a new agent: it has no part in the run and doubles nothing',
  async (t) => {
    const scene = await stage(t);
    const old = await scene.agent({ name: 'a', epoch: '1' });
    const other = await scene.agent({ name: 'b' });
    const runId = await scene.running([old, other], { forUs: 1.5e6 });
    for (const one of [old, other]) {
      one.window(1, 0, [{ responseUs: [5000] }]);
      one.sendWindow(runId, 1);
    }
    await scene.clock.advance(0.1e6);
    old.cut();
    await scene.clock.advance(0.1e6);
    const reborn = await scene.agent({ name: 'a', epoch: '2' });
    reborn.window(1, 0, [{ responseUs: [5000] }]);
    reborn.sendWindow(runId, 1);
    t.equal((await scene.clock.until(reborn.next('runEnded'))).runId, runId, 'it is told that the run is not its');
    t.ok(scene.log.some((line) => /agent a sends messages of run .* not under way for it/.test(line)));
    other.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.same(
      result.agents.map(({ name, requests, closingTotals }) => [name, requests, closingTotals]),
      [
        ['a', 1, 'missing'],
        ['b', 1, 'agree'],
      ],
    );
    const again = await scene.start(fakePlan, 2);
    t.equal((await scene.clock.until(reborn.next('assignment'))).runId, again, 'it takes part in the next run');
  },
);

t.test('an agent that sends what cannot be is refused with a sentence, and control goes on', async (t) => {
  const garbage: [RegExp, (agent: ScriptedAgent, runId: string) => void][] = [
    [/^operations\.operation is 9, but the plan has 2$/, (agent, runId) => send(agent, runId, 1, { operation: 9 })],
    [/^scenarios\.scenario is 5, but the plan has 1$/, (agent, runId) => send(agent, runId, 1, { scenario: 5 })],
    [
      /a window of second 4000000000, but the run is in second 1/,
      (agent, runId) => send(agent, runId, 1, { second: 4_000_000_000 }),
    ],
    [/window 0 when window 1 was due/, (agent, runId) => send(agent, runId, 0, {})],
    [/window 20000 when window 1 was due/, (agent, runId) => send(agent, runId, 20_000, {})],
    [
      /a window of epoch other, but this process is epoch of bad/,
      (agent, runId) => send(agent, runId, 1, { epoch: 'other' }),
    ],
    [
      /window 1 is empty/,
      (agent, runId) => agent.send({ case: 'window', value: { runId, epoch: agent.epoch, seq: 1 } }),
    ],
    [
      /totals\.phase is 0, which is no phase/,
      (agent, runId) => agent.send({ case: 'done', value: { runId, totals: [{ operation: 0 }] } }),
    ],
    [
      /window 2 after Done, which said that 1 is the last/,
      (agent, runId) => {
        agent.window(1, 0, [{ responseUs: [1000] }]);
        agent.sendDone(runId);
        send(agent, runId, 2, {});
      },
    ],
    [/it has joined already on this stream/, (agent) => agent.send({ case: 'join', value: { name: 'bad' } })],
  ];
  for (const [sentence, misbehave] of garbage) {
    const scene = await stage(t);
    const bad = await scene.agent({ name: 'bad' });
    const good = await scene.agent({ name: 'good' });
    const runId = await scene.running([bad, good], { forUs: 1.5e6 });
    misbehave(bad, runId);
    t.match((await scene.clock.until(bad.next('refused'))).reason, sentence);
    good.window(1, 0, [{ responseUs: [1000] }]);
    good.sendWindow(runId, 1);
    good.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.same(result.agents.map(({ closingTotals }) => closingTotals).at(-1), 'agree');
    t.equal(result.operations[0]?.phases.measure.requests, 1, 'only the good window counts');
    t.ok(result.events.some(({ text }) => text.startsWith('agent bad is gone: it was refused')));
    t.equal(result.verdict.kind, 'invalid');
  }
});

function send(
  agent: ScriptedAgent,
  runId: string,
  seq: number,
  change: { operation?: number; scenario?: number; second?: number; epoch?: string },
): void {
  const window = agent.window(seq, change.second ?? 0, [{ operation: change.operation ?? 0, responseUs: [1000] }]);
  const scenarios = [{ scenario: change.scenario ?? 0, vus: 1, droppedArrivals: 0, missedArrivals: 0 }];
  agent.sendWindow(runId, seq, { window: { ...window, scenarios }, epoch: change.epoch ?? agent.epoch });
}

t.test('what an agent makes up is repeated shortened', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent({ name: 'a' });
  agent.send({ case: 'done', value: { runId: 'x'.repeat(1e6) } });
  t.equal((await scene.clock.until(agent.next('runEnded'))).runId, 'x'.repeat(40));
  t.ok(scene.log.every((line) => line.length < 200));
  const stranger = new ScriptedAgent(scene.clock, { name: 'b' });
  const joining = { protocolVersion: 1, version: `1.0\n${'9'.repeat(1e6)}` };
  void stranger.join(memoryTransport(scene.control), joining);
  const { reason } = await scene.clock.until(stranger.next('refused'));
  t.match(reason, /^the agent \(version 1\.0 9{35}…\) speaks protocol 1,/);
});

t.test('a run cannot ask for labels that no agent can have', async (t) => {
  const scene = await stage(t);
  for (const agentLabels of [{ 'a\nb': 'c' }, { region: 'x'.repeat(81) }, { region: '' }]) {
    await t.rejects(scene.start(undefined, 1, 1e6, { agentLabels }), {
      code: 'INVALID_ARGUMENT',
      message: 'a run can ask for at most 20 labels, of 1 to 80 letters, digits and . _ - each: name=value',
    });
  }
});
