/** Monitors that fail, or hang: the run goes on without them, and can be stopped at any time. */
import t from 'tap';
import { MONITOR_OPEN_LIMIT_US } from '../../../../core/control/limits.ts';
import type { Monitor } from '../../../../core/plugin.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { fakePlan, stage } from '../scene/stage.ts';

const never = () => new Promise<never>(() => {});
const monitors = { stuck: {}, good: {} };

t.test('monitors that fail are noted once and are not fatal', async (t) => {
  let samples = 0;
  const scene = await stage(t, {
    monitors: {
      away: () => {
        throw new Error('connection refused');
      },
      flaky: () => ({
        sample: async () => {
          if (++samples < 3) throw new Error('HTTP 500');
          return { depth: samples, nothing: Number.NaN };
        },
        close: () => {},
      }),
      stuck: () => ({ sample: () => new Promise(() => {}), close: () => {} }),
    },
  });
  const agent = await scene.agent();
  const runId = await scene.running([agent], { plan: { ...fakePlan, monitors: { away: {}, flaky: {}, stuck: {} } } });
  for (let second = 0; second < 3; second++) {
    agent.window(second + 1, second, [{ responseUs: [1000] }]);
    agent.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  }
  agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.events.map(({ text }) => text).sort(), [
    'monitor away cannot be opened: connection refused',
    'monitor flaky answers again',
    'monitor flaky failed: HTTP 500',
    'monitor stuck failed: no answer within 0.9 s',
  ]);
  t.same(result.monitors, [{ name: 'flaky.depth', seconds: [2], values: [3] }]);
});

t.test('a monitor that hangs while it opens, or closes, is told of; the others have their values', async (t) => {
  let isClosed = false;
  const good: Monitor = {
    sample: async () => ({ depth: 7 }),
    close: () => {
      isClosed = true;
    },
  };
  for (const [stuck, sentence] of [
    [never, 'monitor stuck cannot be opened: it took longer than 10 s'],
    [() => ({ sample: async () => ({}), close: never }), 'monitor stuck could not be closed: it took longer than 10 s'],
  ] as const) {
    const scene = await stage(t, { monitors: { stuck, good: () => good } });
    const agent = await scene.agent();
    const runId = await scene.running([agent], { plan: { ...fakePlan, monitors } });
    agent.window(1, 0, [{ responseUs: [1000] }]);
    agent.sendWindow(runId, 1);
    agent.sendDone(runId);
    t.equal((await scene.ended(runId)).state, RunState.FINISHED);
    const result = await scene.result(runId);
    matchEach(t, result.monitors, [{ name: 'good.depth' }]);
    t.same(
      result.events.map(({ text }) => text).filter((text) => text.startsWith('monitor')),
      [sentence],
    );
    t.ok(isClosed);
    isClosed = false;
  }
});

t.test('a run whose monitor hangs while it opens can be stopped; one that opens after all is closed', async (t) => {
  const opening = Promise.withResolvers<Monitor>();
  const scene = await stage(t, { monitors: { stuck: () => opening.promise } });
  const agent = await scene.agent();
  const runId = await scene.start({ ...fakePlan, monitors: { stuck: {} } });
  await scene.clock.advance(1e6);
  const stoppedUs = scene.clock.nowUs();
  await scene.stop(runId, 'Ctrl-C');
  t.match(await scene.ended(runId), { state: RunState.FAILED, reason: 'stopped before the load began: Ctrl-C' });
  t.ok(scene.clock.nowUs() - stoppedUs < MONITOR_OPEN_LIMIT_US);
  const closed = new Promise<void>((resolve) => opening.resolve({ sample: never, close: resolve }));
  await scene.clock.until(closed);
  const next = await scene.start(fakePlan);
  t.equal((await scene.clock.until(agent.next('assignment'))).runId, next, 'its agent is free for the next run');
});

t.test('of what a source says of itself, a hundred things are in the result', async (t) => {
  const facts = Array.from({ length: 1000 }, (_, i) => [`fact ${i} ${'\u009b'.repeat(1000)}`, 'x'.repeat(10_000)]);
  const talkative = () => ({
    sample: async () => ({}),
    describe: async () => Object.fromEntries(facts),
    close: () => {},
  });
  const scene = await stage(t, { monitors: { talkative } });
  const agent = await scene.agent();
  const runId = await scene.running([agent], { plan: { ...fakePlan, monitors: { talkative: {} } } });
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  agent.sendDone(runId);
  await scene.ended(runId);
  const { targetEnvironment, events } = await scene.result(runId);
  t.equal(Object.keys(targetEnvironment).length, 100);
  t.ok(JSON.stringify(targetEnvironment).length < 300_000);
  t.notMatch(JSON.stringify(targetEnvironment), /\u009b/);
  t.match(
    events.map(({ text }) => text),
    ['monitor talkative says 1000 things of its source: 100 are in the result'],
  );
});
