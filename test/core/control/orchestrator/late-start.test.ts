/** Agents that hear of the start when it is over: they begin where the load is by then. */
import t from 'tap';
import { matchEach } from '../../../kit/match-each.ts';
import { memoryTransport } from '../scene/scripted-agent.ts';
import { fakePlan, longPlan, stage } from '../scene/stage.ts';

t.test('the seconds before an agent began are missing', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(20) });
  b.cut();
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [a]);
  void b.join(memoryTransport(scene.control));
  await scene.clock.until(b.next('welcome'));
  await scene.clock.until(b.next('start'));
  await scene.second(runId, 2, [a]);
  for (let at = 3; at < 20; at++) {
    // Out of order, as windows may come that have waited.
    b.window(at - 2, at, [{ responseUs: [1000] }]);
    if (at === 4) for (const seq of [2, 1]) b.sendWindow(runId, seq);
    if (at > 4) b.sendWindow(runId, at - 2);
    await scene.second(runId, at, [a]);
  }
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const { ending, agents, validity } = await scene.result(runId);
  t.same(ending, { kind: 'completed' });
  matchEach(t, agents, [
    { closingTotals: 'agree', missing: [] },
    { closingTotals: 'agree', missing: [{ fromSecond: 0, toSecond: 3, share: 0.5 }] },
  ]);
  t.equal(agents[0]?.missing.length, 0);
  t.match(
    validity.find(({ name }) => name === 'agents-complete'),
    { ok: false, finding: /1 of 2 \(b\).*is missing: 7\.5% \(limit 1%\)/ },
  );
});

t.test('also when all began late, and some left early', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(10), forUs: 5e6 });
  for (let at = 4; at < 6; at++) await scene.second(runId, at, [a, b], 4);
  b.freeze();
  for (let at = 6; at < 10; at++) await scene.second(runId, at, [a], 4);
  a.sendDone(runId);
  await scene.ended(runId);
  const { agents } = await scene.result(runId);
  t.same(agents[0]?.missing, [{ fromSecond: 0, toSecond: 4, share: 0.5 }]);
  matchEach(t, agents[1]?.missing, [
    { fromSecond: 0, toSecond: 4, share: 0.5 },
    { fromSecond: 6, share: 0.5 },
  ]);
});

t.test('an agent that began when all was over did nothing of it', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(5) });
  for (let at = 0; at < 5; at++) await scene.second(runId, at, [a]);
  b.window(1, 5, []);
  b.sendWindow(runId, 1);
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  t.same((await scene.result(runId)).agents[1]?.missing, [{ fromSecond: 0, toSecond: 5, share: 0.5 }]);
});

t.test('iterations are done all the same by one that began late', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const operations = fakePlan.scenarios.devices?.operations ?? [];
  const devices = { executor: 'shared-iterations', vus: 2, iterations: 9, maxDuration: '20s', operations } as const;
  const runId = await scene.running([agent], { plan: { ...fakePlan, scenarios: { devices } }, forUs: 3e6 });
  for (let at = 3; at < 6; at++) await scene.second(runId, at, [agent], 3);
  agent.sendDone(runId);
  await scene.ended(runId);
  t.same((await scene.result(runId)).agents[0]?.missing, []);
});
