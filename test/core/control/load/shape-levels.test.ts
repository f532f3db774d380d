import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LoadShape } from '../../../../core/plan/load/shape.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { memoryTransport } from '../scene/scripted-agent.ts';
import { stage } from '../scene/stage.ts';

const plan: PlanInput = {
  name: 'shaped',
  scenarios: {
    steps: {
      executor: 'shape',
      shape: './steps.ts',
      maxVus: 100,
      maxDuration: '60s',
      operations: [{ driver: 'fake', operation: 'upload' }],
    },
  },
};

/** Levels as an agent is told them: [second, from, to], or [second] for the end. */
async function told(t: Test, shape: LoadShape, seconds: number, warmup = '0s') {
  const scene = await stage(t, { shape });
  const agent = await scene.agent();
  const runId = await scene.start({ ...plan, warmup });
  await scene.clock.until(agent.prepare());
  await scene.clock.until(agent.next('start'));
  const before = agent.received.filter((message) => message.case === 'loadLevel').length;
  await scene.clock.advance((seconds + 1.15) * 1e6);
  const levels = agent.received.flatMap((message) => {
    if (message.case !== 'loadLevel') return [];
    const { second, from, to, ended } = message.value;
    return [ended ? [second] : [second, from, to]];
  });
  return { scene, agent, runId, before, levels };
}

t.test('a shape is asked second by second, ahead of the load, until it says that the load ends', async (t) => {
  const shape: LoadShape = (second) => (second < 2 ? 10 : second < 4 ? { level: 30, spawnRate: 15 } : undefined);
  const { levels, before } = await told(t, shape, 5);
  t.same(levels, [[0, 10, 10], [1, 10, 10], [2, 10, 25], [3, 25, 30], [4]]);
  t.equal(before, 2, 'seconds 0 and 1 are told before the start');
});

t.test('a pause takes nothing from the levels: agents know from when to when it is', async (t) => {
  const scene = await stage(t, { shape: (second) => (second < 9 ? 10 : undefined) });
  const agent = await scene.agent();
  const [steps] = Object.values(plan.scenarios);
  const rate = { ...plan, scenarios: { steps: { ...steps, load: 'rate' } } } as PlanInput;
  const runId = await scene.running([agent], { plan: rate });
  await scene.change(runId, { change: { case: 'pause', value: {} } });
  await scene.clock.advance(3e6);
  const levels = agent.received.flatMap(({ case: kind, value }) =>
    kind === 'loadLevel' ? [value.from, value.to] : [],
  );
  t.ok(levels.length > 6);
  t.ok(levels.every((level) => level === 10));
  await scene.stop(runId, 'enough');
});

t.test('the warm-up runs at the level of second 0', async (t) => {
  const { levels } = await told(t, (second) => (second + 1) * 10, 2, '2s');
  t.same(
    levels.map(([, from]) => from),
    [10, 10, 10, 20],
  );
});

t.test('a shape that fails while the run goes on stops it, and says so', async (t) => {
  const shape: LoadShape = (second) => {
    if (second === 3) throw new Error('no idea');
    return 10;
  };
  const { scene, agent, runId } = await told(t, shape, 2);
  await scene.clock.until(agent.next('stop'));
  agent.sendDone(runId);
  const { state } = await scene.ended(runId);
  t.equal(state, RunState.FINISHED);
  t.match((await scene.result(runId)).ending, {
    kind: 'stopped',
    by: 'failure',
    reason: 'the shape of scenario "steps" failed (no idea) at second 3',
  });
});

t.test('a shape that gives no level from the start keeps the run from starting', async (t) => {
  const scene = await stage(t, { shape: () => Number.NaN });
  const agent = await scene.agent();
  const runId = await scene.start(plan);
  await scene.clock.until(agent.prepare());
  const { state, reason } = await scene.ended(runId);
  t.equal(state, RunState.FAILED);
  t.equal(
    reason,
    'the shape of scenario "steps" gave NaN as its level, which must be a number from 0 or undefined, at second 0',
  );
});

t.test('an agent that is away when the load ends hears of it when it is back', async (t) => {
  const { scene, agent, runId } = await told(t, (second) => (second < 5 ? 10 : undefined), 2);
  agent.cut();
  await scene.clock.advance(4e6);
  void agent.join(memoryTransport(scene.control));
  await scene.clock.until(agent.next('welcome'));
  const levels = await Promise.all([agent.next('loadLevel'), agent.next('loadLevel')]);
  matchEach(t, levels, [
    { second: 4, ended: false },
    { second: 5, ended: true },
  ]);
  agent.sendDone(runId);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
});

t.test('control that takes a run up tells of the seconds that are ahead, not of those that are over', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const shape: LoadShape = (second) => (second < 8 ? { level: 5 * (second + 1), spawnRate: 3 } : undefined);
  const asked: number[] = [];
  const first = await stage(t, { shape, store });
  const agent = await first.agent();
  const runId = await first.start(plan);
  await first.clock.until(agent.prepare());
  await first.clock.until(agent.next('start'));
  await first.clock.advance(3e6);
  agent.cut();

  const counted: LoadShape = (second) => {
    asked.push(second);
    return shape(second);
  };
  const clock = sceneClock(first.clock.nowUs() + 2e6);
  const second = await stage(t, { shape: counted, store, clock });
  await clock.advance(10_000);
  const back = await second.agent(agent);
  await clock.advance(6e6);
  const levels = back.received.flatMap((message) => (message.case === 'loadLevel' ? [message.value] : []));
  t.same(asked, [0, 1, 2, 3, 4, 5, 6, 7, 8], 'where the level comes from is made up for');
  const seconds = [...new Set(levels.map(({ second }) => second))];
  t.ok((seconds[0] ?? 0) >= 4, JSON.stringify(seconds));
  t.equal(seconds.at(-1), 8);
  for (const { second, from, to, ended } of levels) t.same([from, to], ended ? [0, 0] : [3 * second, 3 * (second + 1)]);
  back.sendDone(runId);
  t.equal((await second.ended(runId)).state, RunState.FINISHED);
});
