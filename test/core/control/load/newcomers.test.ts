/** Agents that come while a run goes on. */
import t from 'tap';
import { AgentConnection } from '../../../../core/control/agents/agent-connection.ts';
import { AgentRegistry } from '../../../../core/control/agents/agent-registry.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { OnAgentLoss } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { memoryTransport, ScriptedAgent } from '../scene/scripted-agent.ts';
import { fakePlan, longPlan, stage } from '../scene/stage.ts';

t.test('with elastic, an agent that comes while the run goes on takes its share, and a new process too', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const runId = await scene.running([a], { plan: longPlan(12), policy: { elastic: true, lossTolerance: 0.5 } });
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [a]);
  const b = await scene.agent({ name: 'b' });
  t.match(await scene.clock.until(b.prepare()), { share: { slots: [] } });
  await scene.clock.until(b.next('start'));
  const first = (await scene.clock.until(b.next('loadChange'))).change;
  t.equal(first.case === 'share' && first.value.slots.length / first.value.of, 0.5);
  for (let at = 2; at < 6; at++) await scene.second(runId, at, [a]);
  b.window(1, 5, [{ responseUs: [1000] }]);
  b.sendWindow(runId, 1);
  await scene.clock.advance(10_000);
  b.cut();
  // Its host starts the agent again, under its name.
  const again = new ScriptedAgent(scene.clock, { name: 'b', epoch: 'another process' });
  await scene.clock.advance(4e6);
  void again.join(memoryTransport(scene.control));
  await scene.clock.until(again.prepare());
  const third = (await scene.clock.until(again.next('loadChange'))).change;
  t.equal(third.case === 'share' && third.value.slots.length / third.value.of, 0.5);
  for (let at = 6; at < 12; at++) await scene.second(runId, at, [a]);
  again.window(1, 11, [{ responseUs: [1000] }]);
  again.sendWindow(runId, 1);
  for (const agent of [a, again]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(
    result.agents.map(({ name, requests, closingTotals }) => [name, requests, closingTotals]),
    [
      ['a', 12, 'agree'],
      ['b', 1, 'missing'],
      ['b', 1, 'agree'],
    ],
  );
  t.ok(result.agents.slice(1).every(({ joinedUs }) => joinedUs > 2e6));
});

t.test('an agent that never says that it is ready keeps no other from the load', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const runId = await scene.running([a], { plan: longPlan(6), policy: { elastic: true } });
  const silent = await scene.agent({ name: 'silent' });
  await scene.clock.until(silent.next('assignment'));
  const b = await scene.agent({ name: 'b' });
  await scene.clock.until(b.prepare());
  await scene.clock.until(b.next('start'));
  for (let at = 0; at < 6; at++) await scene.second(runId, at, [a]);
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  t.same(
    (await scene.result(runId)).agents.map(({ name }) => name),
    ['a', 'b'],
  );
});

t.test('an agent that ends and starts again without end does so twenty times in one run', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const runId = await scene.running([a], { plan: longPlan(30), policy: { elastic: true, lossTolerance: 1 } });
  const flap = async (i: number) => {
    const b = new ScriptedAgent(scene.clock, { name: 'b', epoch: `process ${i}` });
    void b.join(memoryTransport(scene.control));
    await scene.clock.until(b.next('welcome'));
    await scene.clock.advance(10_000);
    b.cut();
    await scene.clock.advance(10_000);
    return b;
  };
  const processes: ScriptedAgent[] = [];
  for (let i = 0; i < 30; i++) processes.push(await flap(i));
  const assigned = processes.filter(({ received }) => received.some((message) => message.case === 'assignment'));
  t.equal(assigned.length, 20);
  for (let at = 0; at < 30; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const { events } = await scene.result(runId);
  const sentence = 'agent b has joined 20 times, and takes no more part in this run';
  t.equal(events.filter(({ text }) => text === sentence).length, 1);
});

t.test('where the virtual users are not enough for one agent more, whoever comes takes no part', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const arrivals = {
    executor: 'constant-arrival-rate',
    rate: 10,
    maxVus: 1,
    duration: '6s',
    gracefulStop: '1s',
  } as const;
  const operations = fakePlan.scenarios.devices?.operations ?? [];
  const plan: PlanInput = { ...fakePlan, scenarios: { devices: { ...arrivals, operations } } };
  const runId = await scene.running([a], { plan, policy: { elastic: true } });
  const b = await scene.agent({ name: 'b' });
  await scene.clock.until(b.prepare());
  for (let at = 0; at < 6; at++) await scene.second(runId, at, [a]);
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const { events } = await scene.result(runId);
  t.same(
    events.map(({ text }) => text).filter((text) => /part in the load|of the load/.test(text)),
    ['agent b takes no part in the load: maxVus is too small for one more agent'],
  );
});

t.test('an agent that is told to end while it prepares to take part does not', async (t) => {
  for (const onAgentLoss of [OnAgentLoss.REBALANCE, OnAgentLoss.CONTINUE, OnAgentLoss.ABORT]) {
    const scene = await stage(t);
    const a = await scene.agent({ name: 'a' });
    const runId = await scene.running([a], { plan: longPlan(4), policy: { elastic: true, onAgentLoss } });
    const b = await scene.agent({ name: 'b' });
    const assignment = await scene.clock.until(b.next('assignment'));
    b.send({ case: 'leaving', value: { runId, reason: 'agent b was told to end' } });
    b.sendDone(runId);
    b.sendPrepared(assignment);
    for (let at = 0; at < 4; at++) await scene.second(runId, at, [a]);
    a.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.same(result.ending, { kind: 'completed' });
    matchEach(t, result.agents, [{ name: 'a' }]);
    t.equal(result.agents.length, 1);
  }
});

t.test('one that is lost, or gives up, while it prepares to take part is no loss to the run', async (t) => {
  for (const goes of [
    (b: ScriptedAgent) => b.cut(),
    (b: ScriptedAgent, runId: string) =>
      b.send({ case: 'leaving', value: { runId, reason: 'no longer', byItself: true } }),
  ]) {
    const scene = await stage(t);
    const a = await scene.agent({ name: 'a' });
    const policy = { elastic: true, onAgentLoss: OnAgentLoss.ABORT };
    const runId = await scene.running([a], { plan: longPlan(6), policy });
    const b = await scene.agent({ name: 'b' });
    await scene.clock.until(b.next('assignment'));
    goes(b, runId);
    for (let at = 0; at < 6; at++) await scene.second(runId, at, [a]);
    a.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.same(result.ending, { kind: 'completed' });
    t.equal(result.agents.length, 1);
  }
});

t.test('one that has taken part is', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const policy = { elastic: true, onAgentLoss: OnAgentLoss.ABORT };
  const runId = await scene.running([a], { plan: longPlan(20), policy });
  const b = await scene.agent({ name: 'b' });
  await scene.clock.until(b.prepare());
  await scene.clock.until(b.next('loadChange'));
  b.cut();
  await scene.clock.until(a.next('stop'));
  a.sendDone(runId);
  await scene.ended(runId);
  t.match((await scene.result(runId)).ending, { kind: 'stopped', by: 'failure', reason: 'agent b was lost' });
});

t.test('an agent that comes too late to take part is free for the next run', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const runId = await scene.running([a], { plan: longPlan(3), policy: { elastic: true } });
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [a]);
  const b = await scene.agent({ name: 'b' });
  await scene.clock.until(b.next('assignment'));
  await scene.second(runId, 2, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  t.same(
    (await scene.result(runId)).agents.map(({ name }) => name),
    ['a'],
  );
  await scene.clock.until(b.next('runEnded'));
  matchEach(t, await scene.agents(), [{ runId: '' }, { runId: '' }]);
});

t.test('without elastic it waits for the next run', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const runId = await scene.running([a], { plan: longPlan(3) });
  const b = await scene.agent({ name: 'b' });
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  t.ok(b.received.every((message) => message.case === 'welcome'));
});

t.test('agents under ever new names join a running load ten thousand times at the most', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const runId = await scene.running([a], { plan: longPlan(3), policy: { elastic: true, lossTolerance: 1 } });
  const environment = { host: 'h', os: 'o', runtime: 'r', cpuModel: 'c', cpus: 1, memoryBytes: 1 };
  const context = { clock: scene.clock, log: () => {} };
  const madeUp = Array.from({ length: 10_001 }, (_, i) => {
    return new AgentConnection({ name: `made-up-${i}`, epoch: 'e', environment, certificate: '', labels: {} }, context);
  });
  const { idle } = AgentRegistry.prototype;
  t.teardown(() => {
    AgentRegistry.prototype.idle = idle;
  });
  AgentRegistry.prototype.idle = () => madeUp;
  // Somebody comes, and control looks who is there.
  await scene.agent({ name: 'b' });
  t.equal(madeUp.filter(({ listener }) => listener !== undefined).length, 10_000);
  t.equal(madeUp.at(-1)?.listener, undefined);
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const { agents, events } = await scene.result(runId);
  t.same(
    events.map(({ text }) => text).filter((text) => text.includes('after the start')),
    ['10000 agents have joined after the start: no more take part in this run'],
  );
  t.same(
    agents.map(({ name }) => name),
    ['a'],
  );
});
