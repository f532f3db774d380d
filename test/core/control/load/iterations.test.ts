/** Iterations stay with the agent that has them from the start, and nobody says otherwise. */
import t from 'tap';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import type { RunResult } from '../../../../core/stats/result.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { fakePlan, stage } from '../scene/stage.ts';

const operations = [{ driver: 'fake', operation: 'upload' }];
const size = { vus: 2, iterations: 40, maxDuration: '600s', operations };
const shared = { executor: 'shared-iterations', ...size } as const;
const perVu = { executor: 'per-vu-iterations', ...size } as const;

const counted: PlanInput = { ...fakePlan, scenarios: { some: shared, others: perVu } };
const mixed: PlanInput = {
  ...fakePlan,
  scenarios: { some: shared, devices: { executor: 'constant-vus', vus: 2, duration: '20s', operations } },
};

const toldToEnd = (runId: string) =>
  ({ case: 'leaving', value: { runId, reason: 'agent b was told to end', atUs: 2e6 } }) as const;
const texts = ({ events }: RunResult) => events.map(({ text }) => text).join('\n');
const complete = ({ validity }: RunResult) => validity.find(({ name }) => name === 'agents-complete');

t.test('a lost agent is missing to the end of its iterations: nobody takes them over', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: counted });
  for (let at = 0; at < 5; at++) await scene.second(runId, at, [a, b]);
  b.freeze();
  for (let at = 5; at < 30; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.agents[1]?.missing, [{ fromSecond: 5, toSecond: 30, share: 0.5 }]);
  t.notMatch(texts(result), /share of agent/);
  t.ok(a.received.every(({ case: kind }) => kind !== 'loadChange'));
  t.equal(complete(result)?.ok, false);
});

t.test('an agent that is told to end stops such a run: it goes on nowhere', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: counted });
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [a, b]);
  b.send(toldToEnd(runId));
  b.sendDone(runId);
  await scene.clock.until(a.next('stop'));
  a.sendDone(runId);
  await scene.ended(runId);
  t.same((await scene.result(runId)).ending, { kind: 'stopped', by: 'request', reason: 'agent b was told to end' });
});

t.test('one that comes to such a run has nothing to do there, and waits for the next', async (t) => {
  const scene = await stage(t);
  const a = await scene.agent({ name: 'a' });
  const runId = await scene.running([a], { plan: counted, policy: { elastic: true } });
  const b = await scene.agent({ name: 'b' });
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  t.ok(b.received.every(({ case: kind }) => kind === 'welcome'));
  t.equal((await scene.result(runId)).agents.length, 1);
});

t.test(
  'beside another scenario, the rest of the load goes to others, and the whole share counts as missing',
  async (t) => {
    const scene = await stage(t);
    const [a, b] = await scene.twoAgents();
    const runId = await scene.running([a, b], { plan: mixed });
    for (let at = 0; at < 2; at++) await scene.second(runId, at, [a, b]);
    b.send(toldToEnd(runId));
    b.sendDone(runId);
    const change = (await scene.clock.until(a.next('loadChange'))).change;
    t.equal(change.case === 'share' && change.value.slots.length / change.value.of, 1);
    for (let at = 2; at < 30; at++) await scene.second(runId, at, [a]);
    a.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.same(result.ending, { kind: 'completed' });
    t.same(result.agents[1]?.missing, [{ fromSecond: 2, toSecond: 30, share: 0.5 }]);
    t.match(texts(result), /the share of agent b, 50 % of the load, goes to another agent, but not its iterations/);
    t.equal(complete(result)?.ok, false);
  },
);

t.test('and what one has taken over is missing beside its iterations when it is lost in its turn', async (t) => {
  const scene = await stage(t);
  const agents = await scene.twoAgents();
  const c = await scene.agent({ name: 'c' });
  const runId = await scene.running([...agents, c], { plan: mixed });
  const [a, b] = agents;
  await scene.second(runId, 0, [a, b, c]);
  await scene.second(runId, 1, [a, b, c]);
  b.send(toldToEnd(runId));
  b.sendDone(runId);
  for (let at = 2; at < 6; at++) await scene.second(runId, at, [a, c]);
  a.freeze();
  for (let at = 6; at < 30; at++) await scene.second(runId, at, [c]);
  c.sendDone(runId);
  await scene.ended(runId);
  const { missing = [] } = (await scene.result(runId)).agents[0] ?? {};
  matchEach(t, missing, [
    { fromSecond: 6, share: 0.5 },
    { toSecond: 30, share: 1 / 3 },
  ]);
  t.equal(missing[0]?.toSecond, missing[1]?.fromSecond);
});
