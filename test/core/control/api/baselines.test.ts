import t from 'tap';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import { RunService } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { createClient } from '../../../../proto/rpc/adapter.ts';
import { accessTo } from '../../../kit/local-access.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { servedControl } from '../scene/served-control.ts';
import { fakePlan, stage } from '../scene/stage.ts';
import { newRun, storeFile } from '../scene/stored-runs.ts';

t.test('a control names runs of its store, and forgets names', async (t) => {
  const store = storeFile(t);
  const before = await RunStore.open(store);
  await before.addRun(newRun('ended'));
  await before.endRun('ended', { state: 'finished', reason: '', verdict: 'pass', result: new Uint8Array([1]) });
  await before.addRun(newRun('broken'));
  await before.endRun('broken', { state: 'failed', reason: 'no agents' });
  await before.close();
  const control = await servedControl(t, { store });
  const runs = createClient(RunService, control.address, accessTo(control.address));
  t.teardown(() => runs.close());
  await runs.setBaseline({ name: 'main', runIds: ['ended'] });
  matchEach(t, (await runs.listBaselines({})).baselines, [{ name: 'main', runIds: ['ended'], setAt: /^\d{4}-.*Z$/ }]);
  const set = (name: string, ...runIds: string[]) => runs.setBaseline({ name, runIds });
  await t.rejects(set('a b', 'ended'), { code: 'INVALID_ARGUMENT', message: /1 to 80 letters/ });
  await t.rejects(set('main.json', 'ended'), { code: 'INVALID_ARGUMENT', message: /no \.json at its end/ });
  await t.rejects(set('main'), { code: 'INVALID_ARGUMENT', message: /1 to 100 runs/ });
  await t.rejects(set('main', 'nothing'), { code: 'NOT_FOUND', message: /there is no run nothing/ });
  await t.rejects(set('main', 'broken'), { code: 'FAILED_PRECONDITION', message: /broken has no result/ });
  t.equal((await runs.listBaselines({})).baselines.length, 1, 'what was refused changes nothing');
  await runs.removeBaseline({ name: 'main' });
  await t.rejects(runs.removeBaseline({ name: 'main' }), { code: 'NOT_FOUND', message: /no baseline main/ });
});

t.test('a criterion against a baseline needs its figure, whoever starts the run', async (t) => {
  const scene = await stage(t);
  const criterion = 'p95 <= baseline + 10%';
  const plan = { ...fakePlan, thresholds: [criterion] };
  await t.rejects(scene.start(plan), { code: 'INVALID_ARGUMENT', message: /the run has none: name one/ });
  const baseline = { name: 'main', runIds: ['before'], figures: { [criterion]: Number.NaN } };
  await t.rejects(scene.start(plan, 1, 30e6, { baseline }), { code: 'INVALID_ARGUMENT' }, 'a figure is a number');
  const right = { ...baseline, figures: { [criterion]: 1000 } };
  t.ok(await scene.start(plan, 1, 30e6, { baseline: right }));
});
