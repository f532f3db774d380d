import t from 'tap';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { fakePlan, stage } from '../scene/stage.ts';

const plan = {
  ...fakePlan,
  warmup: '0s',
  scenarios: { devices: { ...fakePlan.scenarios.devices, duration: '20s' } },
} as PlanInput;

t.test('a load that ends early is measured until the last agent stopped, without what was in flight', async (t) => {
  const scene = await stage(t);
  const agents = await scene.twoAgents();
  const runId = await scene.running(agents, { plan });
  for (let at = 0; at < 6; at++) await scene.second(runId, at, agents);
  agents[0].sendDone(runId, { loadUs: 2_000_000 });
  agents[1].sendDone(runId, { loadUs: 3_010_000 });
  await scene.ended(runId);
  const { measuredUs, ending } = await scene.result(runId);
  t.equal(measuredUs, 3_010_000);
  t.equal(ending.kind, 'completed');
});

t.test('of an agent that does not say when it stopped, its Done tells', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent], { plan });
  for (let at = 0; at < 6; at++) await scene.second(runId, at, [agent]);
  agent.sendDone(runId);
  await scene.ended(runId);
  const { measuredUs } = await scene.result(runId);
  t.ok(measuredUs > 5e6 && measuredUs <= 6e6, `${measuredUs}`);
});

t.test('an agent that is told to end while a load that has ended drains does not make it longer', async (t) => {
  const scene = await stage(t);
  const agents = await scene.twoAgents();
  const runId = await scene.running(agents, { plan });
  for (let at = 0; at < 6; at++) await scene.second(runId, at, agents);
  agents[0].send({ case: 'leaving', value: { runId, reason: 'agent a was told to end', atUs: 6_000_000 } });
  for (const agent of agents) agent.sendDone(runId, { loadUs: 2_000_000 });
  await scene.ended(runId);
  const { measuredUs, ending } = await scene.result(runId);
  t.equal(measuredUs, 2_000_000);
  t.equal(ending.kind, 'completed');
});
