/** Agents whose load ends before its time: told to end, or by themselves. */

import { join } from 'node:path';
import t from 'tap';
import type { RunResult } from '../../../../core/stats/result.ts';
import { OnAgentLoss } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { memoryTransport } from '../scene/scripted-agent.ts';
import { longPlan, stage } from '../scene/stage.ts';

const LIMIT = 'control has acknowledged nothing for 600 s';
const byItself = (runId: string, atUs: number) =>
  ({ case: 'leaving', value: { runId, reason: LIMIT, atUs, byItself: true } }) as const;
const toldToEnd = (runId: string, atUs: number) =>
  ({ case: 'leaving', value: { runId, reason: 'agent b was told to end', atUs } }) as const;

const texts = ({ events }: RunResult) => events.map(({ text }) => text);
const complete = ({ validity }: RunResult) => validity.find(({ name }) => name === 'agents-complete');

t.test('an agent that left while its stream was cut says so when it is back, and is dealt nothing', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(20) });
  for (let at = 0; at < 4; at++) await scene.second(runId, at, [a, b]);
  b.cut();
  // It is told to end at 5.5 s; its last windows wait.
  for (const at of [4, 5]) b.window(at + 1, at, [{ responseUs: [1000] }]);
  for (let at = 4; at < 12; at++) await scene.second(runId, at, [a]);
  void b.join(memoryTransport(scene.control));
  await scene.clock.until(b.next('welcome'));
  b.send(toldToEnd(runId, 5.5e6));
  for (const seq of [5, 6]) b.sendWindow(runId, seq);
  b.sendDone(runId);
  for (let at = 12; at < 20; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.equal(result.ending.kind, 'completed');
  t.same(
    result.agents.map(({ closingTotals }) => closingTotals),
    ['agree', 'agree'],
  );
  matchEach(t, result.agents[1]?.missing, [{ fromSecond: 5.5, share: 0.5 }], 'until the other had its share');
  t.equal(result.agents[1]?.missing.length, 1);
  t.ok((result.agents[1]?.missing[0]?.toSecond ?? 0) < 10);
  t.match(complete(result), { ok: false, finding: /1 of 2 \(b\)/ });
  t.equal(result.verdict.kind, 'invalid');
  t.notMatch(texts(result).join('\n'), /b takes/);
  t.ok(texts(result).includes('agent b was told to end'));
});

t.test('one that is back after the plan has ended does not stop the run', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(3), policy: { onAgentLoss: OnAgentLoss.CONTINUE } });
  await scene.second(runId, 0, [a, b]);
  b.cut();
  await scene.second(runId, 1, [a]);
  await scene.second(runId, 2, [a]);
  void b.join(memoryTransport(scene.control));
  await scene.clock.until(b.next('welcome'));
  b.send(toldToEnd(runId, 1.5e6));
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.ending, { kind: 'completed' });
  t.same(result.agents[1]?.missing, [{ fromSecond: 1.5, toSecond: 3, share: 0.5 }]);
  t.equal(result.verdict.kind, 'invalid');
});

t.test(
  'an agent that ended its load by itself: its share goes to the other, and what is missing is named',
  async (t) => {
    for (const [lossTolerance, verdict] of [
      [0.01, false],
      [0.1, true],
    ] as const) {
      const scene = await stage(t);
      const [a, b] = await scene.twoAgents();
      const runId = await scene.running([a, b], { plan: longPlan(10), policy: { lossTolerance } });
      await scene.second(runId, 0, [a, b]);
      b.send(byItself(runId, 1.5e6));
      b.sendDone(runId);
      for (let at = 1; at < 10; at++) await scene.second(runId, at, [a]);
      a.sendDone(runId);
      await scene.ended(runId);
      const result = await scene.result(runId);
      t.same(result.ending, { kind: 'completed' });
      t.match(result.agents[1], { closingTotals: 'agree', missing: [{ fromSecond: 1.5, share: 0.5 }] });
      t.matchOnly(texts(result), [
        `agent b has ended its load early: ${LIMIT}`,
        'agent b has left, and all that it did is counted',
        'the share of agent b, 50 % of the load, goes to another agent',
      ]);
      t.match(complete(result), { ok: verdict, finding: /1 of 2 \(b\)/ });
    }
  },
);

t.test('when every agent has ended its load by itself, the run has not completed', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(20) });
  for (let at = 0; at < 5; at++) await scene.second(runId, at, [a, b]);
  for (const agent of [a, b]) agent.send(byItself(runId, 5e6));
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.ending, { kind: 'stopped', by: 'failure', reason: 'every agent has ended its load early or was lost' });
  t.equal(result.measuredUs, 5e6, 'rates are of the time in which there was load');
  t.match(complete(result), { ok: false, finding: /2 of 2 \(a and b\).*is missing: 75% \(limit 1%\)/ });
  t.equal(result.verdict.kind, 'invalid');
});

t.test('--on-agent-loss holds for an agent that ended its load by itself', async (t) => {
  for (const [onAgentLoss, ending] of [
    [OnAgentLoss.CONTINUE, { kind: 'completed' }],
    [OnAgentLoss.ABORT, { kind: 'stopped', by: 'failure', reason: `agent b has ended its load early: ${LIMIT}` }],
  ] as const) {
    const scene = await stage(t);
    const [a, b] = await scene.twoAgents();
    const runId = await scene.running([a, b], { plan: longPlan(4), policy: { onAgentLoss } });
    await scene.second(runId, 0, [a, b]);
    b.send(byItself(runId, 1.5e6));
    b.sendDone(runId);
    for (let at = 1; at < 4; at++) await scene.second(runId, at, [a]);
    a.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.match(result.ending, ending);
    t.ok(a.received.every((message) => message.case !== 'loadChange'));
    matchEach(t, result.agents[1]?.missing, [{ fromSecond: 1.5, share: 0.5 }]);
  }
});

t.test('control that has taken the run up hears it too, at the right second', async (t) => {
  for (const leaving of [
    (runId: string) => toldToEnd(runId, 3e6),
    // Of an agent that does not say when: then it is when control hears it.
    () => ({ case: 'leaving', value: { reason: 'agent b was told to end' } }) as const,
  ]) {
    const store = join(t.testdir(), 'runs.sqlite');
    const first = await stage(t, { store });
    const before = await first.twoAgents();
    const runId = await first.running(before, { plan: longPlan(30) });
    for (let at = 0; at < 3; at++) await first.second(runId, at, before);
    for (const agent of before) agent.cut();
    const clock = sceneClock(first.clock.nowUs() + 2e6);
    const scene = await stage(t, { store, clock });
    await clock.advance(10_000);
    const [a, b] = [await scene.agent(before[0]), await scene.agent(before[1])];
    for (const agent of [a, b]) {
      for (let at = 0; at < 3; at++) agent.window(at + 1, at, [{ responseUs: [1000] }]);
    }
    b.send(leaving(runId));
    b.sendDone(runId);
    for (let at = 3; at < 30; at++) await scene.second(runId, at, [a]);
    a.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.same(result.ending, { kind: 'completed' });
    const [missing] = result.agents[1]?.missing ?? [];
    t.match(missing, { share: 0.5 });
    const saidUs = leaving(runId).value;
    const from = missing?.fromSecond ?? 0;
    t.ok('atUs' in saidUs ? from === 3 : from > 5 && from < 7, `${from}`);
    t.ok((missing?.toSecond ?? 30) < 8);
    t.notMatch(texts(result).join('\n'), /b takes/);
  }
});

t.test('one that had left before control was killed does not have to come back', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store });
  const [a, b] = await first.twoAgents();
  const runId = await first.running([a, b], { plan: longPlan(30), policy: { lossTolerance: 0.1 } });
  for (let at = 0; at < 2; at++) await first.second(runId, at, [a, b]);
  b.send(toldToEnd(runId, 2e6));
  b.sendDone(runId);
  await first.second(runId, 2, [a]);
  for (const agent of [a, b]) agent.cut();
  const clock = sceneClock(first.clock.nowUs() + 2e6);
  const scene = await stage(t, { store, clock });
  await clock.advance(10_000);
  const again = await scene.agent(a);
  for (let at = 0; at < 3; at++) again.window(at + 1, at, [{ responseUs: [1000] }]);
  for (let at = 3; at < 30; at++) await scene.second(runId, at, [again]);
  again.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.ending, { kind: 'completed' });
  t.match(result.agents[1], { requests: 2, closingTotals: 'agree', missing: [{ fromSecond: 2, share: 0.5 }] });
  t.ok((result.agents[1]?.missing[0]?.toSecond ?? 30) < 4);
  t.match(complete(result), { ok: true });
  t.notMatch(texts(result).join('\n'), /b was lost/);
  const { vus } = result.timeline;
  t.ok(
    vus.slice(2).every((count) => count <= (vus[2] ?? 0)),
    `its users are not counted after it has left: ${vus}`,
  );
});

t.test('agents whose work is counted need not come back to a control that was started again', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store });
  const [a, b] = await first.twoAgents();
  const runId = await first.running([a, b], { plan: longPlan(30) });
  for (let at = 0; at < 2; at++) await first.second(runId, at, [a, b]);
  // It is through with its iterations.
  b.sendDone(runId);
  await first.clock.advance(10_000);
  for (const agent of [a, b]) agent.cut();
  const clock = sceneClock(first.clock.nowUs() + 2e6);
  const scene = await stage(t, { store, clock });
  const again = await scene.agent(a);
  for (let at = 0; at < 2; at++) again.window(at + 1, at, [{ responseUs: [1000] }]);
  again.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  matchEach(t, result.agents, [{ closingTotals: 'agree' }, { closingTotals: 'agree' }]);
  t.same(result.ending, { kind: 'completed' });
  t.notMatch(texts(result).join('\n'), /lost/);
});

t.test('an agent that is told to end while a run is recovered hands its share over', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const opening = Promise.withResolvers<void>();
  const idle = { sample: async () => ({}), close: async () => {} };
  const plan = { ...longPlan(20), monitors: { host: {} } };
  const first = await stage(t, { store, monitors: { host: async () => idle } });
  const before = await first.twoAgents();
  const runId = await first.running(before, { plan });
  for (const agent of before) agent.cut();
  const clock = sceneClock(first.clock.nowUs() + 2e6);
  const scene = await stage(t, { store, clock, monitors: { host: () => opening.promise.then(() => idle) } });
  const [a, b] = [await scene.agent(before[0]), await scene.agent(before[1])];
  b.send(toldToEnd(runId, 1e6));
  b.sendDone(runId);
  await clock.advance(10_000);
  opening.resolve();
  for (let at = 0; at < 20; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.ending, { kind: 'completed' });
  t.ok(texts(result).some((text) => text.startsWith('the share of agent b, 50 % of the load, goes to')));
});

t.test('an agent that leaves a run which is over is told so, and is free', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  a.send(byItself('an old run', 5e6));
  t.match(await scene.clock.until(a.next('runEnded')), { runId: 'an old run' });
  matchEach(t, await scene.agents(), [{ name: 'a' }]);
});

t.test('an agent that leaves at no time is refused', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b]);
  b.send(byItself(runId, Number.NaN));
  t.match(await scene.clock.until(b.next('refused')), { reason: /leaving\.at_us is NaN/ });
  await scene.stop(runId, 'enough');
});

t.test('an agent that says it was told to stop, by nobody, stops no run', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(4), policy: { onAgentLoss: OnAgentLoss.CONTINUE } });
  await scene.second(runId, 0, [a, b]);
  b.sendDone(runId, { stopped: true });
  for (let at = 1; at < 4; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.equal(result.ending.kind, 'completed');
  t.match(texts(result).join('\n'), /agent \S+ is gone: it was refused: done\.stopped, and nobody has told it to stop/);
});
