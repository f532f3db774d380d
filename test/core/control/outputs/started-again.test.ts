/** Outputs of a control that is started again, and a control's own ones, which get every run. */
import { join } from 'node:path';
import t from 'tap';
import type { OutputPlugin } from '../../../../core/plugin.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { longPlan, stage } from '../scene/stage.ts';
import { comesBack, Kept, planWith, seconds, sumsOf } from './kept.ts';

t.test(
  'a control that is started again gives the last minute again, and the sums stay those of the result',
  async (t) => {
    const store = join(t.testdir(), 'bench.sqlite');
    const kept = new Kept();
    const before = await stage(t, { store, outputs: { kept: () => kept } });
    const agent = await before.agent();
    const runId = await before.running([agent], { plan: planWith(10, 'kept') });
    await seconds(before, runId, agent, 0, 4);
    agent.cut();
    // Nobody ends it in order: what it knows is what it has stored. Its clock stands still from here on, as it would end the
    // run too, without what it did not see.
    const after = await stage(t, { store, clock: sceneClock(before.clock.nowUs()), outputs: { kept: () => kept } });
    await comesBack(after, runId, agent);
    t.equal((await after.ended(runId)).state, RunState.FINISHED);
    const result = await after.result(runId);
    t.same(kept.sums, sumsOf(result));
    t.same(kept.sums, [30, 10]);
  },
);

t.test('a control gives its own outputs every run, and hides their secrets', async (t) => {
  const kept = new Kept();
  const open: OutputPlugin['open'] = (_, { note }) => {
    note('hunter2 is slow');
    return kept;
  };
  const { plugin } = { plugin: { name: 'kept', description: '', options: undefined as never, open } };
  const hide = (text: string) => text.replaceAll('hunter2', '***');
  const own = { name: 'kept', plugin, options: {}, hide };
  const bad = {
    ...own,
    name: 'bad',
    plugin: {
      ...plugin,
      open: () => {
        throw new Error('hunter2 is refused');
      },
    },
  };
  const scene = await stage(t, { ofControl: [own, bad] });
  const agent = await scene.agent();
  const runId = await scene.running([agent], { plan: longPlan(3) });
  await seconds(scene, runId, agent, 0, 3);
  agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(kept.sums, sumsOf(result));
  const texts = result.events.map(({ text }) => text);
  t.ok(texts.some((text) => text.startsWith('output bad failed: *** is refused')));
  t.ok(texts.includes('output kept: *** is slow'));
});

t.test('a secret of the plan that is gone when control is started again leaves control its own outputs', async (t) => {
  const store = join(t.testdir(), 'bench.sqlite');
  const kept = new Kept();
  const plugin = {
    kind: 'output',
    name: 'kept',
    description: '',
    options: undefined as never,
    open: () => kept,
  } as const;
  const ofControl = [{ name: 'kept', plugin, options: {}, hide: (text: string) => text }];
  const outputs = { chat: () => new Kept() };
  process.env.BENCH_TEST_HOOK = 'http://127.0.0.1:1';
  const before = await stage(t, { store, ofControl, outputs });
  const agent = await before.agent();
  const plan = { ...longPlan(10), outputs: { chat: { options: { url: `\${env:BENCH_TEST_HOOK}` } } } };
  const runId = await before.running([agent], { plan });
  await seconds(before, runId, agent, 0, 4);
  agent.cut();
  delete process.env.BENCH_TEST_HOOK;
  kept.seconds.clear();
  const after = await stage(t, { store, clock: sceneClock(before.clock.nowUs()), ofControl, outputs });
  await comesBack(after, runId, agent);
  await after.ended(runId);
  const result = await after.result(runId);
  t.ok(result.events.some(({ text }) => text.startsWith('the outputs cannot be opened: ')));
  t.same(kept.sums, sumsOf(result));
});
